import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { appName, readAppName } from "../lib/app-name.ts";
import { UsageError } from "../lib/usage-error.ts";
import { stackLike, stageNames } from "./support.ts";

const own = readAppName();
const other = appName("Zyx 9");

const taken: [title: string, slug: string][] = [
  ["A", "a"],
  ["Reading Club 2", "reading-club-2"],
  ["St. Mary_s - Choir", "st-mary-s-choir"],
  ["x".repeat(40), "x".repeat(40)],
];

for (const [title, slug] of taken) {
  test(`the app may be named ${title}, and AWS sees ${slug}`, () => {
    assert.deepEqual(appName(title), { title, slug });
  });
}

// AWS takes none of these as the name of a stack, with or without a stage behind it.
for (const title of ["", "2 Notes", "Café", "Notes!", "Notes-", "a/b", "-a", "x".repeat(41)]) {
  test(`the app may not be named ${JSON.stringify(title)}`, () => {
    assert.throws(
      () => appName(title),
      new UsageError(
        `.cargo/config.toml: APP_NAME ${JSON.stringify(title)}: must be at most 40 of A-Z, a-z, ` +
          "0-9, space, dot, _ and -, start with a letter and end with a letter or digit",
      ),
    );
  });
}

for (const stage of stageNames) {
  test(`${stage}: nothing in the template keeps the old name of a renamed app`, () => {
    const { template } = stackLike(stage, {}, { appName: other });
    const text = JSON.stringify(template)
      // Here "events" are the things that the app keeps: a route's path, the same in the construct
      // path of CDK, the name of a route, and the server and the scopes that tokens name.
      .replaceAll(/\/events(?![\w-])|--events\b|\blist-events\b/g, "")
      .replaceAll(/\bevents\/(read|write)\b|"Identifier":"events"/g, "");
    assert.doesNotMatch(text, new RegExp(`\\b(${own.title}|${own.slug})\\b`));
    assert.match(text, new RegExp(`"${other.title}: .*"${other.slug}-${stage}"`));
  });
}

test("the app's own name stands in .cargo/config.toml alone", () => {
  const root = resolve(import.meta.dirname, "../..");
  const languages = ["rs", "ts", "js", "html", "css", "json", "webmanifest", "yml", "toml"];
  const generated = [":!*package-lock.json", ":!infra/test/snapshot/*"];
  const files = execFileSync(
    "git",
    [
      ...["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"],
      ...languages.map((extension) => `*.${extension}`),
      ...generated,
    ],
    { cwd: root, encoding: "utf8" },
  )
    .split("\0")
    .filter((file) => file !== "" && existsSync(resolve(root, file)));
  const { title, slug } = own;
  const name = new RegExp(
    [
      // The beginning of a name, as of a stack or a folder; not of a file like events-api.ts.
      `(?<![\\w-])${slug}-(?![\\w-]+\\.ts)`,
      // A whole text, or one part of it.
      `(^\\s*|["'\`>·|#-] ?|/)${title.replaceAll(".", "\\.")}(["'\`<·|/:]| ·|\\s*$)`,
    ].join("|"),
  );
  const places = files.flatMap((file) =>
    readFileSync(resolve(root, file), "utf8")
      .split("\n")
      .filter((line) => name.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  assert.deepEqual(
    places,
    [`.cargo/config.toml: APP_NAME = "${title}"`],
    'write the name once: Rust reads env!("APP_NAME"), TypeScript lib/app-name.ts',
  );
});
