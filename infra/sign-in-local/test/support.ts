/** The provider as its own process, as `cargo xtask dev` runs it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "../client.ts";

export const WEB_ORIGIN = "http://localhost:8080";
export const RESOURCE = "http://localhost:3000";
export const EMAIL = "ada@example.org";

export interface Running {
  readonly issuer: string;
  readonly port: number;
  readonly client: Client;
  /** Ends its standard input; gives its exit status. */
  stop(): Promise<number>;
}

export async function start(...options: string[]): Promise<Running> {
  const settings = ["--web-origin", WEB_ORIGIN, "--client-id", "page", "--resource", RESOURCE];
  const provider = run(["--port", "0", ...settings, ...options]);
  const ended = once(provider, "exit");
  const lines = createInterface({ input: provider.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  const { issuer } = JSON.parse(value ?? "{}").ready;
  const client = {
    issuer,
    clientId: "page",
    redirectUri: `${WEB_ORIGIN}/signed-in`,
    resource: RESOURCE,
    scope: "openid email offline_access events/write",
  };
  const stop = async () => {
    provider.stdin.end();
    const [status] = await ended;
    return status;
  };
  return { issuer, port: Number(new URL(issuer).port), client, stop };
}

/** Runs the command line. */
export function run(settings: string[]) {
  return spawn(process.execPath, ["--import", "tsx", "main.ts", ...settings], {
    cwd: resolve(import.meta.dirname, ".."),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** What a token says, unverified. */
export function parts(token: string) {
  const [header = "", claims = ""] = token.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: read(header), claims: read(claims) };
}
