import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import { emptyApp } from "../../lib/app.ts";
import { readAppName } from "../../lib/app-name.ts";
import { findArtefacts } from "../../lib/artefacts.ts";
import { addChecks } from "../../lib/checks.ts";
import { EventsStack } from "../../lib/events-stack.ts";
import { routes } from "../../lib/routes.ts";
import { type Stage, stageNamed } from "../../lib/stages.ts";
import {
  asText,
  builtArtefacts,
  customDomains,
  type Json,
  scratchDirectory,
  stack,
  stackLike,
  stageNames,
} from "../support.ts";

// Only this file checks the templates against CloudFormation's schemas and by cdk-nag: a finding
// without an acknowledgement fails the synth.
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
  test(`${stage}: the outputs are the addresses, the table and the user pool`, () => {
    const { template } = stack(stage);
    const values = Object.entries<Json>(template.Outputs).map(([k, o]) => [k, asText(o.Value)]);
    assert.deepEqual(Object.fromEntries(values), {
      ...outputs[stage],
      TableName: "<Table>",
      ...(stage !== "local" && { UserPoolId: "<MembersPool>" }),
    });
  });
}

test("local and prod differ only in these places", () => {
  const ofEach = (place: string) => routes.map(({ name }) => `Api/${name}/${place}`);
  const differences = differingPaths(named("local"), named("prod"));
  assert.deepEqual(
    differences.sort(),
    [
      // The origins of page and API.
      "Api/Http.Properties.CorsConfiguration.AllowOrigins",
      ...ofEach("Function.Properties.Environment.Variables.ALLOWED_ORIGINS"),
      "Api/list-events/Function.Properties.Environment.Variables.FEED_PAGE_ORIGIN",
      "Outputs.ApiUrl.Value",
      "Outputs.SiteUrl.Value",
      "Site/Headers.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig." +
        "ContentSecurityPolicy.ContentSecurityPolicy",
      "Site/Uploader/OtherFiles.Properties.SourceMarkers",
      "Site/Uploader/OtherFiles.Properties.SourceObjectKeys",
      // Who may do what, and where they sign in.
      ...["Pool", "Pool/Domain", "Pool/Api", "Pool/Page", "Style"].map((part) => `Members/${part}`),
      "Outputs.UserPoolId",
      "Api/Http/SignIn",
      "Site/Uploader/OtherFiles.DependsOn",
      "Site/Uploader/index.html.DependsOn",
      "Api/Http.Properties.CorsConfiguration.AllowHeaders",
      "Api/Stage.Properties.AccessLogSettings.Format",
      ...["POST--events", "DELETE--events--{id}"].flatMap((route) =>
        ["AuthorizationScopes", "AuthorizationType", "AuthorizerId"].map(
          (property) => `Api/Http/${route}.Properties.${property}`,
        ),
      ),
      // The machine that the functions are built for.
      ...ofEach("Function.Properties.Code.S3Key"),
      ...ofEach("Function.Metadata.aws:asset:path"),
      // The bounds.
      "Api/Stage.Properties.DefaultRouteSettings.ThrottlingBurstLimit",
      "Api/Stage.Properties.DefaultRouteSettings.ThrottlingRateLimit",
      "Api/Stage.Properties.RouteSettings",
      "Table/Table.Properties.GlobalSecondaryIndexes",
      "Table/Table.Properties.OnDemandThroughput",
      // Who is told.
      "Monitoring/Budget",
      ...["", "/Policy", "/ops@example.org"].map((part) => `Monitoring/Recipients/Mail${part}`),
      ...stack("prod")
        .resources("AWS::CloudWatch::Alarm")
        .flatMap(({ path }) =>
          ["AlarmActions", "OKActions"].map((actions) =>
            path.replace(/\/Resource$/, `.Properties.${actions}`),
          ),
        ),
      // The retention of logs and data.
      "Api/AccessLog.Properties.RetentionInDays",
      ...ofEach("Log.Properties.RetentionInDays"),
      "Site/DeploymentLog.Properties.RetentionInDays",
      "Table/Table.DeletionPolicy",
      "Table/Table.Properties.DeletionProtectionEnabled",
      "Table/Table.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
      "Table/Table.UpdateReplacePolicy",
      "Metadata.DataAfterDestroy",
      "Metadata.ProtectAfterDeploy",
    ].sort(),
  );
});

test("a finding without an acknowledgement fails the synth", () => {
  const app = emptyApp({}, scratchDirectory());
  new Bucket(new Stack(app, "Careless"), "Bucket");
  addChecks(app);
  // CDK prints the findings.
  const error = mock.method(console, "error", () => {});
  const write = mock.method(process.stderr, "write", () => true);
  try {
    assert.throws(() => app.synth(), /Validation failed/);
  } finally {
    error.mock.restore();
    write.mock.restore();
  }
});

test("a stage with custom domains, traces and alarms has no findings", () => {
  const everything = stackLike("prod", {
    ...customDomains,
    alarmTopic: "arn:aws:sns:eu-central-1:123456789012:alarms",
    accountConcurrency: 1_000,
    functions: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 50, tracing: true },
  });
  assert.equal(everything.resources("AWS::Route53::RecordSet").length, 4);
});

const memberships: [what: string, Partial<Stage>][] = [
  ["public", { access: "public" }],
  ["members", { access: "members", signUp: "open" }],
  [
    "members of a provider that it names",
    { access: "members", signIn: { issuer: "https://login.example.org", clientId: "page" } },
  ],
];

for (const [what, changed] of memberships) {
  test(`a stage that is for ${what} has no findings`, () => {
    assert.equal(stackLike("prod", changed).terminationProtection, true);
  });
}

test("an explicit environment and another bootstrap qualifier have no findings", () => {
  const app = emptyApp({ "@aws-cdk/core:bootstrapQualifier": "mine" }, scratchDirectory());
  new EventsStack(app, "Explicit", {
    title: readAppName().title,
    stage: stageNamed("dev", { webPort: undefined, apiPort: undefined }),
    artefacts: findArtefacts({ ...builtArtefacts(), archives: true, named: ["lambdas", "site"] }),
    firstDeploy: false,
    env: { account: "123456789012", region: "eu-central-1" },
  });
  addChecks(app);
  const [stack] = app.synth().stacks;
  assert.match(JSON.stringify(stack?.template), /cdk-mine-assets-123456789012-eu-central-1/);
});

/** The template by construct paths, without the stage's name and the hashes of it. */
function named(stage: "local" | "prod"): Json {
  const { slug } = readAppName();
  const letters = [...slug.replaceAll("-", "")];
  const text = JSON.stringify(stack(stage).template)
    .replaceAll(`${slug}-${stage}`, "STACK")
    // CDK derives names from the stack's, some without hyphens, some shortened in the middle.
    .replaceAll(
      new RegExp(`\\b${letters.slice(0, 6).join("-?")}[\\w-]*[0-9A-F]{8}`, "g"),
      "DERIVED",
    )
    .replaceAll(/(aws-cdk:cr-owned):[0-9a-f]{8}/g, "$1")
    .replace(`(stage ${stage})`, "");
  const { Resources, ...others } = JSON.parse(text);
  const resources = Object.entries<Json>(Resources).map(([id, resource]) => {
    const path = resource.Metadata?.["aws:cdk:path"] ?? id;
    return [
      path.replace(/^STACK\//, "").replace(/(\/CustomResource)?\/(Resource|Default)$/, ""),
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
