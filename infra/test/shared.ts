/** Runs the tests of this folder in one process, where they share the stacks of support.ts. */

import { readdirSync } from "node:fs";

for (const file of readdirSync(import.meta.dirname)) {
  if (file.endsWith(".test.ts")) await import(`./${file}`);
}
