import type { Node } from "constructs";
import { type Access, accesses } from "./access.ts";
import type { ArtefactPaths } from "./artefacts.ts";
import type { SignInSettings } from "./stages/membership.ts";
import { type Changes, type Stage, stageNamed } from "./stages.ts";
import { UsageError } from "./usage-error.ts";

export interface Settings {
  readonly stage: Stage;
  readonly artefacts: ArtefactPaths;
  /**
   * Whether the stack does not exist yet. It is then deployed without protection, so that a failed
   * deployment leaves nothing behind, and once more with it.
   */
  readonly firstDeploy: boolean;
}

/** Reads `-c name=value`. Values are strings from the CLI, and of any type from JSON. */
export function readSettings(node: Node): Settings {
  const text = (name: string): string | undefined => {
    const value: unknown = node.tryGetContext(name);
    return value === undefined ? undefined : String(value);
  };
  const parsed = <T>(name: string, parse: (value: string) => T | undefined, rule: string) => {
    const value = text(name);
    if (value === undefined) return undefined;
    const result = parse(value);
    if (result === undefined) throw new UsageError(`-c ${name}=${value}: must be ${rule}`);
    return result;
  };
  const port = (name: string) => parsed(name, parsePort, "a whole number from 0 to 65535");
  const path = (name: string) => parsed(name, (value) => value || undefined, "a path");
  const flag = (name: string) => parsed(name, parseBoolean, "true or false");
  const amount = (name: string) => parsed(name, parseAmount, "a number");

  const alarmEmail = text("alarmEmail");
  const usd = amount("budgetUsd");
  const email = text("budgetEmail") ?? alarmEmail;
  if (usd !== undefined && email === undefined) {
    throw new UsageError(`-c budgetUsd=${usd}: needs -c budgetEmail or -c alarmEmail`);
  }
  const [issuer, clientId] = [text("signInIssuer"), text("signInClientId")];
  const resource = text("signInResource");
  if ((issuer ?? clientId ?? resource) !== undefined && !(issuer && clientId)) {
    throw new UsageError("sign-in needs both -c signInIssuer=URL and -c signInClientId=ID");
  }
  const stage = stageNamed(
    text("stage") ?? "dev",
    { webPort: port("webPort"), apiPort: port("apiPort") },
    withoutUndefined<Changes>({
      access: parsed("access", parseAccess, `one of ${accesses.join(", ")}`),
      signIn:
        issuer && clientId
          ? withoutUndefined<SignInSettings>({ issuer, clientId, resource })
          : undefined,
      alarmEmail,
      alarmTopic: text("alarmTopic"),
      budget: usd !== undefined && email !== undefined ? { usd, email } : undefined,
      accountConcurrency: amount("accountConcurrency"),
      reservedConcurrency: amount("reservedConcurrency"),
    }),
  );
  const here = stage.name === "local";
  const named = (["lambdas", "site"] as const).filter((name) => path(name) !== undefined);
  return {
    stage,
    artefacts: {
      lambdas: path("lambdas") ?? (here ? "target/lambda/release" : "target/lambda/arm64"),
      archives: !here,
      site: path("site") ?? "target/site/release",
      named,
    },
    firstDeploy: flag("firstDeploy") ?? false,
  };
}

function parsePort(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? Number(value) : undefined;
}

function parseAccess(value: string): Access | undefined {
  return accesses.find((access) => access === value);
}

function parseBoolean(value: string): boolean | undefined {
  return value === "true" || (value === "false" ? false : undefined);
}

function parseAmount(value: string): number | undefined {
  return /^\d{1,7}(\.\d{1,2})?$/.test(value) ? Number(value) : undefined;
}

/** What the command line does not set must not replace what the stage sets. */
function withoutUndefined<T extends object>(
  values: {
    [Name in keyof T]: T[Name] | undefined;
  },
): T {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
