import { createRequire } from "node:module";
import { type App, Validations } from "aws-cdk-lib/core";

/**
 * Makes the synth fail on every finding of cdk-nag (AWS Solutions, Serverless) that is not
 * acknowledged. The acknowledgements stand beside their resources (`Validations.of`).
 *
 * `CDK_VALIDATION=false`, which `cdk synth --no-validation` sets, skips them with CDK's own checks:
 * loading the rules takes longer than the rest of the synth.
 */
export function addChecks(app: App): void {
  if (process.env.CDK_VALIDATION === "false") return;
  const require = createRequire(import.meta.url);
  const { AwsSolutionsChecks, ServerlessChecks }: typeof import("cdk-nag") = require("cdk-nag");
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
