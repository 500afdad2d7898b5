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
import type { EventsApi } from "../events-api.ts";
import type { EventsTable } from "../events-table.ts";
import { routes } from "../routes.ts";

export interface EventsDashboardProps {
  readonly table: EventsTable;
  readonly api: EventsApi;
  readonly alarms: Alarm[];
}

const half = { width: 12, height: 6 };
const third = { width: 8, height: 6 };

/** Alarms first, then along the path of a request: gateway, functions, table. */
export class EventsDashboard extends Dashboard {
  constructor(scope: Construct, id: string, props: EventsDashboardProps) {
    const { stackName } = Stack.of(scope);
    const { alarms } = props;
    const { gateway, functions } = props.api;
    const { table } = props.table;
    super(scope, id, {
      dashboardName: stackName,
      periodOverride: PeriodOverride.AUTO,
    });
    const ofEachRoute = (metric: (name: (typeof routes)[number]["name"]) => IMetric) =>
      routes.map(({ name }) => metric(name));

    this.addWidgets(
      new TextWidget({ markdown: `# ${stackName}`, width: 24, height: 1 }),
      new AlarmStatusWidget({ title: "Alarms", alarms, width: 24, height: 3 }),
    );
    this.addWidgets(
      new GraphWidget({
        ...half,
        title: "Gateway: requests and errors",
        left: [
          gateway.metricCount({ label: "requests", statistic: Stats.SUM }),
          gateway.metricClientError({ label: "4xx", statistic: Stats.SUM }),
          gateway.metricServerError({ label: "5xx", statistic: Stats.SUM }),
        ],
      }),
      new GraphWidget({
        ...half,
        title: "Gateway: latency, ms",
        left: [50, 99].map((percent) =>
          gateway.metricLatency({ label: `p${percent}`, statistic: Stats.percentile(percent) }),
        ),
      }),
    );
    this.addWidgets(
      new GraphWidget({
        ...third,
        title: "Functions: calls",
        left: ofEachRoute((name) => functions[name].metricInvocations({ label: name })),
      }),
      new GraphWidget({
        ...third,
        title: "Functions: errors (left), throttled calls (right)",
        left: ofEachRoute((name) => functions[name].metricErrors({ label: name })),
        right: ofEachRoute((name) => functions[name].metricThrottles({ label: `${name} refused` })),
      }),
      new GraphWidget({
        ...third,
        title: "Functions: p99 duration, ms",
        left: ofEachRoute((name) =>
          functions[name].metricDuration({ label: name, statistic: Stats.percentile(99) }),
        ),
      }),
    );
    this.addWidgets(
      new GraphWidget({
        ...third,
        title: "Table: units read and written",
        left: [
          table.metricConsumedReadCapacityUnits({ label: "read" }),
          table.metricConsumedWriteCapacityUnits({ label: "written" }),
        ],
      }),
      new GraphWidget({
        ...third,
        title: "Table: throttled requests",
        left: routes.map(({ name, action }) =>
          table.metricThrottledRequestsForOperation(action, {
            label: name,
            statistic: Stats.SUM,
          }),
        ),
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
