/** Prints an access token for an e-mail address, with all scopes of the API. */

import { parseArgs } from "node:util";
import { signIn } from "./client.ts";

const options = ["issuer", "client-id", "resource", "web-origin", "email"] as const;
const { values } = parseArgs({
  options: Object.fromEntries(options.map((name) => [name, { type: "string" as const }])),
});
const value = (name: (typeof options)[number]) => {
  const value = values[name];
  if (typeof value === "string") return value;
  throw new Error(`--${name} is missing`);
};

try {
  const client = {
    issuer: value("issuer"),
    clientId: value("client-id"),
    redirectUri: `${value("web-origin")}/signed-in`,
    resource: value("resource"),
    scope: "openid events/read events/write",
  };
  const { access_token } = await signIn(client, value("email"));
  console.log(access_token);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
