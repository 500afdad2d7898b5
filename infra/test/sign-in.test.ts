import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../lib/access.ts";
import type { Stage } from "../lib/stages.ts";
import {
  asText,
  configOf,
  connectSources,
  customDomains,
  type Json,
  type StageName,
  type Synthesized,
  stackLike,
} from "./support.ts";

const guards: Record<Access, Record<string, string>> = {
  public: {},
  "members-write": {
    "POST /events": "events/write",
    "DELETE /events/{id}": "events/write",
  },
  members: {
    "GET /events": "events/read",
    "POST /events": "events/write",
    "GET /events/{id}": "events/read",
    "DELETE /events/{id}": "events/write",
  },
};
const guardedAccesses = ["members-write", "members"] as const;
const scopes = {
  "members-write": "events/write",
  members: "events/write events/read",
};

interface Provider {
  readonly what: string;
  readonly stage: StageName;
  readonly changed: Partial<Stage>;
  /** Of access tokens. */
  readonly issuer: string;
  readonly audience: string;
  /** What the page asks for besides the scopes of the API. */
  readonly asks: string;
  /** In `config.json`, besides `access`, `issuer` and `scopes`. */
  readonly page: object;
  /** What the page calls besides the API. */
  readonly origins: string[];
}

const cognitoOrigin = "https://cognito-idp.<AWS::Region>.<AWS::URLSuffix>";
const domain = "https://<MembersPoolDomain>.auth.<AWS::Region>.amazoncognito.com";
const userPool: Provider = {
  what: "a user pool of its own",
  stage: "prod",
  changed: {},
  issuer: `${cognitoOrigin}/<MembersPool>`,
  audience: "<MembersPoolPage>",
  asks: "openid email",
  page: { clientId: "<MembersPoolPage>", cognitoLogoutUrl: `${domain}/logout` },
  origins: [cognitoOrigin, domain],
};

const named: Omit<Provider, "what" | "stage" | "changed"> = {
  issuer: "https://login.example.org/tenant/",
  audience: "page",
  asks: "openid email offline_access",
  page: { clientId: "page" },
  origins: ["https://login.example.org"],
};
const signIn = { issuer: named.issuer, clientId: "page" };
const loopback = { issuer: "http://localhost:9000", clientId: "page" };
const resource = "https://api.example.org/";

const providers: Provider[] = [
  userPool,
  { ...named, what: "a provider that it names", stage: "dev", changed: { signIn } },
  {
    ...named,
    what: "a provider that it names, with a resource and endpoints elsewhere",
    stage: "prod",
    changed: { signIn: { ...signIn, resource, origins: ["https://token.example.org"] } },
    audience: resource,
    page: { clientId: "page", resource },
    origins: ["https://login.example.org", "https://token.example.org"],
  },
  {
    ...named,
    what: "a provider on this machine",
    stage: "local",
    changed: { signIn: loopback },
    issuer: loopback.issuer,
    origins: ["http://localhost:9000"],
  },
];

/** The scope that a token needs, by route key, and the authorizer that looks at it. */
function guardedRoutes({ resources }: Synthesized): Json {
  const routes = resources("AWS::ApiGatewayV2::Route").map(({ Properties }) => Properties);
  assert.equal(routes.length, 4);
  const guarded = routes.filter(({ AuthorizationType }) => AuthorizationType !== "NONE");
  const [authorizer, ...others] = resources("AWS::ApiGatewayV2::Authorizer");
  assert.equal(others.length, 0);
  for (const route of guarded) {
    assert.equal(route.AuthorizationType, "JWT");
    assert.deepEqual(route.AuthorizerId, { Ref: authorizer?.id });
    assert.equal(route.AuthorizationScopes.length, 1);
  }
  return Object.fromEntries(
    guarded.map(({ RouteKey, AuthorizationScopes: [scope] }) => [RouteKey, scope]),
  );
}

const allowedHeaders = ({ resource }: Synthesized) =>
  resource("AWS::ApiGatewayV2::Api").Properties.CorsConfiguration.AllowHeaders;
const logFormat = ({ resource }: Synthesized) =>
  JSON.parse(resource("AWS::ApiGatewayV2::Stage").Properties.AccessLogSettings.Format);
const cognito = ({ template }: Synthesized) =>
  Object.values<Json>(template.Resources).filter(({ Type }) => Type.startsWith("AWS::Cognito::"));

for (const stage of ["local", "dev", "prod"] as const) {
  test(`${stage}, public: no call needs a token, and the page signs nobody in`, () => {
    const synthesized = stackLike(stage, { access: "public" });
    assert.deepEqual(guardedRoutes(synthesized), guards.public);
    assert.deepEqual(synthesized.resources("AWS::ApiGatewayV2::Authorizer"), []);
    assert.deepEqual(allowedHeaders(synthesized), ["content-type", "idempotency-key"]);
    assert.deepEqual(Object.keys(configOf(synthesized)), ["apiUrl"]);
    assert.equal(connectSources(synthesized).length, 1);
    assert.equal(logFormat(synthesized).subject, undefined);
    assert.deepEqual(cognito(synthesized), []);
    assert.equal(synthesized.template.Outputs.UserPoolId, undefined);
  });
}

for (const access of guardedAccesses) {
  for (const { what, stage, changed, issuer, audience, asks, page, origins } of providers) {
    test(`${stage}, ${access}, ${what}: which calls need which token, and who gives it`, () => {
      const synthesized = stackLike(stage, { ...changed, access });
      assert.deepEqual(guardedRoutes(synthesized), guards[access]);
      const { AuthorizerType, IdentitySource, JwtConfiguration } = synthesized.resource(
        "AWS::ApiGatewayV2::Authorizer",
      ).Properties;
      assert.equal(AuthorizerType, "JWT");
      assert.deepEqual(IdentitySource, ["$request.header.Authorization"]);
      assert.equal(asText(JwtConfiguration.Issuer), issuer);
      assert.deepEqual(JwtConfiguration.Audience.map(asText), [audience]);
      assert.deepEqual(allowedHeaders(synthesized), [
        "content-type",
        "idempotency-key",
        "authorization",
      ]);
      assert.equal(logFormat(synthesized).subject, "$context.authorizer.claims.sub");
    });

    test(`${stage}, ${access}, ${what}: the page knows the provider and may call it`, () => {
      const synthesized = stackLike(stage, { ...changed, access });
      assert.deepEqual(configOf(synthesized).signIn, {
        access,
        issuer,
        scopes: `${asks} ${scopes[access]}`,
        ...page,
      });
      const [, ...called] = connectSources(synthesized);
      assert.deepEqual(called, origins);
    });

    test(`${stage}, ${access}, ${what}: a user pool only where no provider is named`, () => {
      const synthesized = stackLike(stage, { ...changed, access });
      const isOwn = changed.signIn === undefined;
      assert.equal(cognito(synthesized).length, isOwn ? 5 : 0);
      assert.equal("UserPoolId" in synthesized.template.Outputs, isOwn);
    });
  }

  test(`${access}: the page's client takes codes at the site's address, and no passwords`, () => {
    const client = (changed: Partial<Stage>) => {
      const { resource } = stackLike("dev", { access, ...changed });
      return resource("AWS::Cognito::UserPoolClient").Properties;
    };
    const { CallbackURLs, LogoutURLs, UserPoolId, ...others } = client({});
    assert.deepEqual(UserPoolId, {
      Ref: stackLike("dev", {}).resource("AWS::Cognito::UserPool").id,
    });
    const site = "https://<SiteDistribution.DomainName>";
    assert.deepEqual(CallbackURLs.map(asText), [`${site}/signed-in`]);
    assert.deepEqual(LogoutURLs.map(asText), [`${site}/`]);
    assert.deepEqual(others, {
      GenerateSecret: false,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "email", ...scopes[access].split(" ")],
      ExplicitAuthFlows: ["ALLOW_CUSTOM_AUTH"],
      SupportedIdentityProviders: ["COGNITO"],
      PreventUserExistenceErrors: "ENABLED",
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 60 },
      AccessTokenValidity: 60,
      IdTokenValidity: 60,
      RefreshTokenValidity: 30 * 24 * 60,
      TokenValidityUnits: { AccessToken: "minutes", IdToken: "minutes", RefreshToken: "minutes" },
      ReadAttributes: ["email", "email_verified"],
      WriteAttributes: ["email"],
    });

    // Other pages may call the API; members do not come back to them.
    const custom = client({ ...customDomains, extraOrigins: ["http://localhost:8080"] });
    assert.deepEqual(custom.CallbackURLs, [`${customDomains.webOrigin}/signed-in`]);
    assert.deepEqual(custom.LogoutURLs, [`${customDomains.webOrigin}/`]);
  });
}

test("the user pool has strong passwords, e-mail addresses and no sign-up", () => {
  const { resource } = stackLike("dev", {});
  const { Properties } = resource("AWS::Cognito::UserPool");
  assert.deepEqual(Properties.UsernameAttributes, ["email"]);
  assert.deepEqual(Properties.UsernameConfiguration, { CaseSensitive: false });
  assert.deepEqual(Properties.AutoVerifiedAttributes, ["email"]);
  assert.deepEqual(Properties.UserAttributeUpdateSettings, {
    AttributesRequireVerificationBeforeUpdate: ["email"],
  });
  assert.deepEqual(Properties.AccountRecoverySetting.RecoveryMechanisms, [
    { Name: "verified_email", Priority: 1 },
  ]);
  assert.deepEqual(Properties.Policies.PasswordPolicy, {
    MinimumLength: 12,
    RequireLowercase: true,
    RequireUppercase: true,
    RequireNumbers: true,
    RequireSymbols: true,
  });
  assert.deepEqual(
    [Properties.MfaConfiguration, Properties.EnabledMfas],
    ["OPTIONAL", ["SOFTWARE_TOKEN_MFA"]],
  );
  assert.equal(Properties.UserPoolTier, "ESSENTIALS");
  assert.deepEqual(Properties.AdminCreateUserConfig, { AllowAdminCreateUserOnly: true });
});

test("a stage may open the sign-up", () => {
  const { resource } = stackLike("dev", { signUp: "open" });
  const { AdminCreateUserConfig } = resource("AWS::Cognito::UserPool").Properties;
  assert.deepEqual(AdminCreateUserConfig, { AllowAdminCreateUserOnly: false });
});

test("the user pool's pages are managed login, at a name that no other stack has", () => {
  const { resource } = stackLike("prod", {});
  const { Domain, ManagedLoginVersion } = resource("AWS::Cognito::UserPoolDomain").Properties;
  assert.equal(ManagedLoginVersion, 2);
  assert.match(asText(Domain), /^[a-z-]+-prod-<0 of <2 of <AWS::StackId> by \/> by ->$/);
  const style = resource("AWS::Cognito::ManagedLoginBranding").Properties;
  assert.deepEqual(style.ClientId, { Ref: resource("AWS::Cognito::UserPoolClient").id });
  assert.equal(style.UseCognitoProvidedValues, true);
});

test("the name of the sign-in pages has no word that Cognito refuses", () => {
  for (const title of ["Claws", "My Amazon", "Incognito"]) {
    const appName = { title, slug: title.toLowerCase().replace(" ", "-") };
    const { resource } = stackLike("dev", {}, { appName });
    const { Domain } = resource("AWS::Cognito::UserPoolDomain").Properties;
    assert.match(asText(Domain), /^members-</, title);
  }
});

test("the user pool's client waits for the scopes that it may ask for", () => {
  const { resource } = stackLike("dev", {});
  const server = resource("AWS::Cognito::UserPoolResourceServer");
  const { Identifier, Scopes } = server.Properties;
  assert.deepEqual(
    Scopes.map(({ ScopeName }: Json) => `${Identifier}/${ScopeName}`),
    ["events/write", "events/read"],
  );
  assert.ok(resource("AWS::Cognito::UserPoolClient").DependsOn?.includes(server.id));
});

const keeping: [what: string, stage: StageName, firstDeploy: boolean, Json][] = [
  ["dev", "dev", false, ["Delete", "Delete", "INACTIVE"]],
  ["prod", "prod", false, ["Retain", "Retain", "ACTIVE"]],
  // A rollback removes it, a later deployment does not.
  ["the first deployment of prod", "prod", true, ["RetainExceptOnCreate", "Retain", "INACTIVE"]],
];

for (const [what, stage, firstDeploy, expected] of keeping) {
  test(`${what}: the user pool goes or stays as the events do`, () => {
    const { resource } = stackLike(stage, {}, { firstDeploy });
    const pool = resource("AWS::Cognito::UserPool");
    assert.deepEqual(
      [pool.DeletionPolicy, pool.UpdateReplacePolicy, pool.Properties.DeletionProtection],
      expected,
    );
    const table = resource("AWS::DynamoDB::Table");
    assert.equal(table.DeletionPolicy, pool.DeletionPolicy);
  });
}
