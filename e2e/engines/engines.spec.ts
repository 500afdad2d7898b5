/** The heart of the page in each engine: the same steps, by roles, names and keys. */

import { Key } from "selenium-webdriver";
import { noRecord, recordFile, webOrigin } from "../environment.ts";
import { readRecord } from "../local-run.ts";
import { expect, test } from "./fixtures.ts";

test("an event is created by keyboard", async ({ engine, api, tag }) => {
  const name = `Choir ${tag}`;
  await engine.open(`${webOrigin}/`);
  await engine.click("link", "New event");
  await engine.focused("heading", "New event");
  await engine.click("textbox", "Name");
  await engine.type(name, Key.TAB, "05072031", Key.ENTER);
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

test("an event is deleted after asking, and the browser asks the API first", async ({
  engine,
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
  expect(calls.map(({ request }) => request.method)).toEqual(["OPTIONS", "DELETE"]);
  for (const { request, response } of calls) {
    expect(request.headers["user-agent"]).toEqual([userAgent]);
    expect(request.headers.origin).toEqual([webOrigin]);
    expect(response.status).toBe(204);
    expect(response.headers["access-control-allow-origin"]).toEqual([webOrigin]);
  }
  expect(calls[0]?.request.headers["access-control-request-method"]).toEqual(["DELETE"]);
});
