/** `cargo xtask smoke`: checks a running app; the exit status is 1 if a check fails. */

import { parseArgs } from "node:util";
import { checks } from "./checks.ts";

const { values } = parseArgs({ options: { web: { type: "string" }, api: { type: "string" } } });
const origin = (url: string | undefined) => new URL(url ?? "").origin;

let failed = 0;
for (const { name, run } of checks({ web: origin(values.web), api: origin(values.api) })) {
  try {
    await run();
    console.log(`  ok      ${name}`);
  } catch (error) {
    failed += 1;
    const { message } = error as Error;
    console.log(`  FAILED  ${name}: ${message || (error as { code?: string }).code}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
