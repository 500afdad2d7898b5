/** `npm run bench`: the measurements of the page, of an app without events of its own. */

import { defineConfig } from "@playwright/test";
import config from "./playwright.config.ts";

export default defineConfig(config, {
  testDir: ".",
  testMatch: "web.bench.ts",
  reporter: "line",
  workers: 1,
  timeout: 600_000,
  use: { trace: "off" },
});
