import assert from "node:assert/strict";
import { test } from "node:test";
import { App } from "aws-cdk-lib/core";
import { type Access, accesses } from "../lib/access.ts";
import { readSettings } from "../lib/settings.ts";
import { checkStage, refusePublic, type Stage, stageNamed } from "../lib/stages.ts";
import { UsageError } from "../lib/usage-error.ts";
import { accepted, customDomains } from "./support.ts";

const noPorts = { webPort: undefined, apiPort: undefined };
const dev = stageNamed("dev", noPorts);

/** The rule for an origin in another spelling than that of browsers. */
const spelling = (origin: string) => `must be written as browsers send it: ${origin}`;

const signIn = { issuer: "https://login.example.org", clientId: "page" };

const invalid: [changed: Partial<Stage>, message: string][] = [
  [{ webOrigin: "*" }, 'webOrigin "*": must name one origin, without a wildcard'],
  [
    { apiOrigin: "https://*.example.org" },
    'apiOrigin "https://*.example.org": must name one origin, without a wildcard',
  ],
  [
    { webOrigin: "https://example.org/" },
    `webOrigin "https://example.org/": ${spelling("https://example.org")}`,
  ],
  [
    { extraOrigins: ["http://localhost:8080", "https://example.org/events"] },
    `extraOrigins "https://example.org/events": ${spelling("https://example.org")}`,
  ],
  [
    { webOrigin: "https://Example.org" },
    `webOrigin "https://Example.org": ${spelling("https://example.org")}`,
  ],
  [
    { webOrigin: "HTTPS://example.org" },
    `webOrigin "HTTPS://example.org": ${spelling("https://example.org")}`,
  ],
  [
    { webOrigin: "https://example.org:443" },
    `webOrigin "https://example.org:443": ${spelling("https://example.org")}`,
  ],
  [
    { webOrigin: "https://me@example.org" },
    `webOrigin "https://me@example.org": ${spelling("https://example.org")}`,
  ],
  [
    { webOrigin: "https://bücher.example" },
    `webOrigin "https://bücher.example": ${spelling("https://xn--bcher-kva.example")}`,
  ],
  [
    { webOrigin: "ftp://example.org" },
    'webOrigin "ftp://example.org": must be an http or https origin, like https://example.org',
  ],
  [
    { webOrigin: "example.org" },
    'webOrigin "example.org": must be an http or https origin, like https://example.org',
  ],
  [
    { extraOrigins: ["null"] },
    'extraOrigins "null": must be an http or https origin, like https://example.org',
  ],
  [
    { extraOrigins: [""] },
    'extraOrigins "": must be an http or https origin, like https://example.org',
  ],
  [
    { extraOrigins: ["https://a.example,b.example"] },
    'extraOrigins "https://a.example,b.example": must not contain a comma',
  ],
  [{ webOrigin: "http://example.org" }, "webOrigin http://example.org: must be https"],
  [
    { ...customDomains, apiOrigin: "https://api.events.example.org:8443" },
    "apiOrigin https://api.events.example.org:8443: must have no port: AWS serves it on 443",
  ],
  [
    { webOrigin: customDomains.webOrigin, zone: customDomains.zone },
    "webOrigin https://events.example.org: needs webCertificate, the ARN of a certificate for it",
  ],
  [
    { apiOrigin: customDomains.apiOrigin, apiCertificate: customDomains.apiCertificate },
    "apiOrigin https://api.events.example.org: needs zone, the hosted zone for its records",
  ],
  [
    { apiCertificate: customDomains.apiCertificate },
    `apiCertificate ${customDomains.apiCertificate}: needs an https apiOrigin`,
  ],
  [
    { ...customDomains, webCertificate: customDomains.apiCertificate },
    `webCertificate ${customDomains.apiCertificate}: must be in us-east-1: CloudFront requires it`,
  ],
  [
    { ...customDomains, apiCertificate: "mine" },
    "apiCertificate mine: must be the ARN of a certificate",
  ],
  [
    { ...customDomains, webOrigin: "https://notexample.org" },
    "webOrigin https://notexample.org: must be in the zone example.org",
  ],
  [
    { ...customDomains, apiOrigin: customDomains.webOrigin },
    "apiOrigin https://events.example.org: must differ from webOrigin",
  ],
  [{ alarmTopic: "ops" }, "alarmTopic ops: must be the ARN of an SNS topic"],
  [{ alarmEmail: "ops" }, 'alarmEmail "ops": must be an e-mail address'],
  [
    { budget: { usd: 10, email: "a b@example.org" } },
    'budget.email "a b@example.org": must be an e-mail address',
  ],
  ...[0, -1, Number.NaN, 1e7].map((usd): [Partial<Stage>, string] => [
    { budget: { usd, email: "ops@example.org" } },
    `budget.usd ${usd}: must be an amount of US dollars, above 0 and at most 1000000`,
  ]),
  [{ protectStack: true }, "data delete: needs protectStack false: deleting the data takes both"],
  [{ accountConcurrency: 0 }, "accountConcurrency 0: must be a whole number from 1 to 1000000"],
  [
    {
      accountConcurrency: 1_000,
      functions: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 226 },
    },
    "functions.reservedConcurrency 226: the functions would reserve 904 of accountConcurrency " +
      "1000, and Lambda keeps 100: reserve less, or set accountConcurrency to a higher quota",
  ],
  [
    {
      throttle: {
        requestsPerSecond: 1,
        burst: 1,
        routes: { "get-event": { requestsPerSecond: 1, burst: 0 } },
      },
    },
    "throttle.routes.get-event.burst 0: must be a whole number from 1 to 5000",
  ],
  [
    { tableUnits: { table: { read: 1, write: 1 }, index: { read: 0.5, write: 1 } } },
    "tableUnits.index.read 0.5: must be a whole number from 1 to 40000",
  ],
  [
    // Writes wait for the index.
    { tableUnits: { table: { read: 1, write: 20 }, index: { read: 1, write: 10 } } },
    "tableUnits.index.write 10: must be at least tableUnits.table.write, 20",
  ],
  [{ access: "all" as Access }, "access all: must be public, members-write or members"],
  ...(
    [
      ["login.example.org", '"login.example.org": must be an https URL'],
      ["ftp://login.example.org", '"ftp://login.example.org": must be an https URL'],
      [
        "https://login.example.org/?a",
        '"https://login.example.org/?a": must have no query and no fragment',
      ],
      [
        "https://login.example.org#",
        '"https://login.example.org#": must have no query and no fragment',
      ],
      [
        "https://Login.example.org/a",
        '"https://Login.example.org/a": must be written as browsers write it: ' +
          "https://login.example.org/a",
      ],
      ["http://login.example.org", "http://login.example.org: must be https"],
      // Only the stage of this machine may sign in on this machine.
      ["http://localhost:9000", "http://localhost:9000: must be https"],
    ] as const
  ).map(([issuer, message]): [Partial<Stage>, string] => [
    { signIn: { issuer, clientId: "page" } },
    `signIn.issuer ${message}`,
  ]),
  ...(
    [
      [{ clientId: "" }, 'clientId "": must be visible ASCII characters'],
      [{ clientId: "my page" }, 'clientId "my page": must be visible ASCII characters'],
      [
        { resource: "api" },
        'resource "api": must be an absolute URI without a fragment (RFC 8707)',
      ],
      [
        { resource: "https://api#x" },
        'resource "https://api#x": must be an absolute URI without a fragment (RFC 8707)',
      ],
      [
        { origins: ["https://*.example.org"] },
        'origins "https://*.example.org": must name one origin, without a wildcard',
      ],
      [{ origins: ["http://a.example"] }, "origins http://a.example: must be https"],
    ] as const
  ).map(([changed, message]): [Partial<Stage>, string] => [
    { signIn: { ...signIn, ...changed } },
    `signIn.${message}`,
  ]),
  [
    { access: "public", signIn },
    "signIn.issuer https://login.example.org: needs access members-write or members",
  ],
  [
    { access: "public", signUp: "open" },
    "signUp open: needs a user pool of the stack: access, and no signIn",
  ],
  [
    { signIn, signUp: "open" },
    "signUp open: needs a user pool of the stack: access, and no signIn",
  ],
  ...["Mars/Olympus", "europe/zurich", "+01:00", ""].map((timeZone): [Partial<Stage>, string] => [
    { timeZone },
    `timeZone ${timeZone}: must be a name of the IANA time zone database, like Europe/Zurich`,
  ]),
  [{ shards: 0 }, "shards 0: must be a whole number from 1 to 64"],
  [{ shards: 1.5 }, "shards 1.5: must be a whole number from 1 to 64"],
  [
    { functions: { memoryMb: 64, timeoutSeconds: 10 } },
    "functions.memoryMb 64: must be a whole number from 128 to 10240",
  ],
  [
    { functions: { memoryMb: 512, timeoutSeconds: 30 } },
    "functions.timeoutSeconds 30: must be a whole number from 1 to 28",
  ],
  [
    { functions: { memoryMb: 512, timeoutSeconds: 10, reservedConcurrency: 0 } },
    "functions.reservedConcurrency 0: must be a whole number from 1 to 1000",
  ],
  [
    { throttle: { requestsPerSecond: 0, burst: 1 } },
    "throttle.requestsPerSecond 0: must be a whole number from 1 to 10000",
  ],
  [
    { throttle: { requestsPerSecond: 1, burst: 5001 } },
    "throttle.burst 5001: must be a whole number from 1 to 5000",
  ],
];

for (const [changed, message] of invalid) {
  test(`a stage is refused: ${message}`, () => {
    assert.throws(
      () => checkStage({ ...dev, ...changed }),
      new UsageError(`stage dev: ${message}`),
    );
  });
}

for (const origin of ["https://example.org", "http://localhost:8080", "http://[::1]:8080"]) {
  test(`an origin is allowed: ${origin}`, () => {
    assert.deepEqual(checkStage({ ...dev, extraOrigins: [origin] }).extraOrigins, [origin]);
  });
}

test("a stage may have custom domains for page and API or for one of them", () => {
  const { apiOrigin: _, apiCertificate: __, ...webAlone } = customDomains;
  for (const names of [
    customDomains,
    webAlone,
    { ...customDomains, webOrigin: "https://example.org" },
  ]) {
    assert.equal(checkStage({ ...dev, ...names }).webOrigin, names.webOrigin);
  }
});

test("a stage on AWS is public only where the command line says so", () => {
  const refusal = new UsageError(
    "stage dev: access public: anyone with the URL can create and delete events; there is no " +
      "sign-in. To accept that, say it with each deployment: -c access=public " +
      "(cargo xtask deploy --access public)",
  );
  assert.throws(() => refusePublic({ ...dev, access: "public" }, undefined), refusal);
  refusePublic({ ...dev, access: "public" }, "public");
  refusePublic(dev, undefined);
  const access = (context: object) => readSettings(new App({ context }).node).stage.access;
  assert.equal(access({ stage: "local" }), "public");
  for (const stage of ["dev", "prod", "pr-7"]) {
    assert.equal(access({ stage, ...accepted }), "members-write", stage);
    for (const told of accesses) assert.equal(access({ stage, ...accepted, access: told }), told);
  }
});

test("the command line may name the provider, and local signs nobody in without one", () => {
  const read = (context: object) => readSettings(new App({ context }).node).stage;
  const named = { signInIssuer: "https://login.example.org", signInClientId: "page" };
  assert.deepEqual(read({ stage: "dev", ...named }).signIn, signIn);
  assert.deepEqual(read({ stage: "dev", ...named, signInResource: "urn:api" }).signIn, {
    ...signIn,
    resource: "urn:api",
  });
  assert.equal(read({ stage: "dev" }).signIn, undefined);

  const local = { stage: "local", access: "members-write" };
  assert.throws(
    () => read(local),
    new UsageError(
      "stage local: access members-write: needs -c signInIssuer=URL and -c signInClientId=ID",
    ),
  );
  for (const host of ["localhost", "127.0.0.1"]) {
    const here = { ...named, signInIssuer: `http://${host}:9000` };
    assert.equal(read({ ...local, ...here }).signIn?.issuer, `http://${host}:9000`);
  }
  assert.throws(
    () => read({ ...local, ...named, signInIssuer: "http://login.example.org" }),
    /signIn.issuer http:\/\/login.example.org: must be https/,
  );
});

test("a stage that keeps its data must say who hears of failures and of the cost", () => {
  const refusal = new UsageError(
    "stage prod: nobody would hear of failures and costs: set alarmEmail or alarmTopic, and " +
      "budget, in infra/lib/stages.ts, or -c alarmEmail=ADDRESS -c budgetUsd=AMOUNT " +
      "(cargo xtask deploy --alarm-email ADDRESS --budget-usd AMOUNT)",
  );
  const read = (context: object) =>
    readSettings(new App({ context: { stage: "prod", ...context } }).node).stage;
  const [alarmEmail, budgetEmail] = ["ops@example.org", "costs@example.org"];
  const alarmTopic = "arn:aws:sns:eu-central-1:123456789012:alarms";
  assert.throws(() => read({}), refusal);
  assert.throws(() => read({ alarmEmail }), refusal);
  assert.throws(() => read({ alarmTopic }), refusal);
  assert.throws(() => read({ budgetUsd: 10, budgetEmail }), refusal);

  const mailed = read({ alarmEmail, budgetUsd: "10.50" });
  assert.equal(mailed.alarmEmail, alarmEmail);
  assert.deepEqual(mailed.budget, { usd: 10.5, email: alarmEmail });
  const published = read({ alarmTopic, budgetUsd: 10, budgetEmail });
  assert.equal(published.alarmTopic, alarmTopic);
  assert.deepEqual(published.budget, { usd: 10, email: budgetEmail });
});

test("the command line may reserve concurrency where the account has it", () => {
  const context = { stage: "dev", accountConcurrency: "1000", reservedConcurrency: "25" };
  const { accountConcurrency, functions } = readSettings(new App({ context }).node).stage;
  assert.equal(accountConcurrency, 1_000);
  assert.deepEqual(functions, { ...dev.functions, reservedConcurrency: 25 });
});

test("a first deployment is one that the command line says is one", () => {
  const first = (context: object) => readSettings(new App({ context }).node).firstDeploy;
  assert.equal(first({ firstDeploy: "true" }), true);
  assert.equal(first({}), false);
});

const refusedContexts: [context: Record<string, unknown>, message: string][] = [
  [{ stage: "staging" }, "-c stage=staging: must be local, dev, prod or pr-NUMBER"],
  [{ stage: "" }, "-c stage=: must be local, dev, prod or pr-NUMBER"],
  [{ stage: "prod", webPort: "8080" }, "-c webPort=8080: only the stage local has ports, not prod"],
  [
    { stage: "local", webPort: "65536" },
    "-c webPort=65536: must be a whole number from 0 to 65535",
  ],
  [{ stage: "local", apiPort: "-1" }, "-c apiPort=-1: must be a whole number from 0 to 65535"],
  [{ stage: "local", apiPort: 80.5 }, "-c apiPort=80.5: must be a whole number from 0 to 65535"],
  [{ stage: "local", apiPort: "" }, "-c apiPort=: must be a whole number from 0 to 65535"],
  [
    { stage: "local", webPort: 5000, apiPort: "5000" },
    "-c webPort=5000 and -c apiPort=5000: must not be the same",
  ],
  [{ access: "none" }, "-c access=none: must be one of public, members-write, members"],
  [{ firstDeploy: "yes" }, "-c firstDeploy=yes: must be true or false"],
  [{ budgetUsd: "ten" }, "-c budgetUsd=ten: must be a number"],
  [{ budgetUsd: 10 }, "-c budgetUsd=10: needs -c budgetEmail or -c alarmEmail"],
  [{ accountConcurrency: "-1" }, "-c accountConcurrency=-1: must be a number"],
  [{ alarmEmail: "" }, 'stage dev: alarmEmail "": must be an e-mail address'],
  [{ site: "" }, "-c site=: must be a path"],
  ...[
    { signInIssuer: "https://login.example.org" },
    { signInClientId: "page" },
    { signInResource: "urn:api" },
    { signInIssuer: "", signInClientId: "page" },
  ].map((context): [Record<string, unknown>, string] => [
    context,
    "sign-in needs both -c signInIssuer=URL and -c signInClientId=ID",
  ]),
];

for (const [context, message] of refusedContexts) {
  test(`a context is refused: ${message}`, () => {
    assert.throws(() => readSettings(new App({ context }).node), new UsageError(message));
  });
}

test("the default is the stage dev with the release artefacts", () => {
  const { stage, artefacts } = readSettings(new App().node);
  assert.deepEqual(stage, dev);
  assert.deepEqual(artefacts, {
    lambdas: "target/lambda/arm64",
    archives: true,
    site: "target/site/release",
    named: [],
  });
});

test("the stage local uses programs for this machine", () => {
  const { artefacts } = readSettings(new App({ context: { stage: "local" } }).node);
  assert.deepEqual([artefacts.lambdas, artefacts.archives], ["target/lambda/release", false]);
});

const localOrigins: [ports: object, web: string, api: string, other: string][] = [
  [{}, "http://localhost:8080", "http://localhost:3000", "http://127.0.0.1:8080"],
  [
    { webPort: 9000, apiPort: 9001 },
    "http://localhost:9000",
    "http://localhost:9001",
    "http://127.0.0.1:9000",
  ],
  [{ webPort: 0, apiPort: 0 }, "http://localhost:0", "http://localhost:0", "http://127.0.0.1:0"],
  // Browsers leave the default port of http out.
  [{ webPort: 80 }, "http://localhost", "http://localhost:3000", "http://127.0.0.1"],
];

for (const [ports, webOrigin, apiOrigin, other] of localOrigins) {
  test(`the stage local with ${JSON.stringify(ports)} is at ${webOrigin} and ${apiOrigin}`, () => {
    const stage = stageNamed("local", { ...noPorts, ...ports });
    assert.deepEqual(
      [stage.webOrigin, stage.apiOrigin, stage.extraOrigins],
      [webOrigin, apiOrigin, [other]],
    );
  });
}
