import assert from "node:assert/strict";
import { test } from "node:test";
import { stack, stageNames } from "./support.ts";

for (const stage of stageNames) {
  test(`${stage}: events are found by id, and by date through the index`, () => {
    const { Properties } = stack(stage).resource("AWS::DynamoDB::Table");
    assert.equal(Properties.BillingMode, "PAY_PER_REQUEST");
    assert.deepEqual(Properties.AttributeDefinitions, [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "shard", AttributeType: "N" },
      { AttributeName: "sort", AttributeType: "S" },
    ]);
    assert.deepEqual(Properties.KeySchema, [{ AttributeName: "id", KeyType: "HASH" }]);
    assert.deepEqual(Properties.GlobalSecondaryIndexes, [
      {
        IndexName: "byDate",
        KeySchema: [
          { AttributeName: "shard", KeyType: "HASH" },
          { AttributeName: "sort", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
      },
    ]);
  });

  test(`${stage}: the data ${stage === "prod" ? "outlives" : "goes with"} the stack`, () => {
    const kept = stage === "prod";
    const table = stack(stage).resource("AWS::DynamoDB::Table");
    const policy = kept ? "Retain" : "Delete";
    assert.deepEqual([table.DeletionPolicy, table.UpdateReplacePolicy], [policy, policy]);
    assert.equal(stack(stage).terminationProtection, kept);
    assert.equal(table.Properties.DeletionProtectionEnabled, kept);
    assert.deepEqual(table.Properties.PointInTimeRecoverySpecification, {
      PointInTimeRecoveryEnabled: kept,
    });
  });
}
