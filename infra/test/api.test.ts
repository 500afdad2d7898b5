import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asText,
  configOf,
  customDomains,
  type Json,
  type StageName,
  stack,
  stackLike,
  stageNames,
} from "./support.ts";

/** The functions by route key, found like by a request: route, integration, function. */
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
    const packed = stage === "local" ? "bootstrap" : "archive";
    const code = Object.entries(functions).map(([route, f]) => [route, asset(f.Code.S3Key)]);
    assert.deepEqual(Object.fromEntries(code), {
      "GET /events": { [packed]: "list-events" },
      "POST /events": { [packed]: "create-event" },
      "GET /events/{id}": { [packed]: "get-event" },
      "DELETE /events/{id}": { [packed]: "delete-event" },
    });
  });

  test(`${stage}: functions run on arm64 with the stage's memory and timeout, and log JSON`, () => {
    for (const [route, f] of Object.entries(functionsByRoute(stage))) {
      assert.deepEqual([f.Runtime, f.Architectures], ["provided.al2023", ["arm64"]], route);
      assert.equal(f.Handler, "bootstrap", route);
      assert.deepEqual([f.MemorySize, f.Timeout], [512, 10], route);
      assert.equal(f.LoggingConfig.LogFormat, "JSON", route);
      // Off unless a stage sets them.
      assert.deepEqual([f.ReservedConcurrentExecutions, f.TracingConfig], [undefined, undefined]);
    }
  });

  test(`${stage}: the gateway waits longer than any function runs`, () => {
    const integrations = stack(stage).resources("AWS::ApiGatewayV2::Integration");
    assert.equal(integrations.length, 4);
    for (const f of Object.values(functionsByRoute(stage))) {
      for (const { path, Properties } of integrations) {
        assert.ok(Properties.TimeoutInMillis > f.Timeout * 1_000, path);
      }
    }
  });

  test(`${stage}: the gateway logs requests as JSON, without client, query and path`, () => {
    const { AccessLogSettings } = stack(stage).resource("AWS::ApiGatewayV2::Stage").Properties;
    assert.equal(asText(AccessLogSettings.DestinationArn), "<ApiAccessLog.Arn>");
    const format = JSON.parse(AccessLogSettings.Format);
    assert.deepEqual(
      [format.requestId, format.route, format.status, format.latencyMs],
      ["$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"],
    );
    assert.doesNotMatch(AccessLogSettings.Format, /identity|userAgent|query|path/i);
  });

  test(`${stage}: CORS allows exactly the page's origin and what the page sends`, () => {
    const { AllowOrigins, ...others } =
      stack(stage).resource("AWS::ApiGatewayV2::Api").Properties.CorsConfiguration;
    assert.deepEqual(AllowOrigins.map(asText), origins[stage]);
    const token = stage === "local" ? [] : ["authorization"];
    const allowHeaders = ["content-type", "idempotency-key", ...token];
    assert.deepEqual(others, { AllowHeaders: allowHeaders, ...corsHeaders });
  });

  test(`${stage}: every function allows the origins that the gateway allows`, () => {
    const api = stack(stage).resource("AWS::ApiGatewayV2::Api").Properties;
    const allowed = api.CorsConfiguration.AllowOrigins.map(asText);
    for (const [route, f] of Object.entries(functionsByRoute(stage))) {
      const variables = f.Environment.Variables;
      assert.deepEqual(asText(variables.ALLOWED_ORIGINS).split(","), allowed, route);
    }
  });

  test(`${stage}: every function gets the table and its shards`, () => {
    for (const [route, f] of Object.entries(functionsByRoute(stage))) {
      const {
        ALLOWED_ORIGINS: _,
        FEED_PAGE_ORIGIN: __,
        TABLE_NAME,
        ...others
      } = f.Environment.Variables;
      assert.deepEqual([asText(TABLE_NAME), others], ["<Table>", { SHARDS: "4" }], route);
    }
  });

  test(`${stage}: the list alone has a feed, whose events lead to the page`, () => {
    const feeds = Object.entries(functionsByRoute(stage)).flatMap(([route, f]) => {
      const { FEED_PAGE_ORIGIN: page, FEED_TIME_ZONE: zone } = f.Environment.Variables;
      return page === undefined ? [] : [[route, asText(page), zone]];
    });
    assert.deepEqual(feeds, [["GET /events", origins[stage][0], undefined]]);
  });

  test(`${stage}: every function may do one action on the table and write its log`, () => {
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

  test(`${stage}: every log has the stage's retention`, () => {
    const logs = stack(stage).resources("AWS::Logs::LogGroup");
    assert.equal(logs.length, 6);
    for (const { path, Properties } of logs) {
      assert.equal(Properties.RetentionInDays, { local: 1, dev: 7, prod: 90 }[stage], path);
    }
    // Lambda would create any other log group by itself, without a retention.
    for (const { path, Properties } of stack(stage).resources("AWS::Lambda::Function")) {
      assert.ok(
        logs.some(({ id }) => id === Properties.LoggingConfig?.LogGroup.Ref),
        path,
      );
    }
  });

  test(`${stage}: the API has no stage in its path, and IPv6`, () => {
    const { Properties } = stack(stage).resource("AWS::ApiGatewayV2::Stage");
    assert.equal(Properties.StageName, "$default");
    assert.equal(Properties.AutoDeploy, true);
    const api = stack(stage).resource("AWS::ApiGatewayV2::Api").Properties;
    assert.equal(api.IpAddressType, "dualstack");
  });

  test(`${stage}: every route is throttled, writes more than reads`, () => {
    const rates = (ThrottlingRateLimit: number, ThrottlingBurstLimit: number) => ({
      ThrottlingRateLimit,
      ThrottlingBurstLimit,
    });
    const each = (reads: object, writes: object) => ({
      DefaultRouteSettings: reads,
      RouteSettings: {
        "GET /events": reads,
        "GET /events/{id}": reads,
        "POST /events": writes,
        "DELETE /events/{id}": writes,
      },
    });
    const { DefaultRouteSettings, RouteSettings } = stack(stage).resource(
      "AWS::ApiGatewayV2::Stage",
    ).Properties;
    assert.deepEqual(
      { DefaultRouteSettings, RouteSettings },
      {
        // The local run knows no settings of routes.
        local: { DefaultRouteSettings: rates(10_000, 5_000), RouteSettings: undefined },
        dev: each(rates(20, 40), rates(5, 10)),
        prod: each(rates(100, 200), rates(10, 20)),
      }[stage],
    );
  });

  test(`${stage}: the stage waits for the routes that its settings name`, () => {
    const { resource, resources } = stack(stage);
    const waitsFor = new Set(resource("AWS::ApiGatewayV2::Stage").DependsOn);
    const ids = resources("AWS::ApiGatewayV2::Route").map(({ id }) => id);
    assert.equal(ids.length, 4);
    for (const id of ids) assert.ok(waitsFor.has(id), id);
  });
}

test("the client's address is in the access log where the stage says so", () => {
  const { resource } = stackLike("dev", { logSourceAddress: true });
  const { AccessLogSettings } = resource("AWS::ApiGatewayV2::Stage").Properties;
  const { sourceAddress } = JSON.parse(AccessLogSettings.Format);
  assert.equal(sourceAddress, "$context.identity.sourceIp");
});

test("reserved concurrency and traces are settings of the stage", () => {
  const { resources } = stackLike("dev", {
    accountConcurrency: 1_000,
    functions: { memoryMb: 256, timeoutSeconds: 5, reservedConcurrency: 20, tracing: true },
  });
  const functions = resources("AWS::Lambda::Function").filter(({ path }) =>
    path.startsWith("Api/"),
  );
  assert.equal(functions.length, 4);
  for (const { path, Properties } of functions) {
    assert.deepEqual([Properties.MemorySize, Properties.Timeout], [256, 5], path);
    assert.equal(Properties.ReservedConcurrentExecutions, 20, path);
    assert.deepEqual(Properties.TracingConfig, { Mode: "Active" }, path);
  }
  const traced = resources("AWS::IAM::Policy")
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => String(Action).includes("xray"));
  assert.deepEqual(
    traced.map(({ Action, Resource }) => [Action.toSorted(), Resource]),
    Array(4).fill([["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"]),
  );
});

test("an API with a custom domain has no other address", () => {
  const { resource, resources, template } = stackLike("dev", customDomains);
  assert.equal(resource("AWS::ApiGatewayV2::Api").Properties.DisableExecuteApiEndpoint, true);
  const name = resource("AWS::ApiGatewayV2::DomainName");
  assert.equal(name.Properties.DomainName, "api.events.example.org");
  const [configuration] = name.Properties.DomainNameConfigurations;
  assert.equal(configuration.CertificateArn, customDomains.apiCertificate);
  assert.equal(configuration.IpAddressType, "dualstack");
  const mapping = resource("AWS::ApiGatewayV2::ApiMapping").Properties;
  assert.deepEqual([mapping.DomainName, mapping.Stage], [{ Ref: name.id }, "$default"]);
  assert.equal(template.Outputs.ApiUrl.Value, customDomains.apiOrigin);
  const records = resources("AWS::Route53::RecordSet").map(({ Properties }) => Properties);
  assert.deepEqual(
    records.map(({ Name, Type, HostedZoneId }) => [Name, Type, HostedZoneId]),
    ["events.example.org.", "api.events.example.org."].flatMap((host) => [
      [host, "A", customDomains.zone.id],
      [host, "AAAA", customDomains.zone.id],
    ]),
  );
});

test("a stage names the time zone of its feed, to the page too", () => {
  const synthesized = stackLike("dev", { timeZone: "Europe/Zurich" });
  const functions = synthesized.resources("AWS::Lambda::Function");
  const zones = functions.map(({ Properties }) => Properties.Environment?.Variables.FEED_TIME_ZONE);
  assert.deepEqual(
    zones.filter((zone) => zone !== undefined),
    ["Europe/Zurich"],
  );
  assert.equal(configOf(synthesized).timeZone, "Europe/Zurich");
});

test("where only members may read there is no feed", () => {
  const functions = stackLike("dev", { access: "members" }).resources("AWS::Lambda::Function");
  for (const { Properties } of functions) {
    assert.ok(!("FEED_PAGE_ORIGIN" in (Properties.Environment?.Variables ?? {})));
  }
});
