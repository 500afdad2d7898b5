import assert from "node:assert/strict";
import { test } from "node:test";
import { asText, type Json, stack, stageNames } from "./support.ts";

// Here alone the library checks every template against CloudFormation's schemas.
process.env.CDK_VALIDATION = "true";

const outputs = {
  local: { ApiUrl: "http://localhost:3000", SiteUrl: "http://localhost:8080" },
  dev: {
    ApiUrl: "<ApiHttp.ApiEndpoint>",
    SiteUrl: "https://<SiteDistribution.DomainName>",
  },
  prod: {
    ApiUrl: "<ApiHttp.ApiEndpoint>",
    SiteUrl: "https://<SiteDistribution.DomainName>",
  },
};

for (const stage of stageNames) {
  test(`${stage}: the outputs say where everything is`, () => {
    const { template } = stack(stage);
    const values = Object.entries<Json>(template.Outputs).map(([k, o]) => [k, asText(o.Value)]);
    assert.deepEqual(Object.fromEntries(values), {
      ...outputs[stage],
      TableName: "<Table>",
    });
  });
}

test("what runs here is what is deployed: local and prod differ in these places alone", () => {
  const differences = differingPaths(named("local"), named("prod"));
  assert.deepEqual(
    differences.sort(),
    [
      // Where page and API are.
      "Api/Http.Properties.CorsConfiguration.AllowOrigins",
      "Api/create-event/Function.Properties.Environment.Variables.ALLOWED_ORIGINS",
      "Api/delete-event/Function.Properties.Environment.Variables.ALLOWED_ORIGINS",
      "Api/get-event/Function.Properties.Environment.Variables.ALLOWED_ORIGINS",
      "Api/list-events/Function.Properties.Environment.Variables.ALLOWED_ORIGINS",
      "Outputs.ApiUrl.Value",
      "Outputs.SiteUrl.Value",
      "Site/Headers.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy",
      "Site/OtherFiles.Properties.SourceMarkers",
      "Site/OtherFiles.Properties.SourceObjectKeys",
      // How much is let in.
      "Api/Stage.Properties.DefaultRouteSettings.ThrottlingBurstLimit",
      "Api/Stage.Properties.DefaultRouteSettings.ThrottlingRateLimit",
      // How long things are kept.
      "Api/create-event/Log.Properties.RetentionInDays",
      "Api/delete-event/Log.Properties.RetentionInDays",
      "Api/get-event/Log.Properties.RetentionInDays",
      "Api/list-events/Log.Properties.RetentionInDays",
      "Site/UploadLog.Properties.RetentionInDays",
      "Table/Table.DeletionPolicy",
      "Table/Table.Properties.DeletionProtectionEnabled",
      "Table/Table.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
      "Table/Table.UpdateReplacePolicy",
    ].sort(),
  );
});

/** The template with the resources under their paths, and without the stage's name and what CDK hashes from it. */
function named(stage: "local" | "prod"): Json {
  const text = JSON.stringify(stack(stage).template)
    .replaceAll(new RegExp(`events-?${stage}(\\w*?)([0-9A-F]{8})?(?=[/"])`, "g"), "events$1")
    .replaceAll(/(aws-cdk:cr-owned):[0-9a-f]{8}/g, "$1")
    .replace(`(stage ${stage})`, "");
  const { Resources, ...others } = JSON.parse(text);
  const resources = Object.entries<Json>(Resources).map(([id, resource]) => {
    const path = resource.Metadata?.["aws:cdk:path"] ?? id;
    return [
      path.replace(/^events\//, "").replace(/(\/CustomResource)?\/(Resource|Default)$/, ""),
      resource,
    ];
  });
  assert.equal(new Set(resources.map(([path]) => path)).size, resources.length);
  return { ...others, ...Object.fromEntries(resources) };
}

function differingPaths(left: Json, right: Json, path: string[] = []): string[] {
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  if (!isRecord(left) || !isRecord(right)) return [path.join(".")];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differingPaths(left[key], right[key], [...path, key]),
  );
}

function isRecord(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
