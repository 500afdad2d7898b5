/** The heart of the page in each engine: the same steps, by roles, names and keys. */

import { Key } from "selenium-webdriver";
import { Api } from "../api.ts";
import { localBuild, noLocalBuild, noRecord, recordFile, webOrigin } from "../environment.ts";
import { Assembly, freePorts, type Half, LocalRun, readRecord } from "../local-run.ts";
import { Provider } from "../provider.ts";
import { copySite } from "../site-copy.ts";
import type { EngineName } from "./engines.ts";
import { expect, test } from "./fixtures.ts";

/**
 * WebKitGTK 2.50 asks no API first for a page that a service worker controls, even if the worker
 * leaves the call alone. It still keeps answers from a page that may not read them. The tests without
 * a half of CORS have no worker: there it asks.
 */
const preflights = (name: EngineName) => name !== "WebKit";

test("an event is created by keyboard", async ({ engine, api, tag }) => {
  const name = `Choir ${tag}`;
  await engine.open(`${webOrigin}/`);
  await engine.find("heading", "Agenda");
  await engine.click("link", "New event");
  await engine.focused("heading", "New event");
  await engine.click("textbox", "Name");
  await engine.type(name);
  // How the segments of a date take digits is the browser's own.
  await engine.driver.executeScript(
    `const date = document.getElementById("date");
     date.value = "2031-05-07";
     date.dispatchEvent(new Event("input", { bubbles: true }));`,
  );
  await engine.type(Key.ENTER);
  await engine.shows(`“${name}” was created.`);
  const [stored] = await api.listed(tag);
  if (stored) api.willDelete(stored.id);
  expect(stored).toMatchObject({ name, date: "2031-05-07" });
});

test("events are listed, filtered and opened", async ({ engine, api, tag }) => {
  const [choir, film] = [`Choir ${tag}`, `Film ${tag}`];
  const { id } = await api.create({ name: choir, date: "2031-05-07", time: "19:30" });
  await api.create({ name: film, date: "2031-05-08" });
  await engine.open(`${webOrigin}/`);
  await engine.find("link", choir);
  await engine.find("link", film);
  const tab = await engine.find("link", "Upcoming", ["navigation", "Agenda"]);
  expect(await tab.getAttribute("aria-current")).toBe("page");

  await engine.click("searchbox", "Filter");
  await engine.type(`${tag} choir`);
  const query = `?q=${tag}%20choir`;
  await engine.until(query, async () => (await engine.driver.getCurrentUrl()).endsWith(query));
  await engine.gone("link", film);
  await engine.find("link", choir);

  await engine.click("link", choir);
  await engine.focused("heading", choir);
  expect(await engine.driver.getCurrentUrl()).toBe(`${webOrigin}/events/${id}`);
  await engine.shows("Wednesday, May 7, 2031");
  await engine.driver.navigate().back();
  await engine.find("link", choir);
  await engine.gone("link", film);
});

test("an event's end, its copy and the feed", async ({ engine, api, tag }) => {
  const name = `Ball ${tag}`;
  const content = { name, date: "2031-05-07", time: "21:00", endTime: "02:30" };
  const { id } = await api.create(content);
  await engine.open(`${webOrigin}/events/${id}`);
  await engine.shows("9:00 PM – 2:30 AM, next day");
  await engine.click("button", "Duplicate event");
  await engine.find("heading", "New event");
  const focused = () => engine.driver.switchTo().activeElement().getAttribute("id");
  await engine.until("the focus on the date", async () => (await focused()) === "date");
  await engine.driver.executeScript(
    `const date = document.getElementById("date");
     date.value = "2031-05-14";
     date.dispatchEvent(new Event("input", { bubbles: true }));`,
  );
  await engine.click("textbox", "Name");
  await engine.type(Key.ENTER);
  await engine.shows(`“${name}” was created.`);
  const stored = await api.listed(tag);
  for (const event of stored) api.willDelete(event.id);
  expect(stored).toMatchObject([content, { ...content, date: "2031-05-14" }]);
  await engine.driver.executeScript("document.querySelector('summary').focus()");
  await engine.type(Key.ENTER);
  await engine.find("link", "Open in your calendar");
  await engine.find("button", "Copy address");
});

test("an event is deleted after asking, and the browser asks the API first", async ({
  engine,
  engineName,
  api,
  tag,
}) => {
  const [gone, next] = [`Gone ${tag}`, `Next ${tag}`];
  const { id } = await api.create({ name: gone, date: "2031-05-07", time: "19:00" });
  await api.create({ name: next, date: "2031-05-07", time: "20:00" });
  await engine.open(`${webOrigin}/?q=${tag}`);
  await engine.click("button", `Delete ${gone}`);
  await engine.focused("button", "Keep it");
  await engine.type(Key.ESCAPE);
  await engine.gone("dialog");
  await engine.focused("button", `Delete ${gone}`);
  await engine.type(Key.ENTER);
  await engine.click("button", "Delete event", ["dialog", `Delete “${gone}”?`]);
  await engine.shows(`“${gone}” was deleted.`);
  await engine.gone("link", gone);
  await engine.focused("link", next);
  expect(await api.get(id)).toBeUndefined();

  test.skip(!recordFile, noRecord);
  const userAgent = await engine.driver.executeScript<string>("return navigator.userAgent");
  const calls = (await readRecord(recordFile ?? "")).filter(
    ({ request }) => request.target === `/events/${id}` && request.headers.origin,
  );
  expect(calls.map(({ request }) => request.method)).toEqual(
    preflights(engineName) ? ["OPTIONS", "DELETE"] : ["DELETE"],
  );
  for (const { request, response } of calls) {
    expect(request.headers["user-agent"]).toEqual([userAgent]);
    expect(request.headers.origin).toEqual([webOrigin]);
    expect(response.status).toBe(204);
    expect(response.headers["access-control-allow-origin"]).toEqual([webOrigin]);
  }
  const asked = calls[0]?.request.headers["access-control-request-method"];
  expect(asked).toEqual(preflights(engineName) ? ["DELETE"] : undefined);
});

test("a month is walked through by keyboard", async ({ engine, api, tag }) => {
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2033-07-16" });
  await engine.open(`${webOrigin}/calendar?month=2033-06`);
  await engine.click("gridcell", /June 15, 2033/);
  await engine.focused("heading", /June 15, 2033/);
  await engine.driver.executeScript(
    "document.querySelector('[role=gridcell][tabindex=\"0\"]').focus()",
  );
  for (const [key, day] of [
    [Key.ARROW_RIGHT, /June 16, 2033/],
    [Key.ARROW_DOWN, /June 23, 2033/],
    [Key.PAGE_DOWN, /July 23, 2033/],
    // Another engine may have one there too.
    [Key.ARROW_UP, /July 16, 2033, [1-9]/],
  ] as const) {
    await engine.type(key);
    await engine.focused("gridcell", day);
  }
  await engine.type(Key.ENTER);
  await engine.focused("heading", /July 16, 2033/);
  await engine.click("link", `Choir ${tag}`, ["region", /July 16, 2033/]);
  await engine.focused("heading", `Choir ${tag}`);
  expect(await engine.driver.getCurrentUrl()).toBe(`${webOrigin}/events/${id}`);
});

test("a person signs in, creates, deletes and signs out", async ({
  engine,
  tag,
  allowConsoleErrors,
}) => {
  test.skip(!localBuild, noLocalBuild);
  // The provider has none, and its policy allows none.
  allowConsoleErrors.push(/favicon\.ico/);
  const access = "members-write";
  const assembly = await Assembly.synthesize(await freePorts(), { access });
  const provider = await Provider.start(assembly);
  const run = await LocalRun.start(assembly);
  try {
    const name = `Choir ${tag}`;
    await engine.open(`${run.site}/new`);
    await engine.click("textbox", "Name");
    await engine.type(name);
    await engine.click("button", "Sign in and create event");
    await engine.focused("textbox", "E-mail address");
    await engine.type("ada@example.org", Key.ENTER);
    await engine.shows(`“${name}” was created.`);
    await engine.click("link", "No date yet", ["navigation", "Agenda"]);
    await engine.click("button", `Delete ${name}`);
    await engine.click("button", "Delete event", ["dialog"]);
    await engine.shows(`“${name}” was deleted.`);
    await engine.click("button", "Sign out");
    await engine.find("button", "Sign in");
    expect(await new Api(run.api).list()).toEqual([]);
    const sent = await run.record();
    const changes = sent.filter(({ request }) => /POST|DELETE/.test(request.method));
    expect(changes.map(({ response }) => response.status)).toEqual([201, 204]);
  } finally {
    await run.stop();
    await provider.stop();
    await assembly.delete();
  }
});

const halves: readonly (readonly [string, Half[], boolean])[] = [
  ["the gateway's half of CORS", ["gateway-cors"], true],
  ["both halves of CORS", ["gateway-cors", "allowed-origins"], false],
];

for (const [what, without, canRead] of halves) {
  test(`without ${what}`, async ({ engine, assembly, allowConsoleErrors, tag }) => {
    test.skip(!localBuild, noLocalBuild);
    allowConsoleErrors.push(/./);
    const run = await LocalRun.start(assembly, { without });
    try {
      const api = new Api(run.api);
      await api.create({ name: `Here ${tag}`, date: "2031-05-07" });
      await engine.open(`${run.site}/`);
      if (canRead) await engine.find("link", `Here ${tag}`);
      else await engine.shows("This page may not read the events");
      // A draft of another run at this address.
      await engine.driver.executeScript("localStorage.clear(); sessionStorage.clear()");
      await engine.click("link", "New event");
      await engine.click("textbox", "Name");
      await engine.type(`Never ${tag}`, Key.ENTER);
      await engine.shows(`“Never ${tag}” was not created.`);
      expect((await api.list()).map(({ name }) => name)).toEqual([`Here ${tag}`]);
      const sent = (await run.record()).map(({ request }) => request);
      const own = sent.filter(({ headers }) => headers.origin?.includes(run.site));
      expect(own.some(({ method }) => method === "OPTIONS")).toBe(true);
      expect(own.some(({ method }) => method === "POST")).toBe(false);
    } finally {
      await run.stop();
    }
  });
}

test("the shell opens when the site is gone", async ({ engine, allowConsoleErrors }) => {
  allowConsoleErrors.push(/./);
  const site = await copySite(() => undefined);
  try {
    await engine.open(`${site.origin}/new`);
    await engine.find("heading", "New event");
    await engine.until("a kept shell", () =>
      engine.driver.executeAsyncScript<boolean>(
        `const done = arguments[arguments.length - 1];
         navigator.serviceWorker.ready
           .then(() => caches.match("/"))
           .then((kept) => done(Boolean(kept)), () => done(false));`,
      ),
    );
  } finally {
    site.stop();
  }
  await engine.open(`${site.origin}/new`);
  await engine.find("heading", "New event");
});

test("a browser that lacks something is told", async ({ engine, allowConsoleErrors }) => {
  allowConsoleErrors.push(/./);
  const lack = "<script>delete AbortSignal.timeout</script><meta";
  const site = await copySite((path, text) =>
    path === "/" ? text.replace("<meta", lack) : undefined,
  );
  try {
    await engine.open(`${site.origin}/`);
    await engine.shows("this browser is too old");
  } finally {
    site.stop();
  }
});
