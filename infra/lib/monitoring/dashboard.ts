import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  PeriodOverride,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { index } from "../events-table.ts";
import { routes } from "../routes.ts";
import { concurrency, type Watched } from "./rules.ts";

export interface EventsDashboardProps extends Watched {
  readonly alarms: Alarm[];
}

const third = { width: 8, height: 6 };
const quarter = { width: 6, height: 6 };

/** Alarms first, then along the path of a request: page, gateway, functions, table. */
export class EventsDashboard extends Dashboard {
  constructor(scope: Construct, id: string, props: EventsDashboardProps) {
    const { stackName, region } = Stack.of(scope);
    const { alarms, site, throttled } = props;
    const { gateway, functions } = props.api;
    const { table } = props.table;
    super(scope, id, {
      // Dashboards of all regions share their names.
      dashboardName: `${stackName}-${region}`,
      periodOverride: PeriodOverride.AUTO,
    });
    const ofEachRoute = (metric: (name: (typeof routes)[number]["name"]) => IMetric) =>
      routes.map(({ name }) => metric(name));

    // CloudFront's metrics are in us-east-1 only.
    const ofThePage = { region: "us-east-1" };
    // Metrics of the table leave the index out.
    const ofTheIndex = (metricName: string, label: string) =>
      table.metric(metricName, {
        label,
        dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: index },
        statistic: Stats.SUM,
      });

    this.addWidgets(
      new TextWidget({ markdown: `# ${stackName}`, width: 24, height: 1 }),
      new AlarmStatusWidget({ title: "Alarms", alarms, width: 24, height: 3 }),
    );
    this.addWidgets(
      new GraphWidget({
        ...third,
        title: "Page: requests (left), errors in percent (right)",
        left: [site.distribution.metricRequests({ ...ofThePage, label: "requests" })],
        right: [
          site.distribution.metric4xxErrorRate({ ...ofThePage, label: "4xx" }),
          site.distribution.metric5xxErrorRate({ ...ofThePage, label: "5xx" }),
        ],
      }),
      new GraphWidget({
        ...third,
        title: "Gateway: requests and errors",
        left: [
          gateway.metricCount({ label: "requests", statistic: Stats.SUM }),
          gateway.metricClientError({ label: "4xx", statistic: Stats.SUM }),
          gateway.metricServerError({ label: "5xx", statistic: Stats.SUM }),
          throttled.with({ label: "429" }),
        ],
      }),
      new GraphWidget({
        ...third,
        title: "Gateway: latency, ms",
        left: [50, 99].map((percent) =>
          gateway.metricLatency({ label: `p${percent}`, statistic: Stats.percentile(percent) }),
        ),
      }),
    );
    this.addWidgets(
      new GraphWidget({
        ...quarter,
        title: "Functions: calls",
        left: ofEachRoute((name) => functions[name].metricInvocations({ label: name })),
      }),
      new GraphWidget({
        ...quarter,
        title: "Functions: errors (left), throttled calls (right)",
        left: ofEachRoute((name) => functions[name].metricErrors({ label: name })),
        right: ofEachRoute((name) => functions[name].metricThrottles({ label: `${name} refused` })),
      }),
      new GraphWidget({
        ...quarter,
        title: "Functions: p99 duration, ms",
        left: ofEachRoute((name) =>
          functions[name].metricDuration({ label: name, statistic: Stats.percentile(99) }),
        ),
      }),
      new GraphWidget({
        ...quarter,
        title: "Functions of the account that ran at once",
        left: [concurrency()],
      }),
    );
    this.addWidgets(
      new GraphWidget({
        ...third,
        title: "Table: units read and written",
        left: [
          table.metricConsumedReadCapacityUnits({ label: "read" }),
          table.metricConsumedWriteCapacityUnits({ label: "written" }),
          ofTheIndex("ConsumedReadCapacityUnits", "index: read"),
          ofTheIndex("ConsumedWriteCapacityUnits", "index: written"),
        ],
      }),
      new GraphWidget({
        ...third,
        title: "Table: throttled requests",
        left: [
          ...routes.map(({ name, action }) =>
            table.metricThrottledRequestsForOperation(action, {
              label: name,
              statistic: Stats.SUM,
            }),
          ),
          ofTheIndex("ReadThrottleEvents", "index: reads"),
          ofTheIndex("WriteThrottleEvents", "index: writes"),
        ],
      }),
      new GraphWidget({
        ...third,
        title: "Table: latency, ms",
        left: routes.map(({ name, action }) =>
          table.metricSuccessfulRequestLatency({
            label: name,
            dimensionsMap: { TableName: table.tableName, Operation: action },
            statistic: Stats.AVERAGE,
          }),
        ),
      }),
    );
  }
}
