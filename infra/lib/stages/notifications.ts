import type { InvalidSetting } from "./domains.ts";

/** Who is told when something fails or costs too much. */
export interface Notifications {
  /** Gets the alarms, once it has confirmed the subscription that SNS mails to it. */
  readonly alarmEmail?: string;
  /** ARN of an SNS topic that alarms notify too; it must let CloudWatch publish. */
  readonly alarmTopic?: string;
  /** Mails of AWS Budgets about the cost of the whole account. */
  readonly budget?: Budget;
}

export interface Budget {
  /** US dollars a month. */
  readonly usd: number;
  readonly email: string;
}

/** Whether somebody hears of failures and of the cost. */
export function hasRecipients({ alarmEmail, alarmTopic, budget }: Notifications): boolean {
  return (alarmEmail !== undefined || alarmTopic !== undefined) && budget !== undefined;
}

export function checkNotifications(notifications: Notifications): InvalidSetting[] {
  const { alarmEmail, alarmTopic, budget } = notifications;
  const invalid: InvalidSetting[] = [];
  const email = (setting: string, value: string | undefined) => {
    if (value !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
      invalid.push({ setting, value: JSON.stringify(value), rule: "must be an e-mail address" });
    }
  };
  email("alarmEmail", alarmEmail);
  email("budget.email", budget?.email);
  if (alarmTopic !== undefined && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/.test(alarmTopic)) {
    invalid.push({
      setting: "alarmTopic",
      value: alarmTopic,
      rule: "must be the ARN of an SNS topic",
    });
  }
  // Also refuses NaN.
  if (budget !== undefined && !(budget.usd > 0 && budget.usd <= 1e6)) {
    const rule = "must be an amount of US dollars, above 0 and at most 1000000";
    invalid.push({ setting: "budget.usd", value: budget.usd, rule });
  }
  return invalid;
}
