import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { routes } from "../lib/routes.ts";
import { UsageError } from "../lib/usage-error.ts";
import { builtArtefacts, synthesize } from "./support.ts";

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

test("a stack with a placeholder cannot be deployed, whatever its parameters are", () => {
  const artefacts = builtArtefacts();
  rmSync(`${artefacts.lambdas}/get-event.zip`);
  const { template } = synthesize({ ...artefacts, placeholders: "true" });

  const [assertion] = template.Rules.CheckArtefactsBuilt.Assertions;
  assert.deepEqual(assertion.Assert, { "Fn::Equals": [{ Ref: "ArtefactsBuilt" }, "true"] });
  assert.match(assertion.AssertDescription, /cargo xtask build/);
  const { Default, AllowedValues } = template.Parameters.ArtefactsBuilt;
  assert.deepEqual([Default, AllowedValues], ["false", ["false"]]);
});

test("a stack with every artefact can be deployed, placeholders allowed or not", () => {
  for (const placeholders of [true, false]) {
    const { template } = synthesize({ ...builtArtefacts(), placeholders });
    assert.equal(template.Rules.CheckArtefactsBuilt, undefined);
    assert.equal(template.Parameters.ArtefactsBuilt, undefined);
  }
});
