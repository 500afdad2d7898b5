import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { stack } from "./support.ts";

const source = readFileSync(`${import.meta.dirname}/../lib/site/rewrite.js`, "utf8");
const handler = runInNewContext(`${source}; handler`);

const paths: [requested: string, served: string][] = [
  ["/", "/index.html"],
  ["/events", "/index.html"],
  ["/events/", "/index.html"],
  ["/events/7d444840-9dc0-11d1-b245-5ffdce74fad2", "/index.html"],
  ["/v1.2/events", "/index.html"],
  ["/index.html", "/index.html"],
  ["/config.json", "/config.json"],
  ["/web-0123456789abcdef_bg.wasm", "/web-0123456789abcdef_bg.wasm"],
  ["/missing.js", "/missing.js"],
  ["/events/missing.png", "/events/missing.png"],
  ["/.well-known/security.txt", "/.well-known/security.txt"],
];

for (const [requested, served] of paths) {
  test(`${requested} is served from ${served}`, () => {
    const request = { method: "GET", uri: requested, querystring: {} };
    assert.equal(handler({ request }).uri, served);
  });
}

test("the stack deploys the function that is tested here", () => {
  assert.equal(stack("prod").resource("AWS::CloudFront::Function").Properties.FunctionCode, source);
});
