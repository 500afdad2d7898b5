/**
 * The command line: a sign-in provider for development, on this machine only.
 *
 * Says `{"ready":{"issuer":"http://localhost:PORT"}}` on standard output when it listens, logs on
 * standard error, and ends when its standard input does.
 */

import { Console } from "node:console";
import { parseArgs } from "node:util";
import type { Settings } from "./provider.ts";
import { listen } from "./server.ts";

// Standard output is for programs; the library writes notices to the console.
globalThis.console = new Console(process.stderr);

const help = `usage: node --import tsx main.ts --web-origin URL --client-id ID --resource URI
  --web-origin URL             a page that signs people in; may be given again
  --client-id ID               that page's client id
  --resource URI               the API: the audience of access tokens
  --port PORT                  0 is any free one (default 9000)
  --access-token-seconds N     how long an access token is valid (default 3600)`;

function readArguments(): { port: number; settings: Settings } {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "9000" },
      "web-origin": { type: "string", multiple: true, default: [] },
      "client-id": { type: "string" },
      resource: { type: "string" },
      "access-token-seconds": { type: "string", default: "3600" },
    },
  });
  const whole = (name: "port" | "access-token-seconds", from: number, to: number) => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number >= from && number <= to) return number;
    throw new Error(`--${name} ${values[name]}: must be a whole number from ${from} to ${to}`);
  };
  const { "client-id": clientId, "web-origin": webOrigins, resource } = values;
  if (!clientId || !resource || webOrigins.length === 0) throw new Error(help);
  for (const origin of webOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error(`--web-origin ${origin}: must be an origin like http://localhost:8080`);
    }
  }
  if (!URL.canParse(resource)) throw new Error(`--resource ${resource}: must be an absolute URI`);
  const accessTokenSeconds = whole("access-token-seconds", 1, 86_400);
  return {
    port: whole("port", 0, 65_535),
    settings: { webOrigins, clientId, resource, accessTokenSeconds },
  };
}

try {
  const { port, settings } = readArguments();
  const { issuer } = await listen(port, settings);
  process.stdout.write(`${JSON.stringify({ ready: { issuer } })}\n`);
  // Everything is in memory: there is nothing to finish.
  process.stdin.resume().once("end", () => process.exit(0));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
