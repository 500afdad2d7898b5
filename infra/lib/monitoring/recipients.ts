import type { IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Stack, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { Notifications } from "../stages/notifications.ts";

/** The topics that alarms notify: the stage's, and one that mails to its address. */
export class Recipients extends Construct {
  readonly actions: readonly IAlarmAction[];

  constructor(scope: Construct, id: string, { alarmEmail, alarmTopic }: Notifications) {
    super(scope, id);
    const topics = [];
    if (alarmTopic !== undefined) topics.push(Topic.fromTopicArn(this, "Given", alarmTopic));
    if (alarmEmail !== undefined) topics.push(this.mailing(alarmEmail));
    this.actions = topics.map((topic) => new SnsAction(topic));
  }

  private mailing(address: string): Topic {
    // Without a key: CloudWatch may not use that of SNS, and one of our own costs a dollar a month.
    const topic = new Topic(this, "Mail", { enforceSSL: true });
    const subscription = topic.addSubscription(new EmailSubscription(address));
    // The policy that requires TLS replaces the one by which the account's alarms may publish.
    topic.grantPublish(
      new ServicePrincipal("cloudwatch.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    Validations.of(subscription).acknowledge({
      id: "Serverless-SNSRedrivePolicy",
      reason: "SNS retries mail for hours, and the alarm itself keeps its state.",
    });
    return topic;
  }
}
