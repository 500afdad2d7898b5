import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";

const folder = resolve(import.meta.dirname, "../../.github/workflows");

for (const file of readdirSync(folder)) {
  const text = readFileSync(`${folder}/${file}`, "utf8");

  test(`${file}: every action is pinned by commit, with its version beside it`, () => {
    const actions = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    assert.ok(actions.length > 0);
    for (const action of actions) assert.match(action, /^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test(`${file}: the token may only read the repository unless a job says more`, () => {
    assert.match(text, /^permissions:\n {2}contents: read\n\n/m);
    assert.doesNotMatch(text, /: write-all|contents: write/);
    const count = (what: RegExp) => [...text.matchAll(what)].length;
    assert.equal(count(/persist-credentials: false/g), count(/actions\/checkout@/g));
  });

  test(`${file}: has no AWS key, and no command contains an expression`, () => {
    assert.doesNotMatch(text, /secrets\.|aws-access-key|AWS_SECRET/i);
    // The loop sees commands of one line.
    assert.doesNotMatch(text, /run: *[|>]/);
    for (const [command] of text.matchAll(/run: .*/g)) assert.doesNotMatch(command, /\$\{\{/);
  });
}

test("deploy.yml: gets its AWS role by OIDC, in an environment that requires approval", () => {
  const text = readFileSync(`${folder}/deploy.yml`, "utf8");
  assert.match(text, /environment: \$\{\{ inputs\.stage \}\}/);
  assert.match(text, /id-token: write/);
  assert.match(text, /role-to-assume: \$\{\{ vars\.AWS_ROLE_ARN \}\}/);
  // The build runs code of others, so it comes before the AWS credentials.
  assert.match(text, /cargo xtask build[\s\S]*configure-aws-credentials/);
  assert.doesNotMatch(text, /configure-aws-credentials[\s\S]*cargo xtask build/);
});
