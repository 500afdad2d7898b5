/** What every test of an engine gets, beside `api` and `tag`. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localBuild } from "../environment.ts";
import { test as base, expect } from "../fixtures.ts";
import { Assembly, freePorts } from "../local-run.ts";
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
  engineName: ["Firefox", { option: true, scope: "worker" }],

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

  /** The page without its service worker: see `preflights` in `engines.spec.ts`. */
  assembly: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from here
    async ({}, use) => {
      const site = await mkdtemp(join(tmpdir(), "e2e-site-"));
      const all = { recursive: true, filter: (file: string) => !file.endsWith("sw.js") };
      await cp(localBuild?.site ?? "", site, all);
      const assembly = await Assembly.synthesize(await freePorts(), { site });
      await use(assembly);
      await assembly.delete();
      await rm(site, { recursive: true });
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
