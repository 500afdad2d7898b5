import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { parse } from "yaml";
import { stageNamed } from "../lib/stages.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly steps?: Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly types?: string[] } | null>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = resolve(import.meta.dirname, "../../.github/workflows");
const text = (file: string) => readFileSync(`${folder}/${file}`, "utf8");

/** One of the jobs, whose steps it has by itself. */
function job(file: string, name: string): Job & { readonly steps: Step[] } {
  const found = (parse(text(file)) as Workflow).jobs[name];
  assert.ok(found, `${file} has no job ${name}`);
  return { ...found, steps: found.steps ?? [] };
}

const workflow = (file: string) => parse(text(file)) as Workflow;
const action = ({ uses = "" }: Step) => uses.replace(/@.*/, "");
const credentials = "aws-actions/configure-aws-credentials";
/** As GitHub evaluates it. */
const expression = (text: string) => `\${{ ${text} }}`;
const mayAsk = { contents: "read", "id-token": "write" };

/** Where a step stands that holds the words; a missing one fails the test. */
function place(steps: Step[], words: string): number {
  const index = steps.findIndex((step) => (step.run ?? action(step)).includes(words));
  assert.notEqual(index, -1, `there is no step with ${words}`);
  return index;
}

for (const file of readdirSync(folder)) {
  const { jobs, permissions } = workflow(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);

  test(`${file}: every action is pinned by commit, with its version beside it`, () => {
    const actions = [...text(file).matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    assert.ok(actions.length > 0);
    for (const action of actions) {
      // A workflow of this repository is of the same commit.
      if (action.startsWith("./.github/workflows/")) continue;
      assert.match(action, /^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test(`${file}: the token may only read the repository unless a job says more`, () => {
    assert.deepEqual(permissions, { contents: "read" });
    for (const { permissions } of Object.values(jobs)) {
      if (permissions) assert.deepEqual(permissions, mayAsk);
    }
    for (const step of steps.filter((step) => action(step) === "actions/checkout")) {
      assert.equal(step.with?.["persist-credentials"], false);
    }
  });

  test(`${file}: has no AWS key, and no command contains an expression`, () => {
    assert.doesNotMatch(text(file), /secrets\.|secrets: inherit|aws-access-key|AWS_SECRET/i);
    assert.ok(steps.length > 0);
    for (const { run = "" } of steps) assert.doesNotMatch(run, /\$\{\{/);
  });

  test(`${file}: never runs code of a fork with rights of this repository`, () => {
    assert.doesNotMatch(text(file), /pull_request_target|workflow_run/);
    const own = "github.event.pull_request.head.repo.full_name == github.repository";
    for (const [name, { if: condition = "", permissions }] of Object.entries(jobs)) {
      if (!permissions || !("pull_request" in workflow(file).on)) continue;
      assert.ok(condition.trim().startsWith(`${own} && `), name);
      // The rest is one operand, so that no `||` goes around the fork.
      assert.equal(depthOfOr(condition), 0, `${name}: an || outside of parentheses`);
    }
  });
}

/** How many `||` stand outside of parentheses. */
function depthOfOr(condition: string): number {
  let [inner, before] = [condition, ""];
  while (inner !== before) [inner, before] = [inner.replace(/\([^()]*\)/g, ""), inner];
  return inner.split("||").length - 1;
}

test("deploy.yml: builds without credentials, and only main or for a preview", () => {
  const build = job("deploy.yml", "build");
  assert.equal(build.if, "github.ref == 'refs/heads/main' || github.event_name == 'pull_request'");
  assert.equal(build.permissions, undefined);
  assert.equal(build.environment, undefined);
  assert.ok(!build.steps.some((step) => action(step) === credentials));
  // A stage that is refused is refused before the build.
  assert.ok(place(build.steps, "cdk synth") < place(build.steps, "cargo xtask build"));
  assert.ok(place(build.steps, "cargo xtask build") < place(build.steps, "upload-artifact"));
});

test("deploy.yml: plan, then approval, then a deployment of what was built", () => {
  const [plan, deploy] = [job("deploy.yml", "plan"), job("deploy.yml", "deploy")];
  assert.equal(plan.needs, "build");
  assert.deepEqual(deploy.needs, ["build", "plan"]);
  const stage = expression("inputs.environment || inputs.stage");
  assert.equal(plan.environment, `${stage}-plan`);
  assert.equal(deploy.environment, stage);
  // GitHub waits for the reviewers of an environment before the job's first step.
  assert.ok(plan.steps.some(({ run }) => run?.includes("$GITHUB_STEP_SUMMARY")));
  assert.ok(place(plan.steps, "--plan") < place(plan.steps, "$GITHUB_STEP_SUMMARY"));

  const upload = job("deploy.yml", "build").steps.find(({ uses }) => uses?.includes("/upload-"));
  assert.equal(
    upload?.with?.path,
    "target/lambda/arm64/*.zip\ntarget/lambda/arm64/sources\ntarget/site/release\n",
  );
  for (const { steps } of [plan, deploy]) {
    const download = steps[place(steps, "download-artifact")];
    assert.deepEqual(download?.with, { name: upload?.with?.name, path: "target" });
    assert.ok(!steps.some(({ run }) => run?.includes("cargo xtask build")));
  }
  assert.ok(deploy.steps.some(({ run }) => run?.startsWith("cargo xtask deploy --built --yes ")));
});

test("deploy.yml: the plan plans what is deployed, and deploys nothing", () => {
  const command = (name: string) => {
    const { run = "" } = job("deploy.yml", name).steps.findLast((step) =>
      step.run?.startsWith("cargo xtask deploy"),
    ) as Step;
    return run.replace(/ 2>&1.*/, "");
  };
  const words = 'cargo xtask deploy --built --plan --stage "$STAGE" $SETTINGS';
  assert.equal(command("plan"), words);
  assert.equal(command("deploy"), words.replace("--plan", "--yes"));
  assert.equal(workflow("deploy.yml").env?.STAGE, expression("inputs.stage"));
});

test("roles come by OIDC and last, after what compiles or installs code of others", () => {
  const jobs: [string, string][] = [
    ["deploy.yml", "plan"],
    ["deploy.yml", "deploy"],
    ["preview.yml", "remove"],
  ];
  for (const [file, name] of jobs) {
    const { steps, permissions } = job(file, name);
    assert.deepEqual(permissions, mayAsk);
    const lent = place(steps, credentials);
    assert.deepEqual(steps[lent]?.with, {
      "role-to-assume": expression("vars.AWS_ROLE_ARN"),
      "aws-region": expression("vars.AWS_REGION"),
    });
    for (const { uses, run = "", env } of steps.slice(lent + 1)) {
      assert.equal(uses, undefined);
      assert.doesNotMatch(run, /npm |cargo xtask build|cdk synth/);
      if (run.startsWith("cargo xtask")) {
        assert.equal(env?.npm_config_ignore_scripts, "true");
        assert.ok(place(steps, "cargo xtask --help") < lent);
      }
    }
  }
});

test("workflows that call AWS run the Node that the CDK's CLI asks for", () => {
  for (const [file, name] of [
    ["deploy.yml", "build"],
    ["deploy.yml", "plan"],
    ["deploy.yml", "deploy"],
    ["preview.yml", "remove"],
  ] as const) {
    const { steps } = job(file, name);
    assert.equal(steps[place(steps, "setup-node")]?.with?.["node-version"], 22, `${file} ${name}`);
  }
});

test("deploy.yml: one run a stage at a time, and none is cut off", () => {
  assert.deepEqual(workflow("deploy.yml").concurrency, {
    group: `deploy-${expression("inputs.stage")}`,
    "cancel-in-progress": false,
  });
});

test("preview.yml: a label makes the stage of a pull request, and its end removes it", () => {
  const { on, concurrency } = workflow("preview.yml");
  assert.deepEqual(on, {
    pull_request: { types: ["labeled", "unlabeled", "synchronize", "reopened", "closed"] },
  });
  const [deploy, remove] = [job("preview.yml", "deploy"), job("preview.yml", "remove")];
  assert.equal(deploy.uses, "./.github/workflows/deploy.yml");
  assert.deepEqual(deploy.with, {
    stage: `pr-${expression("github.event.number")}`,
    environment: "preview",
  });
  assert.equal(remove.environment, "preview");
  const destroy = remove.steps[place(remove.steps, "destroy")];
  assert.equal(destroy?.run, 'cargo xtask destroy --yes --stage "$STAGE"');
  assert.equal(destroy?.env?.STAGE, deploy.with?.stage);
  // A run with nothing to do must not take the place of one that waits.
  assert.equal(concurrency, undefined);
  for (const job of [deploy, remove]) {
    assert.deepEqual(job.concurrency, {
      group: `preview-${expression("github.event.number")}`,
      "cancel-in-progress": false,
    });
  }
});

interface PullRequest {
  readonly action: string;
  readonly label?: string;
  readonly labels: string[];
  readonly state?: "open" | "closed";
  readonly fork?: boolean;
}

/** What the conditions of preview.yml say, as JavaScript: both languages have these operators. */
function runs(name: "deploy" | "remove", { action, label, labels, state, fork }: PullRequest) {
  const condition = job("preview.yml", name)
    .if?.replaceAll("==", "===")
    .replaceAll("!=", "!==")
    .replaceAll("labels.*.name", "labels.map(({ name }) => name)");
  const repository = "team/events";
  const event = {
    action,
    label: { name: label },
    pull_request: {
      state: state ?? "open",
      labels: labels.map((name) => ({ name })),
      head: { repo: { full_name: fork ? "stranger/events" : repository } },
    },
  };
  const contains = (all: string[], one: string) => all.includes(one);
  return new Function("github", "contains", `return ${condition}`)({ repository, event }, contains);
}

const happenings: [string, PullRequest, "deploy" | "remove" | "nothing"][] = [
  ["the label", { action: "labeled", label: "preview", labels: ["preview"] }, "deploy"],
  ["another label", { action: "labeled", label: "bug", labels: ["bug", "preview"] }, "nothing"],
  ["a push", { action: "synchronize", labels: ["preview"] }, "deploy"],
  ["a push without the label", { action: "synchronize", labels: ["bug"] }, "nothing"],
  ["opened again", { action: "reopened", labels: ["preview"] }, "deploy"],
  ["the label goes", { action: "unlabeled", label: "preview", labels: [] }, "remove"],
  ["another label goes", { action: "unlabeled", label: "bug", labels: ["preview"] }, "nothing"],
  ["closed", { action: "closed", labels: ["preview"], state: "closed" }, "remove"],
  ["closed without the label", { action: "closed", labels: [], state: "closed" }, "nothing"],
  [
    "a label on a closed one",
    { action: "labeled", label: "preview", labels: ["preview"], state: "closed" },
    "nothing",
  ],
  ["a fork", { action: "labeled", label: "preview", labels: ["preview"], fork: true }, "nothing"],
  [
    "a fork closed",
    { action: "closed", labels: ["preview"], state: "closed", fork: true },
    "nothing",
  ],
];

for (const [name, pullRequest, expected] of happenings) {
  test(`preview.yml: ${name}: ${expected}`, () => {
    assert.equal(runs("deploy", pullRequest), expected === "deploy", "deploy");
    assert.equal(runs("remove", pullRequest), expected === "remove", "remove");
  });
}

test("a preview is like dev, with members of its own, and keeps logs for a day", () => {
  const ports = { webPort: undefined, apiPort: undefined };
  const { name, logRetention, ...like } = stageNamed("pr-12", ports);
  const dev = stageNamed("dev", ports);
  assert.deepEqual({ ...like, name: dev.name, logRetention: dev.logRetention }, dev);
  assert.deepEqual([name, logRetention], ["pr-12", RetentionDays.ONE_DAY]);
  assert.equal(like.access, "members-write");
  for (const wrong of ["pr-", "pr-0", "pr-012", "pr-x", "pr-1 2", "PR-1"]) {
    assert.throws(() => stageNamed(wrong, ports), /must be local, dev, prod or pr-NUMBER/);
  }
});
