import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { addStack, createApp, emptyApp } from "../lib/app.ts";
import { type ArtefactPaths, findArtefacts } from "../lib/artefacts.ts";
import { routes } from "../lib/routes.ts";
import { stageNamed } from "../lib/stages.ts";
import { UsageError } from "../lib/usage-error.ts";
import { builtArtefacts, scratchDirectory, synthesize } from "./support.ts";

const noPorts = { webPort: undefined, apiPort: undefined };

for (const { name } of routes) {
  for (const [stage, file] of [
    ["dev", `${name}.zip`],
    ["local", `${name}/bootstrap`],
  ]) {
    test(`without ${file} the synth of ${stage} fails`, () => {
      const artefacts = builtArtefacts();
      const missing = `${artefacts.lambdas}/${file}`;
      rmSync(missing);
      assert.throws(
        () => synthesize({ stage, ...artefacts }),
        new UsageError(`${missing} is missing: run \`cargo xtask build\` first`),
      );
    });
  }
}

test("without the site the synth fails", () => {
  const artefacts = builtArtefacts();
  rmSync(`${artefacts.site}/index.html`);
  assert.throws(
    () => synthesize(artefacts),
    new UsageError(`${artefacts.site}/index.html is missing: run \`cargo xtask build\` first`),
  );
});

test("relative paths start at the root of the repository", () => {
  assert.throws(
    () => synthesize({ lambdas: "no/such" }),
    new UsageError("no/such/list-events.zip is missing: run `cargo xtask build` first"),
  );
});

/** Like those of a clone: nothing is built, and nobody named a path. */
const notBuilt = (): ArtefactPaths => ({
  lambdas: scratchDirectory(),
  archives: true,
  site: scratchDirectory(),
  named: [],
});

test("what is not built and not named is a placeholder", () => {
  const paths = notBuilt();
  const { functions, site, missing } = findArtefacts(paths);
  assert.deepEqual(missing, [
    ...routes.map(({ name }) => `${paths.lambdas}/${name}.zip`),
    `${paths.site}/index.html`,
  ]);
  for (const directory of [...Object.values(functions), site]) {
    assert.match(directory, /\/infra\/placeholders\/(function|site)$/);
  }
});

test("a stack with a placeholder cannot be deployed, whatever its parameters are", () => {
  const app = emptyApp({}, scratchDirectory());
  addStack(app, {
    stage: stageNamed("dev", noPorts),
    artefacts: notBuilt(),
    firstDeploy: false,
  });
  const [stack] = app.synth().stacks;
  assert.ok(stack);
  const { template, messages } = stack;

  const [assertion] = template.Rules.CheckArtefactsBuilt.Assertions;
  assert.deepEqual(assertion.Assert, { "Fn::Equals": [{ Ref: "ArtefactsBuilt" }, "true"] });
  assert.match(assertion.AssertDescription, /cargo xtask build/);
  const { Default, AllowedValues } = template.Parameters.ArtefactsBuilt;
  assert.deepEqual([Default, AllowedValues], ["false", ["false"]]);
  const warnings = messages.filter(({ level }) => level === "warning").map((m) => m.entry.data);
  assert.equal(warnings.length, 1);
  assert.match(String(warnings[0]), /^Not built: .*list-events\.zip, .*run `cargo xtask build`/);
});

test("a stack with every artefact can be deployed, and warns of nothing", () => {
  const app = createApp({ ...builtArtefacts() }, scratchDirectory());
  const [stack] = app.synth().stacks;
  assert.ok(stack);
  assert.equal(stack.template.Rules.CheckArtefactsBuilt, undefined);
  assert.equal(stack.template.Parameters.ArtefactsBuilt, undefined);
  assert.deepEqual(stack.messages, []);
});
