/** What tests, pictures and measurements have in common. */

import { defineConfig, devices } from "@playwright/test";
import { webOrigin } from "./environment.ts";

/** Chromium as it is started here: `CHROMIUM_PATH` names one that is not Playwright's own. */
export const chromium = {
  launchOptions: {
    ...(process.env.CHROMIUM_PATH && { executablePath: process.env.CHROMIUM_PATH }),
    // It makes no calls of its own.
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};

export const desktop = { ...devices["Desktop Chrome"], ...chromium };

export default defineConfig({
  outputDir: "results",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  workers: 2,
  retries: 0,
  // A busy machine takes its time: only what would wait for ever fails.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: { baseURL: webOrigin, locale: "en-GB", trace: "retain-on-failure" },
});
