import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stage } from "../lib/stages.ts";
import { type StageName, stack, stackLike, stageNames } from "./support.ts";

type Units = ReturnType<typeof units>;
const units = (MaxReadRequestUnits: number, MaxWriteRequestUnits: number) => ({
  OnDemandThroughput: { MaxReadRequestUnits, MaxWriteRequestUnits },
});

/** Of the table and of its index. */
const bounds: Record<StageName, readonly [Partial<Units>, Partial<Units>]> = {
  local: [{}, {}],
  dev: [units(20, 20), units(50, 20)],
  prod: [units(100, 40), units(400, 40)],
};

for (const stage of stageNames) {
  test(`${stage}: events are found by id, and by date through the index`, () => {
    const { Properties } = stack(stage).resource("AWS::DynamoDB::Table");
    const [ofTable, ofIndex] = bounds[stage];
    assert.equal(Properties.BillingMode, "PAY_PER_REQUEST");
    assert.deepEqual(Properties.AttributeDefinitions, [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "shard", AttributeType: "N" },
      { AttributeName: "sort", AttributeType: "S" },
    ]);
    assert.deepEqual(Properties.OnDemandThroughput, ofTable.OnDemandThroughput);
    assert.deepEqual(Properties.KeySchema, [{ AttributeName: "id", KeyType: "HASH" }]);
    assert.deepEqual(Properties.GlobalSecondaryIndexes, [
      {
        IndexName: "byDate",
        KeySchema: [
          { AttributeName: "shard", KeyType: "HASH" },
          { AttributeName: "sort", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
        ...ofIndex,
      },
    ]);
  });
}

interface Protection {
  /** Of the stack. */
  readonly termination: boolean;
  /** On deletion of the stack, and on replacement of the table. */
  readonly policies: readonly [deletion: string, replacement: string];
  /** Of the table. */
  readonly deletion: boolean;
  readonly pointInTimeRecovery: boolean;
  /** What `cargo xtask` reads in the template. */
  readonly metadata: { readonly ProtectAfterDeploy: boolean; readonly DataAfterDestroy: string };
}

const kept = { policies: ["Retain", "Retain"], pointInTimeRecovery: true } as const;
const deleted: Protection = {
  termination: false,
  policies: ["Delete", "Delete"],
  deletion: false,
  pointInTimeRecovery: false,
  metadata: { ProtectAfterDeploy: false, DataAfterDestroy: "deleted" },
};

const protections: [
  step: string,
  stage: StageName,
  changed: Partial<Stage>,
  firstDeploy: boolean,
  expected: Protection,
][] = [
  ["local", "local", {}, false, deleted],
  ["dev", "dev", {}, false, deleted],
  ["the first deployment of dev", "dev", {}, true, deleted],
  [
    // A rollback deletes the table, which is empty, and the stack can be deleted.
    "the first deployment of prod",
    "prod",
    {},
    true,
    {
      ...kept,
      policies: ["RetainExceptOnCreate", "Retain"],
      termination: false,
      deletion: false,
      metadata: { ProtectAfterDeploy: true, DataAfterDestroy: "kept" },
    },
  ],
  [
    "prod",
    "prod",
    {},
    false,
    {
      ...kept,
      termination: true,
      deletion: true,
      metadata: { ProtectAfterDeploy: true, DataAfterDestroy: "kept" },
    },
  ],
  [
    "prod after step 1 of its removal, protectStack: false",
    "prod",
    { protectStack: false },
    false,
    {
      ...kept,
      termination: false,
      deletion: true,
      metadata: { ProtectAfterDeploy: false, DataAfterDestroy: "kept" },
    },
  ],
  [
    "prod after the step that gives the data up, data: delete",
    "prod",
    { protectStack: false, data: "delete" },
    false,
    deleted,
  ],
];

for (const [step, stage, changed, firstDeploy, expected] of protections) {
  test(`what is protected: ${step}`, () => {
    const { resource, template, terminationProtection } = stackLike(stage, changed, {
      firstDeploy,
    });
    const { DeletionPolicy, UpdateReplacePolicy, Properties } = resource("AWS::DynamoDB::Table");
    assert.deepEqual(
      {
        termination: terminationProtection,
        policies: [DeletionPolicy, UpdateReplacePolicy],
        deletion: Properties.DeletionProtectionEnabled,
        pointInTimeRecovery: Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled,
        metadata: template.Metadata,
      },
      expected,
    );
  });
}
