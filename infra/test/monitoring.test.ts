import assert from "node:assert/strict";
import { test } from "node:test";
import { readAppName } from "../lib/app-name.ts";
import { routes } from "../lib/routes.ts";
import { accepted, asText, type Json, stack, stackLike, stageNames } from "./support.ts";

const { slug } = readAppName();
const alarmTopic = "arn:aws:sns:eu-central-1:123456789012:alarms";

/** The metric of an alarm, like `AWS/Lambda Errors Sum 300`, or all metrics of an expression. */
function metricOf({ Namespace, MetricName, Statistic, ExtendedStatistic, Period, Metrics }: Json) {
  if (Metrics === undefined) {
    return `${Namespace} ${MetricName} ${Statistic ?? ExtendedStatistic} ${Period}`;
  }
  return Metrics.map(({ Expression, MetricStat }: Json) => {
    if (Expression) return Expression;
    const { Metric, Stat, Period } = MetricStat;
    const operation = Metric.Dimensions.find(({ Name }: Json) => Name === "Operation");
    return [Metric.Namespace, Metric.MetricName, operation?.Value, Stat, Period]
      .filter((part) => part !== undefined)
      .join(" ");
  });
}

for (const stage of stageNames) {
  test(`${stage}: alarms for errors, latency and throttles`, () => {
    const { resources } = stack(stage);
    const alarms = resources("AWS::CloudWatch::Alarm").map(({ path, Properties }) => [
      path.replace(/^Monitoring\/(.*)\/Resource$/, "$1"),
      [metricOf(Properties), Properties.Threshold, Properties.EvaluationPeriods],
    ]);
    const actions = routes.map(({ action }) => action);
    assert.deepEqual(Object.fromEntries(alarms), {
      ServerErrors: ["AWS/ApiGateway 5xx Sum 300", 5, 1],
      ClientErrors: [
        [
          "IF(requests >= 100, 100 * errors / requests, 0)",
          "AWS/ApiGateway Count Sum 300",
          "AWS/ApiGateway 4xx Sum 300",
        ],
        50,
        3,
      ],
      ThrottledRequests: [`${slug}-${stage} ThrottledRequests Sum 300`, 100, 1],
      SlowResponses: ["AWS/ApiGateway Latency p99 300", 2_000, 3],
      ...Object.fromEntries(
        routes.flatMap(({ name }) => [
          [`${name}-errors`, ["AWS/Lambda Errors Sum 300", 1, 1]],
          [`${name}-throttles`, ["AWS/Lambda Throttles Sum 300", 1, 1]],
        ]),
      ),
      Concurrency: ["AWS/Lambda ConcurrentExecutions Maximum 300", 8, 1],
      TableThrottles: [
        [
          actions.map((action) => action.toLowerCase()).join(" + "),
          ...actions.map((action) => `AWS/DynamoDB ThrottledRequests ${action} Sum 300`),
        ],
        1,
        1,
      ],
      PageErrors: ["AWS/CloudFront 5xxErrorRate Average 300", 5, 1],
    });
    for (const { path, Properties } of resources("AWS::CloudWatch::Alarm")) {
      assert.equal(Properties.ComparisonOperator, "GreaterThanOrEqualToThreshold", path);
      assert.equal(Properties.TreatMissingData, "notBreaching", path);
    }
  });

  test(`${stage}: the page's alarm exists where its metric is, in us-east-1`, () => {
    const { template, resource, resources } = stack(stage);
    for (const { path, Condition, Properties } of resources("AWS::CloudWatch::Alarm")) {
      const global = Properties.Namespace === "AWS/CloudFront";
      assert.equal(Condition !== undefined, global, path);
      if (!Condition) continue;
      assert.deepEqual(template.Conditions[Condition], {
        "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"],
      });
      // Else the dashboard names a resource that does not exist in other regions.
      const { DashboardBody } = resource("AWS::CloudWatch::Dashboard").Properties;
      assert.doesNotMatch(JSON.stringify(DashboardBody), /PageErrors/);
    }
  });

  test(`${stage}: the gateway's throttled requests are counted in its log`, () => {
    const { resource, template } = stack(stage);
    const { FilterPattern, LogGroupName, MetricTransformations } =
      resource("AWS::Logs::MetricFilter").Properties;
    const { AccessLogSettings } = resource("AWS::ApiGatewayV2::Stage").Properties;
    assert.equal(FilterPattern, '{ $.status = "429" }');
    assert.equal(JSON.parse(AccessLogSettings.Format).status, "$context.status");
    assert.equal(AccessLogSettings.DestinationArn["Fn::GetAtt"][0], LogGroupName.Ref);
    assert.ok(template.Resources[LogGroupName.Ref]);
    assert.deepEqual(MetricTransformations, [
      {
        MetricName: "ThrottledRequests",
        MetricNamespace: `${slug}-${stage}`,
        MetricValue: "1",
      },
    ]);
  });

  test(`${stage}: each function's alarms have its metrics`, () => {
    const { template, resources } = stack(stage);
    const alarms = resources("AWS::CloudWatch::Alarm").filter(({ Properties }) => {
      return Properties.Namespace === "AWS/Lambda" && Properties.Dimensions;
    });
    assert.equal(alarms.length, 2 * routes.length);
    for (const { path, Properties } of alarms) {
      const [, route] = /^Monitoring\/(.*)-(errors|throttles)\//.exec(path) ?? [];
      const [{ Name, Value }] = Properties.Dimensions;
      assert.equal(Name, "FunctionName");
      const { Metadata } = template.Resources[Value.Ref];
      assert.ok(Metadata["aws:cdk:path"].includes(`/Api/${route}/`), path);
    }
  });

  test(`${stage}: the dashboard shows the alarms, the gateway, the functions and the table`, () => {
    const { resource } = stack(stage);
    const { DashboardName, DashboardBody } = resource("AWS::CloudWatch::Dashboard").Properties;
    // Dashboards of all regions of an account share their names.
    assert.equal(asText(DashboardName), `${slug}-${stage}-<AWS::Region>`);
    const text = DashboardBody["Fn::Join"][1]
      .map((part: Json) => (typeof part === "string" ? part : "REFERENCE"))
      .join("");
    const widgets = JSON.parse(text).widgets;
    assert.deepEqual(
      widgets.map(({ type, properties }: Json) => [type, properties.title]),
      [
        ["text", undefined],
        ["alarm", "Alarms"],
        ["metric", "Page: requests (left), errors in percent (right)"],
        ["metric", "Gateway: requests and errors"],
        ["metric", "Gateway: latency, ms"],
        ["metric", "Functions: calls"],
        ["metric", "Functions: errors (left), throttled calls (right)"],
        ["metric", "Functions: p99 duration, ms"],
        ["metric", "Functions of the account that ran at once"],
        ["metric", "Table: units read and written"],
        ["metric", "Table: throttled requests"],
        ["metric", "Table: latency, ms"],
      ],
    );
    for (const { name } of routes) assert.ok(text.includes(`"label":"${name}"`), name);
    const metrics = (title: string) =>
      widgets
        .find(({ properties }: Json) => properties.title?.startsWith(title))
        .properties.metrics.map((metric: Json[]) => metric.filter((m) => typeof m === "string"));
    // Metrics of the table leave the index out.
    for (const [title, names] of [
      ["Table: units", ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"]],
      ["Table: throttled", ["ReadThrottleEvents", "WriteThrottleEvents"]],
    ] as const) {
      const ofTheIndex = metrics(title)
        .filter((metric: string[]) => metric.includes("GlobalSecondaryIndexName"))
        .map(([namespace, name, ...others]: string[]) => {
          assert.deepEqual([namespace, others.includes("byDate")], ["AWS/DynamoDB", true]);
          return name;
        });
      assert.deepEqual(ofTheIndex, names, title);
    }
    // Whatever the region of the stack.
    const [page] = widgets.filter(({ properties }: Json) => properties.title?.startsWith("Page"));
    for (const metric of page.properties.metrics) {
      assert.equal(metric.at(-1).region, "us-east-1", metric[1]);
    }
  });
}

const alarms = 7 + 2 * routes.length;

test("every alarm notifies the stage's topic of its start and its end", () => {
  const { resources } = stackLike("dev", { alarmTopic });
  const all = resources("AWS::CloudWatch::Alarm");
  assert.equal(all.length, alarms);
  for (const { path, Properties } of all) {
    const { AlarmActions, OKActions } = Properties;
    assert.deepEqual([AlarmActions, OKActions], [[alarmTopic], [alarmTopic]], path);
  }
  assert.deepEqual(resources("AWS::SNS::Topic"), []);
});

test("prod: every alarm is mailed, by a topic that takes what CloudWatch publishes", () => {
  const { resource, resources } = stack("prod");
  const topic = { Ref: resource("AWS::SNS::Topic").id };
  const all = resources("AWS::CloudWatch::Alarm");
  assert.equal(all.length, alarms);
  for (const { path, Properties } of all) {
    const { AlarmActions, OKActions } = Properties;
    assert.deepEqual([AlarmActions, OKActions], [[topic], [topic]], path);
  }
  assert.deepEqual(resource("AWS::SNS::Subscription").Properties, {
    Endpoint: accepted.alarmEmail,
    Protocol: "email",
    TopicArn: topic,
  });
  const { PolicyDocument, Topics } = resource("AWS::SNS::TopicPolicy").Properties;
  assert.deepEqual(Topics, [topic]);
  assert.deepEqual(
    PolicyDocument.Statement.map(({ Effect, Principal, Condition }: Json) => [
      Effect,
      Principal,
      Condition,
    ]),
    [
      ["Deny", "*", { Bool: { "aws:SecureTransport": "false" } }],
      [
        "Allow",
        { Service: "cloudwatch.amazonaws.com" },
        { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
      ],
    ],
  );
});

test("a stage may have a topic and an address", () => {
  const { resource, resources } = stackLike("prod", { alarmTopic });
  const topic = { Ref: resource("AWS::SNS::Topic").id };
  for (const { path, Properties } of resources("AWS::CloudWatch::Alarm")) {
    assert.deepEqual(Properties.AlarmActions, [alarmTopic, topic], path);
  }
});

test("prod: a budget mails before, when and if the month costs more", () => {
  const { Budget, NotificationsWithSubscribers } =
    stack("prod").resource("AWS::Budgets::Budget").Properties;
  // Its name would have to be unique in the account: it has none.
  assert.deepEqual(Budget, {
    BudgetType: "COST",
    TimeUnit: "MONTHLY",
    BudgetLimit: { Amount: accepted.budgetUsd, Unit: "USD" },
  });
  const mailed = NotificationsWithSubscribers.map(({ Notification, Subscribers }: Json) => {
    assert.deepEqual(Subscribers, [{ Address: accepted.alarmEmail, SubscriptionType: "EMAIL" }]);
    assert.equal(Notification.ComparisonOperator, "GREATER_THAN");
    assert.equal(Notification.ThresholdType, "PERCENTAGE");
    return `${Notification.NotificationType} ${Notification.Threshold}`;
  });
  assert.deepEqual(mailed, ["ACTUAL 80", "ACTUAL 100", "FORECASTED 100"]);
});

test("local and dev tell nobody unless told to", () => {
  for (const stage of ["local", "dev"] as const) {
    const { resources } = stack(stage);
    for (const type of ["AWS::SNS::Topic", "AWS::Budgets::Budget"]) {
      assert.deepEqual(resources(type), [], `${stage}: ${type}`);
    }
    for (const { path, Properties } of resources("AWS::CloudWatch::Alarm")) {
      assert.equal(Properties.AlarmActions, undefined, `${stage}: ${path}`);
    }
  }
});
