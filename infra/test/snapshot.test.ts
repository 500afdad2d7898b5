import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { appName, readAppName } from "../lib/app-name.ts";
import { stackLike } from "./support.ts";

const file = `${import.meta.dirname}/snapshot/prod.template.json`;

/** Shows a reviewer what a change of the stack does to the template that is deployed. */
test("prod: the template is the one in snapshot/ (to write it: UPDATE_SNAPSHOT=1 npm test)", () => {
  const write = Boolean(process.env.UPDATE_SNAPSHOT);
  // The app's name as the snapshot has it, so that renaming the app does not outdate the snapshot.
  const [title = ""] = write ? [] : JSON.parse(readFileSync(file, "utf8")).Description.split(":");
  const { template } = stackLike("prod", {}, { appName: write ? readAppName() : appName(title) });
  const text = JSON.stringify(template, null, 1)
    // The names of assets, and what the library derives from their content.
    .replaceAll(/\b[0-9a-f]{64}\b/g, "HASH")
    .replaceAll(/(aws-cdk:cr-owned:|cr-owned:)[0-9a-f]{8}/g, "$1HASH")
    // The folder of the tests' artefacts.
    .replaceAll(/"[^"]*infra-test-[^"]*"/g, '"ARTEFACT"');
  if (write) writeFileSync(file, `${text}\n`);
  assert.equal(`${text}\n`, readFileSync(file, "utf8"));
});
