import { readFileSync } from "node:fs";

import { UsageError } from "./usage-error.ts";

/** The one file that holds the app's own name; cargo gives it to Rust from there. */
const config = new URL("../../.cargo/config.toml", import.meta.url);

/** The app's own name. */
export interface AppName {
  /** As people read it. */
  readonly title: string;
  /** As AWS resources carry it: in lower case, with `-` for what is neither letter nor digit. */
  readonly slug: string;
}

export function readAppName(): AppName {
  const [, title = ""] = /^APP_NAME = "(.*)"$/m.exec(readFileSync(config, "utf8")) ?? [];
  return appName(title);
}

/**
 * Refuses a title whose slug cannot name a stack: CloudFormation takes letters, digits and hyphens,
 * starting with a letter. 40 characters leave room for what CDK appends: it cuts the name of a
 * cache policy at 110, and with it the hash that tells stages apart.
 */
export function appName(title: string): AppName {
  if (!/^[A-Za-z]([\w .-]{0,38}[A-Za-z0-9])?$/.test(title)) {
    throw new UsageError(
      `.cargo/config.toml: APP_NAME ${JSON.stringify(title)}: must be at most 40 of ` +
        "A-Z, a-z, 0-9, space, dot, _ and -, start with a letter and end with a letter or digit",
    );
  }
  return { title, slug: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") };
}
