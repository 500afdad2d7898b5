/** `npm run screenshots`: the pictures of the READMEs, of an app without events of its own. */

import { defineConfig } from "@playwright/test";
import base, { desktop } from "./base.config.ts";

export default defineConfig(base, {
  testDir: ".",
  testMatch: "screenshots.spec.ts",
  reporter: "list",
  workers: 1,
  use: desktop,
});
