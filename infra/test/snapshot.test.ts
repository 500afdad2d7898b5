import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { stack } from "./support.ts";

const file = `${import.meta.dirname}/snapshot/prod.template.json`;

/** Whoever changes the stack sees, and has reviewed, what becomes of the template that is deployed. */
test("prod: the whole template is the one in snapshot/ (UPDATE_SNAPSHOT=1 npm test writes it anew)", () => {
  const template = JSON.stringify(stack("prod").template, null, 1)
    // The names of assets, and what the library derives from their content.
    .replaceAll(/\b[0-9a-f]{64}\b/g, "HASH")
    .replaceAll(/(aws-cdk:cr-owned:|cr-owned:)[0-9a-f]{8}/g, "$1HASH")
    // Where the tests' artefacts lie.
    .replaceAll(/"[^"]*infra-test-[^"]*"/g, '"ARTEFACT"');
  if (process.env.UPDATE_SNAPSHOT || !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${template}\n`);
  }
  assert.equal(`${template}\n`, readFileSync(file, "utf8"));
});
