/** The shell and the last list without a network. */

import { apiOrigin, webOrigin } from "../environment.ts";
import { expect, localToday, offline, shellKept, test } from "../fixtures.ts";
import { copySite } from "../site-copy.ts";

test.beforeEach(({ allowConsoleErrors }) => {
  allowConsoleErrors.push(offline, /Failed to load resource/);
});

test("opens without a network, at any page", async ({ page, context, agenda, form }) => {
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  await shellKept(page);
  await context.setOffline(true);
  for (const path of ["/new", "/calendar?month=2033-06"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await expect(page.getByRole("alert")).toContainText("You are offline");
  await page.goto("/new");
  await form.name.fill("It can be written down");
  await expect(form.name).toHaveValue("It can be written down");
});

test("keeps the last list readable, says how old it is, and renews it with the network", async ({
  page,
  context,
  api,
  tag,
  agenda,
  expectAccessible,
}) => {
  // In the first page of the list, whatever other tests create.
  const today = await localToday(page);
  await api.create({ name: `Kept ${tag}`, date: today });
  await page.goto("/");
  await expect(agenda.event(`Kept ${tag}`)).toBeVisible();
  await shellKept(page);
  await context.setOffline(true);
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("You are offline");
  await expect(page.getByText(/^As of .* ago$/)).toBeVisible();
  await expect(agenda.event(`Kept ${tag}`)).toBeVisible();
  await expectAccessible();

  await api.create({ name: `Came meanwhile ${tag}`, date: today });
  await context.setOffline(false);
  await expect(agenda.event(`Came meanwhile ${tag}`)).toBeVisible();
  await expect(page.getByRole("alert")).toBeHidden();
  await expect(page.getByText(/^As of .* ago$/)).toBeHidden();
});

test("keeps nothing of the API, and no more than one shell", async ({ page, agenda }) => {
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  await shellKept(page);
  await page.goto("/calendar");
  await expect(page.getByRole("grid")).toBeVisible();
  const kept = await page.evaluate(async () => {
    const urls: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      urls.push(...(await cache.keys()).map(({ url }) => url));
    }
    return urls;
  });
  expect(kept).toContain(`${webOrigin}/`);
  expect(kept.filter((url) => !url.startsWith(`${webOrigin}/`))).toEqual([]);
  expect(kept.filter((url) => url.startsWith(apiOrigin))).toEqual([]);
  expect(kept.filter((url) => url.endsWith(".wasm"))).toHaveLength(1);
  // Pages are not kept one by one.
  expect(kept.filter((url) => url.includes("calendar"))).toEqual([]);
});

test("the worker and the manifest are asked for anew on each visit", async ({ page }) => {
  for (const path of ["/sw.js", "/manifest.webmanifest", "/"]) {
    const response = await page.request.get(path);
    expect(response.status(), path).toBe(200);
    expect(response.headers()["cache-control"], path).toBe("no-cache");
  }
  await page.goto("/");
  await shellKept(page);
  const how = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return registration?.updateViaCache;
  });
  expect(how).toBe("none");
});

test("opens from what is kept when the site takes a request and never answers", async ({
  page,
  allowConsoleErrors,
}) => {
  // The API does not let in a page at this address.
  allowConsoleErrors.push(/./);
  const site = await copySite(() => undefined);
  await page.goto(`${site.origin}/new`);
  await shellKept(page);
  const isKept = () => page.evaluate(async () => Boolean(await caches.match("/")));
  await expect.poll(isKept).toBe(true);
  site.silence();
  await page.goto(`${site.origin}/new`);
  await expect(page.getByRole("heading", { level: 1, name: "New event" })).toBeVisible();
  site.stop();
});

test("the worker leaves a page that `trunk serve` builds while one looks", async ({
  page,
  allowConsoleErrors,
}) => {
  // The API does not let in a page at this address.
  allowConsoleErrors.push(/./);
  let isServedByTrunk = false;
  const site = await copySite((path, text) =>
    isServedByTrunk && !path.includes(".")
      ? `${text}<script type="text/plain">/.well-known/trunk/ws</script>`
      : undefined,
  );
  await page.goto(`${site.origin}/new`);
  await shellKept(page);
  isServedByTrunk = true;
  await page.goto(`${site.origin}/new`);
  const kept = () =>
    page.evaluate(async () => [
      await caches.keys(),
      (await navigator.serviceWorker.getRegistrations()).length,
    ]);
  await page.goto(`${site.origin}/new`);
  await expect.poll(kept).toEqual([[], 0]);
  site.stop();
});

test("can be installed as an app", async ({ page, context }) => {
  await page.goto("/");
  await shellKept(page);
  const devtools = await context.newCDPSession(page);
  const { errors, url } = await devtools.send("Page.getAppManifest");
  expect(url).toBe(`${webOrigin}/manifest.webmanifest`);
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // Playwright's contexts are private ones, in which no browser installs anything.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
});
