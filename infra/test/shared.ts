/** Runs the tests of this folder in one process: they share the stacks that support.ts synthesizes. */

import { readdirSync } from "node:fs";

for (const file of readdirSync(import.meta.dirname)) {
  if (file.endsWith(".test.ts")) await import(`./${file}`);
}
