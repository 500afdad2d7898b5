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

test("`cdk bootstrap`, the first command of all, gets as far as credentials", async () => {
  const none = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const { status, stderr } = await run("node_modules/.bin/cdk", ["bootstrap"], {
    ...none,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_VALIDATION: "false",
  });
  assert.match(stderr, /Unable to resolve AWS account to use/);
  assert.equal(status, 1);
});

test("the CLI bootstraps without the app, which has no artefacts in a clean clone", async () => {
  const cdk = (...args: string[]) =>
    run("node_modules/.bin/cdk", ["bootstrap", ...args, "--app", ""], {
      AWS_PROFILE: undefined,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    });
  // As `cargo xtask bootstrap` calls it.
  const { status, stdout, stderr } = await cdk("aws://111111111111/eu-west-1");
  assert.equal(status, 1);
  assert.match(stdout + stderr, /no credentials have been configured/);
  const template = await cdk("--show-template", "--json");
  const { Resources } = JSON.parse(template.stdout);
  // What `infra/deploy/account.ts` reads.
  assert.equal(Resources.CdkBootstrapVersion.Type, "AWS::SSM::Parameter");
});

test("the CLI says in these words that nothing changes", async () => {
  const context = ["-c", "stage=dev"];
  const output = scratchDirectory();
  const cdk = (...args: string[]) => run("node_modules/.bin/cdk", args);
  await cdk("synth", "--quiet", "--no-validation", ...context, "--output", output);
  const template = join(output, `${readAppName().slug}-dev.template.json`);
  const diff = await cdk("diff", "--app", output, "--template", template);
  assert.match(diff.stdout + diff.stderr, /Number of stacks with differences: 0$/m);
});
