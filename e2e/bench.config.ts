/**
 * `npm run bench`: the measurements of the page. The app must have no events;
 * `cargo xtask bench web` starts one.
 */

import { defineConfig } from "@playwright/test";
import base, { desktop } from "./base.config.ts";

export default defineConfig(base, {
  testDir: "bench/web",
  testMatch: "*.bench.ts",
  reporter: "./bench/web/reporter.ts",
  fullyParallel: false,
  workers: 1,
  // A slow phone takes its time, and so does a busy machine.
  timeout: 900_000,
  use: { ...desktop, trace: "off" },
});
