/** What the page does when the API has no room for it, is slow, or never answers. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { Api } from "../api.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { test as base, errorStatus, expect } from "../fixtures.ts";
import { Assembly, freePorts, LocalRun, type Template } from "../local-run.ts";
import { copySite, type SiteCopy } from "../site-copy.ts";

/** The app with a gateway that lets one request through in a second. */
const test = base.extend<{ narrow: LocalRun }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern.
  narrow: async ({}, use) => {
    const assembly = await Assembly.synthesize(await freePorts());
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
    await assembly.delete();
  },
});

/** Takes all that the gateway has to give, until the function that it returns is called. */
async function takeAll(run: LocalRun): Promise<() => Promise<void>> {
  const take = async () => (await fetch(`${run.api}/events?limit=1`)).status;
  while ((await take()) !== 429);
  let goesOn = true;
  const takers = [1, 2].map(async () => {
    while (goesOn) await take();
  });
  return async () => {
    goesOn = false;
    await Promise.all(takers);
  };
}

const countdown = (page: Page) => page.getByRole("timer");

test.describe("when the API has no room", () => {
  test.skip(!localBuild, noLocalBuild);

  test("waits with a countdown, and lists when there is room", async ({
    page,
    narrow,
    agenda,
    allowConsoleErrors,
    expectAccessible,
  }) => {
    allowConsoleErrors.push(errorStatus(429));
    const api = new Api(narrow.api);
    await api.create({ name: "There is room", date: "2031-05-07" });
    await page.goto(`${narrow.site}/new`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const leaveRoom = await takeAll(narrow);
    await page.getByRole("link", { name: "Events" }).click();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("The server is busy");
    await leaveRoom();
    await expect(countdown(page)).toHaveText(/^Trying again in \d+ s$/);
    await expect(alert.getByRole("button", { name: "Try now" })).toBeVisible();
    await expectAccessible();
    // Nobody presses anything.
    await expect(agenda.event("There is room")).toBeVisible({ timeout: 30_000 });
    await expect(alert).toBeHidden();
  });

  test("tries at once when it is told to, and a refused form is sent once", async ({
    page,
    narrow,
    form,
    allowConsoleErrors,
  }) => {
    allowConsoleErrors.push(errorStatus(429));
    // The preflight first: a browser does not ask again, and tells no page that it was refused.
    await page.goto(`${narrow.site}/new`);
    await form.name.fill("Before");
    await form.create.click();
    await expect(page.getByText("“Before” was created.")).toBeVisible();
    await page.getByRole("link", { name: "New event" }).click();
    await form.name.fill("Sent once");
    const leaveRoom = await takeAll(narrow);
    await form.create.click();
    // The list behind it has no room either, and a button of its own.
    const notCreated = page.getByRole("region", { name: "Not created" });
    const tryNow = notCreated.getByRole("button", { name: "Try now" });
    await expect(tryNow).toBeVisible();
    await leaveRoom();
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
  await page.getByRole("link", { name: "Events" }).click();
  await expect(progress).toBeVisible();
  await expect(agenda.heading).toBeVisible();
  await expect(progress).toBeHidden();
  const delay = await page.evaluate(() => {
    const bar = document.getElementById("progress");
    return bar && getComputedStyle(bar).animationDelay.split(", ")[0];
  });
  expect(delay).toBe("0.3s");
});

test.describe("when the API never answers", () => {
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
    await page.goto(site.origin);
    await expect(page.getByRole("progressbar", { name: "Loading" })).toBeVisible();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("The server took too long to answer", { timeout: 30_000 });
    await expectAccessible();
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(alert.getByRole("button", { name: "Trying again…" })).toBeVisible();
    await expectAccessible();
  });
});
