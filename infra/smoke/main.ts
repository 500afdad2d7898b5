/**
 * `cargo xtask smoke`: checks a running app; the exit status is 1 if a check fails.
 *
 * SMOKE_TOKEN is the access token of a member, for an app where some calls need one.
 */

import { parseArgs } from "node:util";
import { checks, readSignIn } from "./checks.ts";

const { values } = parseArgs({ options: { web: { type: "string" }, api: { type: "string" } } });
const origin = (url: string | undefined) => new URL(url ?? "").origin;

const [web, api] = [origin(values.web), origin(values.api)];
const token = process.env.SMOKE_TOKEN || undefined;
const signIn = await readSignIn(web).catch(() => undefined);

let failed = 0;
for (const { name, run } of checks({ web, api, ...(signIn && { signIn }) }, token)) {
  try {
    await run();
    console.log(`  ok      ${name}`);
  } catch (error) {
    failed += 1;
    const { message } = error as Error;
    console.log(`  FAILED  ${name}: ${message || (error as { code?: string }).code}`);
  }
}
if (signIn && token === undefined) {
  console.log("  skipped create, read and delete: they need SMOKE_TOKEN, a member's access token");
}
process.exitCode = failed === 0 ? 0 : 1;
