import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { cost, type Item, memberCost, memberTable, prices, table } from "../costs/costs.ts";
import { worst, worstTable } from "../costs/worst.ts";
import { type Stage, stages } from "../lib/stages.ts";
import { stack } from "./support.ts";

test("infra/README.md has the tables that npm run costs prints", () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  assert.ok(readme.includes(table()), "the table of costs differs: run npm run costs");
  assert.ok(readme.includes(memberTable()), "the costs of members differ: run npm run costs");
  assert.ok(readme.includes(worstTable(stages)), "the worst case differs: run npm run costs");
});

test("what strangers can cost at worst is bounded by the settings of the stage", () => {
  const [dev] = stages;
  assert.equal(dev?.name, "dev");
  const total = (stage: Stage) => Object.values(worst(stage)).reduce((sum, item) => sum + item, 0);
  const cheaper = (changed: Partial<Stage>, items: Item[]) => {
    const changes = worst({ ...dev, ...changed });
    const lower = (Object.keys(changes) as Item[]).filter((item) => {
      return (changes[item] ?? 0) < (worst(dev)[item] ?? 0);
    });
    assert.deepEqual(lower, items);
  };
  const one = { requestsPerSecond: 1, burst: 1 };
  cheaper({ throttle: one }, ["gateway", "calls", "logging", "sending"]);
  const units = { read: 1, write: 1 };
  cheaper({ tableUnits: { table: units, index: units } }, [
    "reading",
    "writing",
    "storing",
    "sending",
  ]);
  cheaper({ functions: { ...dev.functions, reservedConcurrency: 1 } }, ["computing"]);
  assert.ok(total({ ...dev, accountConcurrency: 1_000 }) > total(dev));

  // Fifty requests a second, each counted twenty times, for thirty days.
  const requests = 50 * 30 * 24 * 3600;
  assert.equal(worst(dev).gateway, (requests * 20) / 1e6);
  // Ten functions of half a gigabyte that always run.
  assert.equal(Math.round(worst(dev).computing ?? 0), 173);
});

test("members cost nothing up to the free number, and the same each above it", () => {
  assert.deepEqual([0, 10_000, 10_001, 10_101].map(memberCost), [0, 0, 0.015, 1.515]);
});

test("what nothing bounds has no worst case", () => {
  const [dev] = stages;
  assert.ok(dev);
  const { tableUnits: _, ...unbounded } = dev;
  assert.throws(() => worst(unbounded), /nothing bounds the table of the stage dev/);
});

test("twice the requests cost twice as much, without the fixed costs", () => {
  for (const item of Object.keys(prices) as Item[]) {
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
