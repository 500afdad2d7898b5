import assert from "node:assert/strict";
import { test } from "node:test";
import { asText, type Json, stack, stackLike, stageNames } from "./support.ts";

type Entry = [action: string, resource: string];

/** What roles and policies of the template may do to every resource of a service. */
function everywhere(template: Json): Entry[] {
  return Object.values<Json>(template.Resources)
    .flatMap(({ Type, Properties }) => {
      if (Type === "AWS::IAM::Policy") return [Properties.PolicyDocument];
      if (Type !== "AWS::IAM::Role") return [];
      return (Properties.Policies ?? []).map((policy: Json) => policy.PolicyDocument);
    })
    .flatMap(({ Statement }) => Statement)
    .flatMap(({ Action, Resource }: Json) =>
      [Action].flat().flatMap((action) =>
        [Resource]
          .flat()
          .map((resource): Entry => [action, asText(resource)])
          // Of the parts of an ARN, the sixth names the resource.
          .filter(([, name]) => name.replace(/^arn:([^:]*:){4}/, "").startsWith("*")),
      ),
    );
}

for (const stage of stageNames) {
  test(`${stage}: no role may do anything to every resource, or has a policy of AWS`, () => {
    const { resources, template } = stack(stage);
    assert.deepEqual(everywhere(template), []);
    for (const { path, Properties } of resources("AWS::IAM::Role")) {
      assert.equal(Properties.ManagedPolicyArns, undefined, path);
    }
  });
}

test("with traces, functions may send them: X-Ray has no names for resources there", () => {
  const { template } = stackLike("prod", {
    functions: { memoryMb: 512, timeoutSeconds: 10, tracing: true },
  });
  const allowed = new Set(everywhere(template).map(([action]) => action));
  assert.deepEqual([...allowed].sort(), ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]);
});
