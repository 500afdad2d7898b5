/**
 * All tests in Chromium; those of the page's use also on a phone, and in each other browser that is
 * installed.
 */

import { existsSync } from "node:fs";
import { defineConfig, devices, firefox, webkit } from "@playwright/test";
import base, { chromium, desktop } from "./base.config.ts";
import { ENGINES, find } from "./engines/engines.ts";
import type { EngineOptions } from "./engines/fixtures.ts";

/** The tests of the page's use, on each device. */
const use = ["agenda", "calendar", "create", "delete", "event", "states", "targets"].map(
  (spec) => `${spec}.spec.ts`,
);
/** Tests of what is only on a wide page, and only on a narrow one. */
const [WIDE, PHONE] = [/@wide/, /@phone/];

const others = [
  { name: "Firefox", browser: firefox, device: devices["Desktop Firefox"] },
  { name: "WebKit", browser: webkit, device: devices["Desktop Safari"] },
];
const isInstalled = ({ browser }: (typeof others)[number]) => existsSync(browser.executablePath());
/** Driven by WebDriver, as distributions have them. */
const engines = ENGINES.map((name) => ({ name, missing: find(name) }));
const byWebDriver = engines.filter(({ missing }) => typeof missing !== "string");
const missing = engines
  .filter(
    ({ name, missing }) =>
      typeof missing === "string" &&
      !others.filter(isInstalled).some((other) => other.name === name),
  )
  .map(({ name, missing }) => `${name}: ${missing}`);

export default defineConfig<object, EngineOptions>(base, {
  testDir: "tests",
  reporter: [
    ["list"],
    ["./skipped-reporter.ts", { missing }],
    ...(process.env.PLAYWRIGHT_JUNIT_OUTPUT_FILE ? ([["junit"]] as const) : []),
    ["html", { outputFolder: "report", open: "never" }],
  ],
  projects: [
    { name: "desktop", grepInvert: PHONE, use: desktop },
    {
      name: "phone",
      testMatch: use,
      grepInvert: WIDE,
      use: { ...devices["Pixel 7"], ...chromium },
    },
    ...others.filter(isInstalled).map(({ name, device }) => ({
      name,
      testMatch: use,
      grepInvert: PHONE,
      use: { ...device },
    })),
    ...byWebDriver.map(({ name: engineName }) => ({
      name: `${engineName} by WebDriver`,
      testDir: "engines",
      // One browser for all of them.
      fullyParallel: false,
      use: { engineName },
    })),
  ],
});
