import assert from "node:assert/strict";
import { test } from "node:test";
import { asText, type Json, type StageName, stack, stageNames } from "./support.ts";

/** The functions of the routes by route key, found the way a request goes: route, integration, function. */
function functionsByRoute(stage: StageName): Record<string, Json> {
  const { template, resources } = stack(stage);
  return Object.fromEntries(
    resources("AWS::ApiGatewayV2::Route").map(({ Properties: route }) => {
      const [, [prefix, { Ref: integrationId }]] = route.Target["Fn::Join"];
      const integration = template.Resources[integrationId].Properties;
      assert.equal(prefix, "integrations/");
      assert.equal(integration.IntegrationType, "AWS_PROXY");
      assert.equal(integration.PayloadFormatVersion, "2.0");
      const [functionId] = integration.IntegrationUri["Fn::GetAtt"];
      return [route.RouteKey, template.Resources[functionId].Properties];
    }),
  );
}

/** The IAM statements of the role of a function. */
function statementsOf(stage: StageName, { Role: role }: Json): Json[] {
  const { template, resources } = stack(stage);
  const [roleId] = role["Fn::GetAtt"];
  assert.equal(template.Resources[roleId].Properties.ManagedPolicyArns, undefined);
  assert.equal(template.Resources[roleId].Properties.Policies, undefined);
  return resources("AWS::IAM::Policy")
    .filter(({ Properties }) => Properties.Roles.some((ref: Json) => ref.Ref === roleId))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

const corsHeaders = {
  AllowHeaders: ["content-type", "idempotency-key"],
  AllowMethods: ["GET", "POST", "DELETE"],
  ExposeHeaders: ["link", "location", "idempotency-replayed", "retry-after"],
  MaxAge: 86_400,
};

const origins = {
  local: ["http://localhost:8080", "http://127.0.0.1:8080"],
  dev: ["https://<SiteDistribution.DomainName>"],
  prod: ["https://<SiteDistribution.DomainName>"],
};

for (const stage of stageNames) {
  test(`${stage}: each of the four routes has its own function`, () => {
    const functions = functionsByRoute(stage);
    assert.deepEqual(Object.keys(functions).sort(), [
      "DELETE /events/{id}",
      "GET /events",
      "GET /events/{id}",
      "POST /events",
    ]);
    const { asset } = stack(stage);
    const code = Object.entries(functions).map(([route, f]) => [route, asset(f.Code.S3Key)]);
    assert.deepEqual(Object.fromEntries(code), {
      "GET /events": { bootstrap: "list-events" },
      "POST /events": { bootstrap: "create-event" },
      "GET /events/{id}": { bootstrap: "get-event" },
      "DELETE /events/{id}": { bootstrap: "delete-event" },
    });
  });

  test(`${stage}: functions run on arm64 with a limit below the gateway's`, () => {
    for (const [route, f] of Object.entries(functionsByRoute(stage))) {
      assert.deepEqual([f.Runtime, f.Architectures], ["provided.al2023", ["arm64"]], route);
      assert.equal(f.Handler, "bootstrap", route);
      assert.ok(f.Timeout < 30, route);
    }
  });

  test(`${stage}: the gateway allows exactly the page's origin and what the page sends`, () => {
    const { AllowOrigins, ...others } =
      stack(stage).resource("AWS::ApiGatewayV2::Api").Properties.CorsConfiguration;
    assert.deepEqual(AllowOrigins.map(asText), origins[stage]);
    assert.deepEqual(others, corsHeaders);
  });

  test(`${stage}: every function allows the origins that the gateway allows`, () => {
    const api = stack(stage).resource("AWS::ApiGatewayV2::Api").Properties;
    const allowed = api.CorsConfiguration.AllowOrigins.map(asText);
    for (const [route, f] of Object.entries(functionsByRoute(stage))) {
      const variables = f.Environment.Variables;
      assert.deepEqual(asText(variables.ALLOWED_ORIGINS).split(","), allowed, route);
    }
  });

  test(`${stage}: every function knows the table and its shards`, () => {
    for (const [route, f] of Object.entries(functionsByRoute(stage))) {
      const { ALLOWED_ORIGINS: _, TABLE_NAME, ...others } = f.Environment.Variables;
      assert.deepEqual([asText(TABLE_NAME), others], ["<Table>", { SHARDS: "4" }], route);
    }
  });

  test(`${stage}: every function may do one thing to the table, write its log, and nothing else`, () => {
    const allowed = Object.entries(functionsByRoute(stage)).map(([route, f]) => {
      const log = { "Fn::GetAtt": [f.LoggingConfig.LogGroup.Ref, "Arn"] };
      const statements = statementsOf(stage, f).map(({ Resource, ...others }) => ({
        ...others,
        Resource: asText(Resource),
      }));
      const [logging, ...rest] = statements;
      assert.deepEqual(
        logging,
        {
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Effect: "Allow",
          Resource: asText(log),
        },
        route,
      );
      return [route, rest];
    });
    assert.deepEqual(Object.fromEntries(allowed), {
      "GET /events": [
        { Action: "dynamodb:Query", Effect: "Allow", Resource: "<Table.Arn>/index/byDate" },
      ],
      "POST /events": [{ Action: "dynamodb:PutItem", Effect: "Allow", Resource: "<Table.Arn>" }],
      "GET /events/{id}": [
        { Action: "dynamodb:GetItem", Effect: "Allow", Resource: "<Table.Arn>" },
      ],
      "DELETE /events/{id}": [
        { Action: "dynamodb:DeleteItem", Effect: "Allow", Resource: "<Table.Arn>" },
      ],
    });
  });

  test(`${stage}: no two functions share a role or a log`, () => {
    const functions = Object.values(functionsByRoute(stage));
    assert.equal(new Set(functions.map((f) => f.Role["Fn::GetAtt"][0])).size, 4);
    assert.equal(new Set(functions.map((f) => f.LoggingConfig.LogGroup.Ref)).size, 4);
  });

  test(`${stage}: every log group ends some day`, () => {
    for (const { path, Properties } of stack(stage).resources("AWS::Logs::LogGroup")) {
      assert.ok(Properties.RetentionInDays > 0, path);
    }
  });

  test(`${stage}: the whole API is throttled, and deployed without a stage in its path`, () => {
    const { Properties } = stack(stage).resource("AWS::ApiGatewayV2::Stage");
    assert.equal(Properties.StageName, "$default");
    assert.equal(Properties.AutoDeploy, true);
    assert.deepEqual(
      Properties.DefaultRouteSettings,
      {
        local: { ThrottlingRateLimit: 10_000, ThrottlingBurstLimit: 5_000 },
        dev: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
        prod: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1_000 },
      }[stage],
    );
  });
}
