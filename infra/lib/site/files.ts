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

/**
 * The types that the uploader must be told, by extension: Python's `mimetypes` does not know them,
 * and S3 would serve `binary/octet-stream`.
 */
export const contentTypes: Readonly<Record<string, string>> = { woff2: "font/woff2" };

/** The extension of a file whose type the uploader must be told; `undefined` for all others. */
export function toldExtension(file: string): string | undefined {
  const extension = file.slice(file.lastIndexOf(".") + 1);
  return extension in contentTypes ? extension : undefined;
}
