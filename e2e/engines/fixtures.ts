/** What every test of an engine gets, beside `api` and `tag`. */

import { test as base, expect } from "../fixtures.ts";
import { Browser } from "./browser.ts";
import { type EngineName, find } from "./engines.ts";

interface Fixtures {
  /** The browser, which all tests of an engine share. A picture of it is kept when a test fails. */
  engine: Browser;
}

export interface EngineOptions {
  engineName: EngineName;
}

interface WorkerFixtures extends EngineOptions {
  started: Browser;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  engineName: ["Chromium", { option: true, scope: "worker" }],

  started: [
    async ({ engineName, headless }, use) => {
      const engine = find(engineName);
      if (typeof engine === "string") throw new Error(engine);
      const browser = await Browser.start(engine, headless);
      await use(browser);
      await browser.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  engine: async ({ started }, use, testInfo) => {
    started.errors.length = 0;
    await use(started);
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = Buffer.from(await started.driver.takeScreenshot(), "base64");
      await testInfo.attach("screenshot", { body, contentType: "image/png" });
    }
  },

  // In the place of that of Playwright's page.
  allowConsoleErrors: async ({ engine }, use) => {
    const allowed: RegExp[] = [];
    await use(allowed);
    const errors = engine.errors.filter((text) => !allowed.some((one) => one.test(text)));
    expect(errors).toEqual([]);
    expect(await engine.text()).not.toContain("Something went wrong on this page");
  },
});

export { expect };
