import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern } from "aws-cdk-lib/aws-logs";
import { CfnCondition, Fn, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EventsApi } from "./events-api.ts";
import type { EventsTable } from "./events-table.ts";
import { AccountBudget } from "./monitoring/account-budget.ts";
import { EventsDashboard } from "./monitoring/dashboard.ts";
import { Recipients } from "./monitoring/recipients.ts";
import { rules } from "./monitoring/rules.ts";
import type { Site } from "./site.ts";
import type { Stage } from "./stages.ts";

export interface MonitoringProps {
  readonly stage: Stage;
  readonly table: EventsTable;
  readonly api: EventsApi;
  readonly site: Site;
}

/** Alarms, which notify the stage's recipients, a dashboard, and a budget. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { stage, api } = props;
    const { stackName, region } = Stack.of(this);
    const { actions } = new Recipients(this, "Recipients", stage);

    // API Gateway has no metric of its own for 429. It may leave some of many out of its log.
    const throttled = api.accessLog
      .addMetricFilter("Throttled", {
        filterPattern: FilterPattern.stringValue("$.status", "=", "429"),
        metricNamespace: stackName,
        metricName: "ThrottledRequests",
      })
      .metric({ statistic: "Sum" });

    const watched = { ...props, throttled };
    const alarms = rules(watched).map(({ id, metric, threshold, periods, description, global }) => {
      const alarm = new Alarm(this, id, {
        alarmDescription: `${stackName}: ${description}`,
        metric,
        threshold,
        evaluationPeriods: periods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // No data means no requests.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
      if (global) {
        // An alarm looks at metrics of its own region only.
        (alarm.node.defaultChild as CfnAlarm).cfnOptions.condition = new CfnCondition(
          this,
          "InUsEast1",
          { expression: Fn.conditionEquals(region, "us-east-1") },
        );
      }
      return { alarm, global };
    });
    new EventsDashboard(this, "Dashboard", {
      ...watched,
      // In other regions a global alarm does not exist, so the dashboard cannot name it.
      alarms: alarms.filter(({ global }) => !global).map(({ alarm }) => alarm),
    });
    if (stage.budget) new AccountBudget(this, "Budget", stage.budget);
  }
}
