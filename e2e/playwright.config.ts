import { defineConfig, devices } from "@playwright/test";
import { webOrigin } from "./environment.ts";

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  reporter: [
    ["list"],
    ["./skipped-reporter.ts"],
    ["html", { outputFolder: "report", open: "never" }],
  ],
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  workers: 2,
  retries: 0,
  use: {
    ...devices["Desktop Chrome"],
    baseURL: webOrigin,
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      ...(process.env.CHROMIUM_PATH && { executablePath: process.env.CHROMIUM_PATH }),
      // It speaks to nobody but the app under test.
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
