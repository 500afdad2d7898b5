import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Operation } from "aws-cdk-lib/aws-dynamodb";
import type { EventsApi } from "../events-api.ts";
import type { EventsTable } from "../events-table.ts";
import { routes } from "../routes.ts";
import type { Site } from "../site.ts";
import type { Stage } from "../stages.ts";

export interface Watched {
  readonly stage: Stage;
  readonly table: EventsTable;
  readonly api: EventsApi;
  readonly site: Site;
  /** The requests that the gateway throttled. */
  readonly throttled: Metric;
}

/** What an alarm looks at. */
export interface Rule {
  readonly id: string;
  /** Without a period it has that of CDK, five minutes. */
  readonly metric: IMetric;
  /** The alarm needs it to be reached in `periods` consecutive periods of the metric. */
  readonly threshold: number;
  readonly periods: number;
  readonly description: string;
  /** Whether the metric is in us-east-1 whatever the region of the stack is. */
  readonly global?: boolean;
}

export function rules({ stage, table, api, site, throttled }: Watched): Rule[] {
  const { gateway, functions } = api;
  return [
    {
      id: "ServerErrors",
      metric: gateway.metricServerError({ statistic: Stats.SUM }),
      threshold: 5,
      periods: 1,
      description: "5 responses in 5 minutes were server errors (5xx)",
    },
    {
      id: "ClientErrors",
      metric: new MathExpression({
        // A few requests have no meaningful rate.
        expression: "IF(requests >= 100, 100 * errors / requests, 0)",
        label: "4xx, percent",
        usingMetrics: {
          requests: gateway.metricCount({ statistic: Stats.SUM }),
          errors: gateway.metricClientError({ statistic: Stats.SUM }),
        },
      }),
      threshold: 50,
      periods: 3,
      description: "for 15 minutes half of the responses were client errors (4xx)",
    },
    {
      id: "ThrottledRequests",
      metric: throttled,
      threshold: 100,
      periods: 1,
      description: "the gateway throttled 100 requests in 5 minutes (429)",
    },
    {
      id: "SlowResponses",
      metric: gateway.metricLatency({ statistic: Stats.percentile(99) }),
      threshold: 2_000,
      periods: 3,
      description: "for 15 minutes one response in a hundred took 2 seconds or more",
    },
    ...routes.flatMap(({ name }) => [
      {
        id: `${name}-errors`,
        metric: functions[name].metricErrors(),
        threshold: 1,
        periods: 1,
        description: `${name} crashed or timed out`,
      },
      {
        id: `${name}-throttles`,
        metric: functions[name].metricThrottles(),
        threshold: 1,
        periods: 1,
        description: `a call of ${name} was throttled: too many ran at once`,
      },
    ]),
    {
      id: "Concurrency",
      metric: concurrency(),
      threshold: Math.ceil(stage.accountConcurrency * 0.8),
      periods: 1,
      description: `four fifths of the account's ${stage.accountConcurrency} functions ran at once`,
    },
    {
      id: "TableThrottles",
      metric: table.table.metricThrottledRequestsForOperations({
        operations: routes.map(({ action }) => action as Operation),
      }),
      threshold: 1,
      periods: 1,
      description: "the table throttled requests: too many at once, or too many for one partition",
    },
    {
      id: "PageErrors",
      metric: site.distribution.metric5xxErrorRate(),
      threshold: 5,
      periods: 1,
      description: "in 5 minutes 5 percent of CloudFront's responses were server errors (5xx)",
      global: true,
    },
  ];
}

/** Of all functions of the account in the region: they share its quota. */
export function concurrency(): Metric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName: "ConcurrentExecutions",
    statistic: Stats.MAXIMUM,
  });
}
