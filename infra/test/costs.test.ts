import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { cost, prices, table } from "../costs/costs.ts";
import { stack } from "./support.ts";

test("infra/README.md has the table that npm run costs prints", () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  assert.ok(readme.includes(table()), "the table of costs differs: run npm run costs");
});

test("twice the requests cost twice as much, without the fixed costs", () => {
  for (const item of Object.keys(prices) as (keyof typeof prices)[]) {
    const [none, one, two] = [0, 1e6, 2e6].map((requests) => cost(item, requests));
    assert.ok(none !== undefined && one !== undefined && two !== undefined);
    assert.ok(Math.abs(two - none - 2 * (one - none)) < 1e-9, item);
    assert.ok(one > 0, item);
  }
  // The example of the price list: a million requests of an HTTP API cost a dollar.
  assert.equal(cost("gateway", 1e6), 1);
});

test("the costs count the metrics of the alarms of the stack", () => {
  const metrics = stack("prod")
    .resources("AWS::CloudWatch::Alarm")
    .map(({ Properties }) => Properties.Metrics?.filter((m: object) => "MetricStat" in m) ?? [0]);
  assert.equal(cost("alarm", 0), metrics.flat().length * prices.alarm.dollars);
});
