import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Annotations, CfnParameter, CfnRule, Fn } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { type RouteName, routes } from "./routes.ts";
import { UsageError } from "./usage-error.ts";

export interface ArtefactPaths {
  /** Holds the function of each route. */
  readonly lambdas: string;
  /**
   * Whether a function is an archive for AWS, `<route>.zip`, or a program for this machine,
   * `<route>/bootstrap`. Neither replaces the other.
   */
  readonly archives: boolean;
  /** Holds the built site: `index.html` and its files. */
  readonly site: string;
  /** Which of the two a user named: what is missing there is an error and gets no placeholder. */
  readonly named: readonly ("lambdas" | "site")[];
}

/** The output of `cargo xtask build`. */
export interface Artefacts {
  /** An archive, or a directory with the executable `bootstrap`. */
  readonly functions: Readonly<Record<RouteName, string>>;
  readonly site: string;
  /** What placeholders stand in for, as paths; with any, the stack refuses to be deployed. */
  readonly missing: readonly string[];
}

const repository = resolve(import.meta.dirname, "../..");
const placeholders = resolve(import.meta.dirname, "../placeholders");

/**
 * Relative paths start at the root of the repository, in whatever directory the synth runs.
 *
 * `cdk bootstrap`, `list` and `diff` synthesize the app before anything is built. So a placeholder
 * stands in for what is missing.
 */
export function findArtefacts(paths: ArtefactPaths): Artefacts {
  const missing: string[] = [];
  const find = (kind: "lambdas" | "site", file: string, placeholder: string) => {
    const path = join(paths[kind], file);
    if (existsSync(resolve(repository, path))) return resolve(repository, path);
    if (paths.named.includes(kind)) {
      throw new UsageError(`${path} is missing: run \`cargo xtask build\` first`);
    }
    missing.push(path);
    return resolve(placeholders, placeholder);
  };

  const functions = Object.fromEntries(
    routes.map(({ name }) => {
      const file = paths.archives ? `${name}.zip` : `${name}/bootstrap`;
      const found = find("lambdas", file, "function/bootstrap");
      return [name, found.endsWith(".zip") ? found : dirname(found)];
    }),
  ) as Record<RouteName, string>;
  const site = dirname(find("site", "index.html", "site/index.html"));
  return { functions, site, missing };
}

/**
 * Warns, and adds a rule that CloudFormation checks before it creates anything, and that always
 * fails; CDK's own `CheckBootstrapVersion` works the same way.
 */
export function refuseDeployment(scope: Construct, missing: readonly string[]): void {
  Annotations.of(scope).addWarningV2(
    "placeholders",
    `Not built: ${missing.join(", ")}. This template has placeholders and cannot be deployed: ` +
      "run `cargo xtask build` first.",
  );
  const built = new CfnParameter(scope, "ArtefactsBuilt", {
    description: "Whether this template was made from built artefacts. Build, do not set it.",
    default: "false",
    // No other value: a parameter cannot switch the rule off.
    allowedValues: ["false"],
  });
  new CfnRule(scope, "CheckArtefactsBuilt", {
    assertions: [
      {
        assert: Fn.conditionEquals(built, "true"),
        assertDescription:
          "This template was made with placeholders: run `cargo xtask build`, then synthesize " +
          "and deploy again.",
      },
    ],
  });
}
