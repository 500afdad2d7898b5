import type { Node } from "constructs";
import type { ArtefactPaths } from "./artefacts.ts";
import { type Stage, stageNamed } from "./stages.ts";
import { UsageError } from "./usage-error.ts";

export interface Settings {
  readonly stage: Stage;
  readonly artefacts: ArtefactPaths;
}

/** Reads what `-c name=value` says. From the CLI every value is a string, from JSON it need not be. */
export function readSettings(node: Node): Settings {
  const read = <T>(name: string, parse: (text: string) => T | undefined, rule: string) => {
    const value: unknown = node.tryGetContext(name);
    if (value === undefined) return undefined;
    const parsed = parse(String(value));
    if (parsed === undefined) throw new UsageError(`-c ${name}=${value}: ${rule}`);
    return parsed;
  };
  const port = (name: string) => read(name, parsePort, "must be a whole number from 0 to 65535");
  const path = (name: string) => read(name, parsePath, "must be a path");

  return {
    stage: stageNamed(read("stage", String, "") ?? "dev", {
      webPort: port("webPort"),
      apiPort: port("apiPort"),
    }),
    artefacts: {
      lambdas: path("lambdas") ?? "target/lambda/release",
      site: path("site") ?? "target/site/release",
      placeholders: read("placeholders", parseBoolean, "must be true or false") ?? false,
    },
  };
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}

function parsePath(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function parseBoolean(text: string): boolean | undefined {
  return { true: true, false: false }[text];
}
