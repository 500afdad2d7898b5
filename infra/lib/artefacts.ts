import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CfnParameter, CfnRule, Fn } from "aws-cdk-lib/core";
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
  /** Whether a placeholder replaces what is missing; the stack then refuses to be deployed. */
  readonly placeholders: boolean;
}

/** The output of `cargo xtask build`. */
export interface Artefacts {
  /** An archive, or a directory with the executable `bootstrap`. */
  readonly functions: Readonly<Record<RouteName, string>>;
  readonly site: string;
  /** Whether nothing is a placeholder. */
  readonly complete: boolean;
}

const repository = resolve(import.meta.dirname, "../..");
const placeholders = resolve(import.meta.dirname, "../placeholders");

/** Relative paths start at the root of the repository, in whatever directory the synth runs. */
export function findArtefacts(paths: ArtefactPaths): Artefacts {
  let complete = true;
  const find = (file: string, placeholder: string) => {
    if (existsSync(resolve(repository, file))) return resolve(repository, file);
    if (!paths.placeholders) {
      throw new UsageError(`${file} is missing: run \`cargo xtask build\` first`);
    }
    complete = false;
    return resolve(placeholders, placeholder);
  };

  const functions = Object.fromEntries(
    routes.map(({ name }) => {
      const file = paths.archives ? `${name}.zip` : `${name}/bootstrap`;
      const found = find(join(paths.lambdas, file), "function/bootstrap");
      return [name, found.endsWith(".zip") ? found : dirname(found)];
    }),
  ) as Record<RouteName, string>;
  const site = dirname(find(join(paths.site, "index.html"), "site/index.html"));
  return { functions, site, complete };
}

/**
 * Adds a rule that CloudFormation checks before it creates anything, and that always fails; CDK's
 * own `CheckBootstrapVersion` works the same way.
 */
export function refuseDeployment(scope: Construct): void {
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
