import assert from "node:assert/strict";
import { test } from "node:test";
import { readAppName } from "../lib/app-name.ts";
import { routes } from "../lib/routes.ts";
import { type Json, stack, stackLike, stageNames } from "./support.ts";

const { slug } = readAppName();
const alarmTopic = "arn:aws:sns:eu-central-1:123456789012:alarms";

/** The metric of an alarm, like `AWS/Lambda Errors Sum 300`, or all metrics of a sum. */
function metricOf({ Namespace, MetricName, Statistic, ExtendedStatistic, Period, Metrics }: Json) {
  if (Metrics === undefined) {
    return `${Namespace} ${MetricName} ${Statistic ?? ExtendedStatistic} ${Period}`;
  }
  return Metrics.filter(({ MetricStat }: Json) => MetricStat).map(({ MetricStat }: Json) => {
    const { Metric, Stat, Period } = MetricStat;
    const operation = Metric.Dimensions.find(({ Name }: Json) => Name === "Operation").Value;
    return `${Metric.Namespace} ${Metric.MetricName} ${operation} ${Stat} ${Period}`;
  });
}

for (const stage of stageNames) {
  test(`${stage}: alarms for errors, latency and throttles`, () => {
    const { resources } = stack(stage);
    const alarms = resources("AWS::CloudWatch::Alarm").map(({ path, Properties }) => [
      path.replace(/^Monitoring\/(.*)\/Resource$/, "$1"),
      [metricOf(Properties), Properties.Threshold, Properties.EvaluationPeriods],
    ]);
    assert.deepEqual(Object.fromEntries(alarms), {
      ServerErrors: ["AWS/ApiGateway 5xx Sum 300", 5, 1],
      SlowResponses: ["AWS/ApiGateway Latency p99 300", 2_000, 3],
      ...Object.fromEntries(
        routes.flatMap(({ name }) => [
          [`${name}-errors`, ["AWS/Lambda Errors Sum 300", 1, 1]],
          [`${name}-throttles`, ["AWS/Lambda Throttles Sum 300", 1, 1]],
        ]),
      ),
      TableThrottles: [
        routes.map(({ action }) => `AWS/DynamoDB ThrottledRequests ${action} Sum 300`),
        1,
        1,
      ],
    });
    for (const { path, Properties } of resources("AWS::CloudWatch::Alarm")) {
      assert.equal(Properties.ComparisonOperator, "GreaterThanOrEqualToThreshold", path);
      assert.equal(Properties.TreatMissingData, "notBreaching", path);
      // The stage has no topic.
      assert.equal(Properties.AlarmActions, undefined, path);
    }
  });

  test(`${stage}: each function's alarms have its metrics`, () => {
    const { template, resources } = stack(stage);
    const alarms = resources("AWS::CloudWatch::Alarm").filter(({ Properties }) => {
      return Properties.Namespace === "AWS/Lambda";
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
    assert.equal(DashboardName, `${slug}-${stage}`);
    const text = DashboardBody["Fn::Join"][1]
      .map((part: Json) => (typeof part === "string" ? part : "REFERENCE"))
      .join("");
    const widgets = JSON.parse(text).widgets;
    assert.deepEqual(
      widgets.map(({ type, properties }: Json) => [type, properties.title]),
      [
        ["text", undefined],
        ["alarm", "Alarms"],
        ["metric", "Gateway: requests and errors"],
        ["metric", "Gateway: latency, ms"],
        ["metric", "Functions: calls"],
        ["metric", "Functions: errors (left), throttled calls (right)"],
        ["metric", "Functions: p99 duration, ms"],
        ["metric", "Table: units read and written"],
        ["metric", "Table: throttled requests"],
        ["metric", "Table: latency, ms"],
      ],
    );
    for (const { name } of routes) assert.ok(text.includes(`"label":"${name}"`), name);
  });
}

test("every alarm notifies the stage's topic of its start and its end", () => {
  const { resources } = stackLike("dev", { alarmTopic });
  const alarms = resources("AWS::CloudWatch::Alarm");
  assert.equal(alarms.length, 11);
  for (const { path, Properties } of alarms) {
    const { AlarmActions, OKActions } = Properties;
    assert.deepEqual([AlarmActions, OKActions], [[alarmTopic], [alarmTopic]], path);
  }
});
