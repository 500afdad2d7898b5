import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { covers, headerRules } from "../smoke/header-rules.ts";
import { asText, type Json, type StageName, stack, stageNames } from "./support.ts";

const apis = {
  local: "http://localhost:3000",
  dev: "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
  prod: "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
};

/** The headers that CloudFront makes of the stack's policy. */
function headersOf(stage: StageName): IncomingHttpHeaders {
  const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = stack(stage).resource(
    "AWS::CloudFront::ResponseHeadersPolicy",
  ).Properties.ResponseHeadersPolicyConfig;
  const hsts = security.StrictTransportSecurity;
  return {
    "content-security-policy": asText(
      security.ContentSecurityPolicy.ContentSecurityPolicy,
    ).replaceAll("<AWS::Region>", "eu-central-1"),
    "referrer-policy": security.ReferrerPolicy.ReferrerPolicy,
    "strict-transport-security": `max-age=${hsts.AccessControlMaxAgeSec}; includeSubDomains`,
    "x-content-type-options": "nosniff",
    "x-frame-options": security.FrameOptions.FrameOption,
    ...Object.fromEntries(custom.Items.map(({ Header, Value }: Json) => [Header, Value])),
  };
}

for (const stage of stageNames) {
  test(`${stage}: the page's headers obey every rule of OWASP and the Observatory`, () => {
    for (const { source, name, holds } of headerRules) {
      assert.ok(holds(headersOf(stage), apis[stage]), `${source}: ${name}`);
    }
  });
}

test("every header is wanted by a rule: without it, one does not hold", () => {
  const all = headersOf("prod");
  for (const name of Object.keys(all)) {
    const without = { ...all, [name]: undefined };
    assert.ok(!headerRules.every(({ holds }) => holds(without, apis.prod)), name);
  }
});

const weaker: [policy: RegExp, weakened: string][] = [
  [/default-src 'none'/, "default-src 'self'"],
  [/script-src 'self'/, "script-src 'self' 'unsafe-inline'"],
  [/script-src 'self'/, "script-src 'self' https://cdn.example.com"],
  [/style-src 'self'/, "style-src 'self' 'unsafe-inline'"],
  [/connect-src [^;]*/, "connect-src 'self' https:"],
  [/connect-src [^;]*/, "connect-src 'self' https://*.execute-api.us-east-1.amazonaws.com"],
  [/connect-src [^;]*/, "connect-src 'self' https://a.example https://b.example"],
  [/frame-ancestors 'none'/, "frame-ancestors 'self'"],
];

for (const [policy, weakened] of weaker) {
  test(`a policy with ${weakened} is found out`, () => {
    const headers = headersOf("prod");
    const before = String(headers["content-security-policy"]);
    const changed = { ...headers, "content-security-policy": before.replace(policy, weakened) };
    assert.notEqual(changed["content-security-policy"], before);
    assert.ok(!headerRules.every(({ holds }) => holds(changed, apis.prod)));
  });
}

test("a wildcard covers names below it alone", () => {
  assert.ok(covers("https://*.example.org", "https://a.example.org"));
  assert.ok(!covers("https://*.example.org", "https://example.org"));
  assert.ok(!covers("https://*.example.org", "https://a.notexample.org"));
  assert.ok(!covers("https://*.example.org", "http://a.example.org"));
});
