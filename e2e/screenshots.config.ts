/** `npm run screenshots`: the pictures of the README, of an app without events of its own. */

import { defineConfig } from "@playwright/test";
import config from "./playwright.config.ts";

export default defineConfig(config, {
  testDir: ".",
  testMatch: "screenshots.spec.ts",
  reporter: "list",
  workers: 1,
});
