import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { readAppName } from "../../lib/app-name.ts";
import { builtArtefacts, scratchDirectory } from "../support.ts";

const infra = resolve(import.meta.dirname, "../..");

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return new Promise((done) => {
    const options = { cwd: infra, env: { ...process.env, ...env } };
    execFile(command, args, options, (error, stdout, stderr) => {
      done({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const app = (outdir: string, context: object) =>
  run(process.execPath, ["--import", "tsx", "bin/app.ts"], {
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
  });

test("the CLI and the app alone make the same template and print nothing", async () => {
  const context = { stage: "local", webPort: 4001, apiPort: 4002, ...builtArtefacts() };
  const flags = Object.entries(context).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [byCli, byApp] = [scratchDirectory(), scratchDirectory()];
  const quiet = { status: 0, stdout: "", stderr: "" };
  assert.deepEqual(await app(byApp, context), quiet);
  assert.deepEqual(
    await run("node_modules/.bin/cdk", ["synth", "--quiet", ...flags, "--output", byCli]),
    quiet,
  );
  const template = (directory: string) =>
    readFileSync(join(directory, `${readAppName().slug}-local.template.json`), "utf8");
  assert.equal(template(byApp), template(byCli));
});

test("a usage error is one line on stderr, without an assembly", async () => {
  const output = join(scratchDirectory(), "out");
  assert.deepEqual(await app(output, { stage: "staging" }), {
    status: 1,
    stdout: "",
    stderr: "error: -c stage=staging: must be local, dev, prod or pr-NUMBER\n",
  });
  assert.ok(!existsSync(join(output, "manifest.json")));
});
