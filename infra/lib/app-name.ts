import { readFileSync } from "node:fs";

import { UsageError } from "./usage-error.ts";

/** The file that holds the app's own name, for Rust and for us. */
const FILE = new URL("../../.cargo/config.toml", import.meta.url);

/** The app's own name as people read it, like `Events`. */
export function appName(): string {
  const name = /^APP_NAME = "([A-Za-z][\w .-]*)"$/m.exec(readFileSync(FILE, "utf8"))?.[1];
  if (name === undefined) {
    throw new UsageError(`${FILE.pathname}: APP_NAME must begin with a letter from A to Z`);
  }
  return name;
}

/** The app's own name in names on AWS, where `[a-z0-9-]+` is allowed everywhere, like `events`. */
export function appSlug(): string {
  return appName()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/-$/g, "");
}
