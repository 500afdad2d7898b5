import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CfnParameter, CfnRule, Fn } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { type RouteName, routes } from "./routes.ts";
import { UsageError } from "./usage-error.ts";

export interface ArtefactPaths {
  /** Holds `<route>/bootstrap` for each route. */
  readonly lambdas: string;
  /** Holds the built site: `index.html` and its files. */
  readonly site: string;
  /** What is missing is replaced by a placeholder, and the stack refuses to be deployed. */
  readonly placeholders: boolean;
}

/** Directories with the output of `cargo xtask build`. */
export interface Artefacts {
  readonly functions: Readonly<Record<RouteName, string>>;
  readonly site: string;
  readonly complete: boolean;
}

const repository = resolve(import.meta.dirname, "../..");
const placeholders = resolve(import.meta.dirname, "../placeholders");

/** Relative paths are relative to the root of the repository, wherever the synth is run. */
export function findArtefacts(paths: ArtefactPaths): Artefacts {
  let complete = true;
  const directoryOf = (file: string, placeholder: string) => {
    if (existsSync(resolve(repository, file))) return dirname(resolve(repository, file));
    if (!paths.placeholders) {
      throw new UsageError(`${file} is missing: run \`cargo xtask build\` first`);
    }
    complete = false;
    return join(placeholders, placeholder);
  };

  const functions = Object.fromEntries(
    routes.map(({ name }) => [
      name,
      directoryOf(join(paths.lambdas, name, "bootstrap"), "function"),
    ]),
  ) as Record<RouteName, string>;
  const site = directoryOf(join(paths.site, "index.html"), "site");
  return { functions, site, complete };
}

/** The pattern of CDK's own `CheckBootstrapVersion`: CloudFormation checks it before it does anything. */
export function refuseDeployment(scope: Construct): void {
  const built = new CfnParameter(scope, "ArtefactsBuilt", {
    description: "Whether this template was made from built artefacts. Build, do not set it.",
    default: "false",
    // No other value, so that the rule cannot be talked out of it.
    allowedValues: ["false"],
  });
  new CfnRule(scope, "CheckArtefactsBuilt", {
    assertions: [
      {
        assert: Fn.conditionEquals(built, "true"),
        assertDescription:
          "This template was made with placeholders: run `cargo xtask build`, then synthesize and deploy again.",
      },
    ],
  });
}
