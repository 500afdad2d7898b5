import assert from "node:assert/strict";
import { test } from "node:test";
import { asText, type Json, type Synthesized, stack, stackLike, stageNames } from "./support.ts";

const uploader =
  "the function of CDK that uploads the site; it runs only in deployments: CDK chooses its rights";
const emptier = "CDK empties the bucket when the stack is destroyed: it chooses its rights";
const ownLog = "CDK's functions write their logs by AWS's managed policy";

/** The bucket of `cdk bootstrap`. */
const assets = "cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>";

/** Every wildcard of what the stack allows, with its reason. */
const wildcards: Record<string, string> = {
  "cloudfront:CreateInvalidation, cloudfront:GetInvalidation on *": uploader,
  [`s3:GetBucket*, s3:GetObject*, s3:List* on arn:<AWS::Partition>:s3:::${assets}/*`]: uploader,
  "s3:Abort*, s3:DeleteObject*, s3:GetBucket*, s3:GetObject*, s3:List* on <SiteBucket.Arn>/*":
    uploader,
  "s3:DeleteObject*, s3:GetBucket*, s3:List* on <SiteBucket.Arn>/*": emptier,
  "s3:GetObject, s3:ListBucket on <SiteBucket.Arn>/*":
    "the stack's distribution, and no other, reads every file of the site",
  "arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": ownLog,
};

/** What a statement allows, as `ACTIONS on RESOURCES`, if a wildcard is in it. */
function wildcardOf({ Action, Resource }: Json): string[] {
  const texts = (value: Json) => [value].flat().map(asText).toSorted();
  const [actions, resources] = [texts(Action), texts(Resource)];
  const wide = (text: string) => text.includes("*");
  if (![...actions, ...resources].some(wide)) return [];
  const some = actions.some(wide) ? actions.filter(wide) : actions;
  return [`${some.join(", ")} on ${resources.filter(wide).join(", ") || resources.join(", ")}`];
}

/** Of policies of roles and of resources, and the managed policies, which have wildcards. */
function wildcardsOf({ resources, template }: Synthesized): string[] {
  const roles = resources("AWS::IAM::Role").map(({ Properties }) => Properties);
  const types = new Set(Object.values<Json>(template.Resources).map(({ Type }) => Type));
  const documents = [
    ...[...types].flatMap((type) =>
      resources(type).map(({ Properties }) => Properties?.PolicyDocument),
    ),
    ...roles.flatMap(({ Policies = [] }) => Policies.map((policy: Json) => policy.PolicyDocument)),
  ].filter((document) => document !== undefined);
  const statements = documents.flatMap(({ Statement }) => Statement);
  assert.ok(statements.length > 8);
  for (const statement of statements) {
    // Each of them would allow all but what it names.
    for (const inverse of ["NotAction", "NotResource", "NotPrincipal"]) {
      assert.ok(!(inverse in statement), JSON.stringify(statement));
    }
    if (statement.Effect === "Allow") assert.notEqual(statement.Principal, "*");
  }
  const found = [
    ...statements.filter(({ Effect }) => Effect === "Allow").flatMap(wildcardOf),
    ...roles.flatMap(({ ManagedPolicyArns = [] }) => ManagedPolicyArns.map(asText)),
  ];
  return [...new Set(found)].toSorted();
}

for (const stage of stageNames) {
  test(`${stage}: nothing is allowed by a wildcard but what is listed here`, () => {
    assert.deepEqual(wildcardsOf(stack(stage)), Object.keys(wildcards).toSorted());
  });
}

test("traces take one more: X-Ray has no resource-level permissions", () => {
  const traced = stackLike("dev", {
    functions: { memoryMb: 512, timeoutSeconds: 10, tracing: true },
  });
  const more = wildcardsOf(traced).filter((wildcard) => !(wildcard in wildcards));
  assert.deepEqual(more, ["xray:PutTelemetryRecords, xray:PutTraceSegments on *"]);
});
