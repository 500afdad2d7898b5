import { App } from "aws-cdk-lib/core";
import {
  ASSET_RESOURCE_METADATA_ENABLED_CONTEXT,
  PATH_METADATA_ENABLE_CONTEXT,
} from "aws-cdk-lib/cx-api";
import cdkJson from "../cdk.json" with { type: "json" };
import { readAppName } from "./app-name.ts";
import { findArtefacts } from "./artefacts.ts";
import { addChecks } from "./checks.ts";
import { EventsStack } from "./events-stack.ts";
import { readSettings, type Settings } from "./settings.ts";
import { UsageError } from "./usage-error.ts";

/** Writes the cloud assembly; a `UsageError` becomes one line on stderr and exit status 1. */
export function main(): void {
  try {
    createApp().synth();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

/** The app of one stage. `context` is that of `-c name=value`; the CLI's own takes precedence. */
export function createApp(context: Record<string, unknown> = {}, outdir?: string): App {
  const app = emptyApp(context, outdir);
  addStack(app, readSettings(app.node));
  return app;
}

export function emptyApp(context: Record<string, unknown> = {}, outdir?: string): App {
  return new App({
    // What the CLI would add, so that every caller gets the same template.
    context: {
      ...cdkJson.context,
      [PATH_METADATA_ENABLE_CONTEXT]: true,
      [ASSET_RESOURCE_METADATA_ENABLED_CONTEXT]: true,
      ...context,
    },
    analyticsReporting: false,
    autoSynth: false,
    ...(outdir !== undefined && { outdir }),
  });
}

export function addStack(app: App, settings: Settings, name = readAppName()): void {
  const { stage, artefacts, firstDeploy } = settings;
  new EventsStack(app, `${name.slug}-${stage.name}`, {
    title: name.title,
    stage,
    artefacts: findArtefacts(artefacts),
    firstDeploy,
  });
  addChecks(app);
}
