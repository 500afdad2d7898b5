import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import paths from "./page-paths.json" with { type: "json" };
import { stack } from "./support.ts";

const source = readFileSync(`${import.meta.dirname}/../lib/site/rewrite.js`, "utf8");
/** What is in the bucket. */
const files = new Set(paths.map(({ served }) => served));
const handler = runInNewContext(`${source}; handler`);

// The local run is tested on the same paths: infra/local/src/website.rs.
for (const { requested, served } of paths) {
  test(`${requested} is ${served ?? "not there"}`, () => {
    const request = { method: "GET", uri: requested, querystring: {} };
    const { uri } = handler({ request });
    // S3 looks for the file whose name this is, decoded.
    const file = decodeURIComponent(uri);
    assert.equal(files.has(file) ? file : null, served);
  });
}

test("the stack deploys the function that is tested here", () => {
  assert.equal(stack("prod").resource("AWS::CloudFront::Function").Properties.FunctionCode, source);
});
