import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { covers, headerRules, type Page } from "../smoke/header-rules.ts";
import { headersOf, stageNames } from "./support.ts";

const deployed: Page = {
  api: "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
  signIn: { issuer: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a1B2c3D4e" },
};
const pages = { local: { api: "http://localhost:3000" }, dev: deployed, prod: deployed };

for (const stage of stageNames) {
  test(`${stage}: the page's headers meet every rule of OWASP and the Observatory`, () => {
    for (const { source, name, holds } of headerRules) {
      assert.ok(holds(headersOf(stage), pages[stage]), `${source}: ${name}`);
    }
  });
}

const headers = headersOf("prod");

function withPolicy(directive: RegExp, weaker: string): IncomingHttpHeaders {
  const policy = String(headers["content-security-policy"]);
  assert.match(policy, directive);
  return { "content-security-policy": policy.replace(directive, weaker) };
}

/** What is wrong, and the headers in place of the stack's. */
const weaknesses: [what: string, headers: IncomingHttpHeaders][] = [
  ...Object.keys(headers).map((name): [string, IncomingHttpHeaders] => [
    `no ${name}`,
    { [name]: undefined },
  ]),
  ...(
    [
      [/default-src 'none'/, "default-src 'self'"],
      [/script-src 'self'/, "script-src 'self' 'unsafe-inline'"],
      [/script-src 'self'/, "script-src 'self' https://cdn.example.com"],
      [/script-src 'self'/, "script-src 'self' 'sha256-changes-with-each-build='"],
      [/style-src 'self'/, "style-src 'self' 'unsafe-inline'"],
      [/img-src 'self'/, "img-src *"],
      [/connect-src [^;]*/, "connect-src 'self' https:"],
      [/connect-src [^;]*/, "connect-src 'self' https://*.execute-api.us-east-1.amazonaws.com"],
      [/https:..cognito-idp[^ ]*/, "https://a.example"],
      [/https:..app.auth[^ ;]*/, "https://*.amazoncognito.com"],
      [/https:..app.auth[^ ;]*/, "https:"],
      [/base-uri 'none'/, "base-uri 'self'"],
      [/form-action 'self'/, "form-action *"],
      [/frame-ancestors 'none'/, "frame-ancestors 'self'"],
    ] as const
  ).map(([directive, weaker]): [string, IncomingHttpHeaders] => [
    weaker,
    withPolicy(directive, weaker),
  ]),
  ["a day of HSTS", { "strict-transport-security": "max-age=86400; includeSubDomains" }],
  ["the camera", { "permissions-policy": "camera=(self)" }],
  ["the framework's name", { "x-powered-by": "Express" }],
  ...["nginx/1.29", "Apache/2", "PHP 8", "Microsoft-IIS 10.0"].map(
    (server): [string, IncomingHttpHeaders] => [`the server's version: ${server}`, { server }],
  ),
  ["a cookie", { "set-cookie": ["a=b"] }],
  ["other origins", { "access-control-allow-origin": "*" }],
];

const broken = (weakness: IncomingHttpHeaders) =>
  headerRules.filter(({ holds }) => !holds({ ...headers, ...weakness }, deployed));

for (const [what, weakness] of weaknesses) {
  test(`a page with ${what} breaks a rule`, () => {
    assert.notEqual(broken(weakness).length, 0);
  });
}

for (const server of ["AmazonS3", "CloudFront", "awselb", "cloudflare"]) {
  test(`a server may be ${server}`, () => {
    assert.deepEqual(broken({ server }), []);
  });
}

test("a page without sign-in calls its API alone", () => {
  const rule = headerRules.find(({ name }) => name.includes("its sign-in and no other host"));
  const { api } = deployed;
  assert.equal(rule?.holds({ ...headers }, { api }), false);
  const alone = withPolicy(/connect-src [^;]*/, `connect-src 'self' ${api}`);
  assert.equal(rule?.holds(alone, { api }), true);
});

test("every rule can be broken", () => {
  const all = new Set(weaknesses.flatMap(([, weakness]) => broken(weakness)));
  assert.deepEqual(
    headerRules.filter((rule) => !all.has(rule)),
    [],
  );
});

test("a wildcard covers only the names below it", () => {
  assert.ok(covers("https://*.example.org", "https://a.example.org"));
  assert.ok(!covers("https://*.example.org", "https://example.org"));
  assert.ok(!covers("https://*.example.org", "https://a.notexample.org"));
  assert.ok(!covers("https://*.example.org", "http://a.example.org"));
});
