import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import paths from "./page-paths.json" with { type: "json" };
import { stack } from "./support.ts";

const source = readFileSync(`${import.meta.dirname}/../lib/site/rewrite.js`, "utf8");
/** The files in the bucket. */
const files = new Set(paths.map(({ served }) => served));
const handler = runInNewContext(`${source}; handler`);

// The test of infra/local/src/website.rs has the same paths.
for (const { requested, served } of paths) {
  test(`${requested} is ${served ?? "not found"}`, () => {
    const request = { method: "GET", uri: requested, querystring: {} };
    const { uri } = handler({ request });
    // S3 decodes the path.
    const file = decodeURIComponent(uri);
    assert.equal(files.has(file) ? file : null, served);
  });
}

test("the stack deploys the function under test", () => {
  assert.equal(stack("prod").resource("AWS::CloudFront::Function").Properties.FunctionCode, source);
});
