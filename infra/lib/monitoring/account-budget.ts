import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { Construct } from "constructs";
import type { Budget } from "../stages/notifications.ts";

/**
 * Mails when the month's cost passes 80% and 100% of the budget, and when AWS forecasts that it
 * will pass it. It counts the whole account: a filter by tag would count nothing until somebody
 * activates the tag for billing. AWS updates the cost about three times a day.
 *
 * It has no name: the name would have to be unique in the account, whatever the region is.
 */
export class AccountBudget extends CfnBudget {
  constructor(scope: Construct, id: string, { usd, email }: Budget) {
    const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      notification: {
        notificationType,
        comparisonOperator: "GREATER_THAN",
        threshold,
        thresholdType: "PERCENTAGE",
      },
      subscribers: [{ subscriptionType: "EMAIL", address: email }],
    });
    super(scope, id, {
      budget: {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: usd, unit: "USD" },
      },
      notificationsWithSubscribers: [
        notify("ACTUAL", 80),
        notify("ACTUAL", 100),
        notify("FORECASTED", 100),
      ],
    });
  }
}
