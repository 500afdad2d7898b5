/** The filter looks at all events, not only at those that are loaded already. */

import type { Page } from "@playwright/test";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expect } from "../fixtures.ts";
import type { LocalRun } from "../local-run.ts";
import { storeAll } from "../table.ts";
import { broken, Hold, test } from "../wired.ts";

test.skip(!localBuild, noLocalBuild);

test.beforeEach(({ allowConsoleErrors }) => {
  // The page's diagnosis calls a path without a route.
  allowConsoleErrors.push(broken, errorStatus(404));
});

const LIST = "/?from=2040-01-01&to=2060-12-31";
/** The start of a request for a page after the first one. */
const NEXT_PAGE = /^GET \/events\?[^ ]*cursor=/;

/** Stores so many events, ten a day. Their names end in their positions in the list. */
async function store(local: LocalRun, count: number): Promise<void> {
  const { api } = local;
  const response = await fetch(`${api}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "event no-1", date: "2040-01-01", time: "09:30" }),
  });
  const model = await response.json();
  const day = (i: number) => new Date(Date.UTC(2040, 0, 2 + i / 10)).toISOString().slice(0, 10);
  const events = Array.from({ length: count - 1 }, (_, i) => ({
    name: `event no-${i + 2}`,
    date: day(i),
  }));
  // Those of a day have no order: that of their ids is any.
  await storeAll(local.table, model, events);
}

const status = (page: Page) => page.getByRole("main").getByRole("status");
const found = (page: Page) =>
  page
    .getByRole("listitem")
    .getByRole("link", { name: /^event no-/ })
    .filter({ visible: true });

/** How often the API was asked for a page of the list. */
const pagesAsked = async (local: LocalRun) =>
  (await local.record()).filter(
    ({ request }) => request.method === "GET" && request.target.startsWith("/events?"),
  ).length;

test("an event of a page that did not come yet is found, by typing and by address", async ({
  wired,
  page,
  agenda,
}) => {
  await store(wired.local, 250);
  await page.goto(LIST);
  await expect(found(page).first()).toBeVisible();
  await agenda.filter.fill("no-250");
  await expect(found(page)).toHaveText(["event no-250"]);
  await expect(status(page).filter({ hasText: "1 of 250 events" })).toBeVisible();
  // One after the other, while the last search may still run.
  await agenda.filter.fill("");
  for (const [words, count] of [
    ["no-13", 11],
    ["NO-249", 1],
    ["no-2", 62],
  ] as const) {
    await agenda.filter.fill(words);
    await expect(found(page)).toHaveCount(count);
  }
  const names = await found(page).allTextContents();
  expect(new Set(names).size).toBe(62);

  for (const [words, count] of [
    ["no-250", 1],
    ["no-2", 62],
    ["nowhere", 0],
  ] as const) {
    await page.goto(`${LIST}&q=${words}`);
    await expect(status(page).filter({ hasText: `${count} of 250 events` })).toBeVisible();
    await expect(found(page)).toHaveCount(count);
  }
  await expect(page.getByText("No events match “nowhere”")).toBeVisible();
  // Each page once.
  await page.goto(LIST);
  await expect(found(page).first()).toBeVisible();
  const before = await pagesAsked(wired.local);
  await agenda.filter.fill("no-250");
  await expect(found(page)).toHaveText(["event no-250"]);
  expect((await pagesAsked(wired.local)) - before).toBe(2);
});

test("a search says that it goes on, and ends when the filter is cleared", async ({
  wired,
  page,
  agenda,
  expectAccessible,
}) => {
  await store(wired.local, 450);
  const hold = new Hold(NEXT_PAGE);
  wired.fault = hold.fault;
  await page.goto(LIST);
  await expect(found(page).first()).toBeVisible();
  await agenda.filter.fill("no-450");
  await expect.poll(() => hold.count).toBe(1);
  // Nothing is known yet of what was not looked at.
  await expect(status(page).filter({ hasText: /search|look/i })).toBeVisible();
  await expect(page.getByText(/^No events match/)).toBeHidden();
  await expectAccessible();

  hold.release();
  await expect.poll(() => hold.count).toBe(2);
  await agenda.filter.fill("");
  await expect(status(page).filter({ hasText: /search|look/i })).toBeHidden();
  hold.release();
  await expect(status(page).filter({ hasText: "The first 300 events" })).toBeVisible();
  await expect(agenda.filter).toHaveValue("");
  // Another page is asked for by scrolling only. What opens then is asked for after any other call.
  await page.getByRole("link", { name: "Calendar", exact: true }).click();
  await expect(page.getByRole("grid")).toBeVisible();
  expect(hold.count).toBe(2);
});

test("a page that does not come is told, and the search goes on from there", async ({
  wired,
  page,
  agenda,
}) => {
  await store(wired.local, 350);
  const hold = new Hold(NEXT_PAGE);
  wired.fault = hold.fault;
  await page.goto(LIST);
  await expect(found(page).first()).toBeVisible();
  await agenda.filter.fill("no-1");
  await expect.poll(() => hold.count).toBe(1);
  hold.release();
  await expect.poll(() => hold.count).toBe(2);
  // The browser sends again what was cut off.
  wired.fault = (sent) => (NEXT_PAGE.test(sent.toString("latin1")) ? "break" : sent);
  hold.break();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The server could not be reached");
  // What was found until then, is there, and nothing says that this is all.
  const before = (await found(page).allTextContents()).length;
  expect(before).toBeGreaterThan(100);
  await expect(status(page).filter({ hasText: "of the first 200 events" })).toBeVisible();
  wired.fault = undefined;
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(status(page).filter({ hasText: "111 of 350 events" })).toBeVisible();
  await expect(alert).toBeHidden();
});

test("a search of very many events ends, and says where", async ({ wired, page, agenda }) => {
  await store(wired.local, 2_350);
  await page.goto(LIST);
  await expect(found(page).first()).toBeVisible();
  await agenda.filter.fill("no-2349");
  const end = status(page).filter({ hasText: /2,?000/ });
  await expect(end).toBeVisible();
  await expect(end).not.toHaveText(/search(ing)? on|searching…/i);
  await expect(found(page)).toHaveCount(0);
  // One can go on.
  expect(await pagesAsked(wired.local)).toBe(20);
  await agenda.showMore.click();
  await expect.poll(() => pagesAsked(wired.local)).toBeGreaterThan(20);
  for (let i = 0; i < 4 && (await found(page).count()) === 0; i++) {
    await agenda.showMore.click({ timeout: 5_000 }).catch(() => undefined);
  }
  await expect(found(page)).toHaveText(["event no-2349"]);
});
