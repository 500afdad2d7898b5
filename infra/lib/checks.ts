import { createRequire } from "node:module";
import { type App, Validations } from "aws-cdk-lib/core";

/**
 * Has the synth refuse a stack against which cdk-nag's rules for AWS solutions and for serverless ones have
 * something that nobody has answered. The answers stand beside what they are about: `Validations.of(…).acknowledge`.
 *
 * Left out with the library's own checks (`cdk synth --no-validation` says so by this variable): loading the
 * rules takes longer than all the rest.
 */
export function addChecks(app: App): void {
  if (process.env.CDK_VALIDATION === "false") return;
  const require = createRequire(import.meta.url);
  const { AwsSolutionsChecks, ServerlessChecks }: typeof import("cdk-nag") = require("cdk-nag");
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
