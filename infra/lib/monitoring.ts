import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Operation } from "aws-cdk-lib/aws-dynamodb";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EventsApi } from "./events-api.ts";
import type { EventsTable } from "./events-table.ts";
import { EventsDashboard } from "./monitoring/dashboard.ts";
import { routes } from "./routes.ts";
import type { Stage } from "./stages.ts";

export interface MonitoringProps {
  readonly stage: Stage;
  readonly table: EventsTable;
  readonly api: EventsApi;
}

interface Rule {
  readonly id: string;
  readonly metric: IMetric;
  /** The alarm needs it to be reached in `periods` consecutive periods of the metric. */
  readonly threshold: number;
  readonly periods: number;
  readonly description: string;
}

/** Alarms, which notify the stage's topic, and a dashboard. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { stage, table, api }: MonitoringProps) {
    super(scope, id);
    const { alarmTopic } = stage;
    const { stackName } = Stack.of(this);
    const action =
      alarmTopic === undefined
        ? undefined
        : new SnsAction(Topic.fromTopicArn(this, "Topic", alarmTopic));

    const alarms = rules(table, api).map(({ id, metric, threshold, periods, description }) => {
      const alarm = new Alarm(this, id, {
        alarmDescription: `${stackName}: ${description}`,
        metric,
        threshold,
        evaluationPeriods: periods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // No data means no requests.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (action) {
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
      return alarm;
    });
    new EventsDashboard(this, "Dashboard", { table, api, alarms });
  }
}

/** A metric without a period has that of CDK, five minutes. */
function rules({ table }: EventsTable, { gateway, functions }: EventsApi): Rule[] {
  return [
    {
      id: "ServerErrors",
      metric: gateway.metricServerError({ statistic: Stats.SUM }),
      threshold: 5,
      periods: 1,
      description: "5 responses in 5 minutes were server errors (5xx)",
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
      id: "TableThrottles",
      metric: table.metricThrottledRequestsForOperations({
        operations: routes.map(({ action }) => action as Operation),
      }),
      threshold: 1,
      periods: 1,
      description: "the table throttled requests: too many at once, or too many for one partition",
    },
  ];
}
