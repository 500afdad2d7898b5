/** What the page does when the API is at its limit, is slow, or never responds. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { readAppName } from "../../infra/lib/app-name.ts";
import { Api } from "../api.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { test as base, errorStatus, expect, expectCreated } from "../fixtures.ts";
import { LocalRun, type Template } from "../local-run.ts";
import { copySite, type SiteCopy } from "../site-copy.ts";

/** The app with a gateway that allows one request a second. */
const test = base.extend<{ narrow: LocalRun }>({
  narrow: async ({ assembly }, use) => {
    const throttle = (template: Template) => {
      const stage = Object.values<Template>(template.Resources).find(
        ({ Type }) => Type === "AWS::ApiGatewayV2::Stage",
      );
      stage.Properties.DefaultRouteSettings.ThrottlingRateLimit = 1;
      stage.Properties.DefaultRouteSettings.ThrottlingBurstLimit = 2;
    };
    const run = await assembly.changed(throttle, () => LocalRun.start(assembly));
    await use(run);
    await run.stop();
  },
});

/** Uses up the gateway's rate limit until the function that it returns is called. */
async function useUpLimit(run: LocalRun): Promise<() => Promise<void>> {
  const call = async () => (await fetch(`${run.api}/events?limit=1`)).status;
  while ((await call()) !== 429);
  let goesOn = true;
  const callers = [1, 2].map(async () => {
    while (goesOn) await call();
  });
  return async () => {
    goesOn = false;
    await Promise.all(callers);
  };
}

const countdown = (page: Page) => page.getByRole("timer");

test.describe("when the API is at its limit", () => {
  test.skip(!localBuild, noLocalBuild);

  test("waits with a countdown, and lists when it can", async ({
    page,
    narrow,
    agenda,
    allowConsoleErrors,
    expectAccessible,
  }) => {
    allowConsoleErrors.push(errorStatus(429));
    const api = new Api(narrow.api);
    await api.create({ name: "Listed in the end", date: "2031-05-07" });
    await page.goto(`${narrow.site}/new`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const release = await useUpLimit(narrow);
    await page.getByRole("link", { name: readAppName().title, exact: true }).click();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("The server is busy");
    await release();
    await expect(countdown(page)).toHaveText(/^Trying again in \d+ s$/);
    await expect(alert.getByRole("button", { name: "Try now" })).toBeVisible();
    await expectAccessible();
    // Without a press of a button.
    await expect(agenda.event("Listed in the end")).toBeVisible({ timeout: 30_000 });
    await expect(alert).toBeHidden();
  });

  test("tries at once when told to, and a form that was throttled is sent once", async ({
    page,
    narrow,
    form,
    allowConsoleErrors,
  }) => {
    allowConsoleErrors.push(errorStatus(429));
    // The preflight comes first: a browser keeps its response, and a page does not learn of a
    // throttled one.
    await page.goto(`${narrow.site}/new`);
    await form.send({ name: "Before" });
    await expectCreated(page, "Before");
    await page.getByRole("link", { name: "New event" }).click();
    await form.name.fill("Sent once");
    const release = await useUpLimit(narrow);
    await form.create.click();
    // The list below it is throttled too, and has a button of its own.
    const notCreated = page.getByRole("region", { name: "Not created" });
    const tryNow = notCreated.getByRole("button", { name: "Try now" });
    await expect(tryNow).toBeVisible();
    await release();
    await tryNow.click();
    await expect(page.getByText("“Sent once” was created.")).toBeVisible({ timeout: 30_000 });
    const created = (await narrow.record()).filter(
      ({ request, response }) => request.method === "POST" && response.status === 201,
    );
    expect(created).toHaveLength(2);
  });
});

test("shows progress when a call takes a while, and not when it is quick", async ({
  page,
  context,
  agenda,
}) => {
  const progress = page.getByRole("progressbar", { name: "Loading" });
  await page.goto("/new");
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 1500,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await page.getByRole("link", { name: readAppName().title, exact: true }).click();
  await expect(progress).toBeVisible();
  await expect(agenda.heading).toBeVisible();
  await expect(progress).toBeHidden();
  const delay = await page.evaluate(() => {
    const bar = document.getElementById("progress");
    return bar && getComputedStyle(bar).animationDelay.split(", ")[0];
  });
  expect(delay).toBe("0.3s");
});

test.describe("when the API never responds", () => {
  let silent: Server;
  let site: SiteCopy;

  test.beforeEach(async () => {
    silent = createServer(() => undefined);
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const config = JSON.stringify({ apiUrl: `http://127.0.0.1:${port}` });
    site = await copySite((path) => (path === "/config.json" ? config : undefined));
  });

  test.afterEach(() => {
    site.stop();
    silent.close();
    silent.closeAllConnections();
  });

  test("says so in the end, and can be told to try again", async ({ page, expectAccessible }) => {
    // The browser's own time limit, sooner than the page wants for its first two calls: of
    // `config.json`, and of the list.
    await page.addInitScript(() => {
      const limits: number[] = [];
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (limit) => timeout(limits.push(limit) > 2 ? limit : 3_000);
      Object.assign(window, { limits });
    });
    await page.goto(site.origin);
    await expect(page.getByRole("progressbar", { name: "Loading" })).toBeVisible();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("The server took too long to respond");
    expect(await page.evaluate("limits")).toEqual([20_000, 20_000]);
    await expectAccessible();
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(alert.getByRole("button", { name: "Trying again…" })).toBeVisible();
    await expectAccessible();
  });
});
