import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** All files below a directory, as sorted URL paths without a leading slash. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** Whether the name has trunk's hash of the content: `app-1f2e….js`, `app-1f2e…_bg.wasm`. */
export function nameHasHash(file: string): boolean {
  return /-[0-9a-f]{12,16}(_bg)?\.\w+$/.test(file);
}
