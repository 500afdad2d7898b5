import type { Page } from "@playwright/test";
import { readAppName } from "../../infra/lib/app-name.ts";
import { apiOrigin } from "../environment.ts";
import { expect, expectCreated, test } from "../fixtures.ts";

const month = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });
const day = (page: Page, name: string) => page.getByRole("gridcell", { name });

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime("2033-06-15T10:00:00Z");
});

test("shows a month at a glance, with the events of its days", { tag: "@wide" }, async ({
  page,
  api,
  tag,
  agenda,
}) => {
  for (const [name, date, time] of [
    ["first", "2033-06-01", undefined],
    ["evening", "2033-06-15", "19:30"],
    ["morning", "2033-06-15", "08:00"],
    ["around", "2033-07-01", "09:00"],
    ["outside", "2033-08-01", "09:00"],
  ] as const) {
    await api.create({ name: `${name} ${tag}`, date, ...(time && { time }) });
  }
  await agenda.open();
  await page.getByRole("link", { name: "Calendar", exact: true }).click();
  await expect(month(page, "June 2033")).toBeFocused();
  await expect(page).toHaveTitle(`June 2033 · ${readAppName().title}`);

  const grid = page.getByRole("grid", { name: "June 2033" });
  await expect(grid.getByRole("columnheader").first()).toHaveText("Mon");
  await expect(day(page, "Wednesday, 15 June 2033, today")).toHaveAttribute("aria-current", "date");
  const today = day(page, "Wednesday, 15 June 2033").getByRole("link").filter({ hasText: tag });
  await expect(today).toHaveText([`08:00 morning ${tag}`, `19:30 evening ${tag}`]);
  await expect(day(page, "Wednesday, 1 June 2033")).toContainText(`first ${tag}`);
  await expect(day(page, "Friday, 1 July 2033")).toContainText(`around ${tag}`);
  await expect(grid).not.toContainText(`outside ${tag}`);

  await today.first().click();
  await expect(page.getByRole("heading", { level: 1, name: `morning ${tag}` })).toBeFocused();
});

test("asks the API for the days that it shows and for nothing else", async ({ page }) => {
  const asked = page.waitForRequest((request) => request.url().startsWith(`${apiOrigin}/events?`));
  await page.goto("/calendar?month=2033-07");
  expect(new URL((await asked).url()).search).toBe("?from=2033-06-27&to=2033-07-31");
});

test("counts the events that have no room, and leads to all of them", { tag: "@wide" }, async ({
  page,
  api,
  tag,
}) => {
  // More than a page of the list.
  const names = Array.from({ length: 105 }, (_, i) => `${tag} ${String(i).padStart(3, "0")}`);
  for (let i = 0; i < names.length; i += 35) {
    const some = names.slice(i, i + 35);
    await Promise.all(some.map((name) => api.create({ name, date: "2034-02-28", time: "09:00" })));
  }
  await page.goto("/calendar?month=2034-02");
  const cell = day(page, "Tuesday, 28 February 2034, 105 events");
  await cell.getByRole("link", { name: "103 more" }).click();
  await expect(page).toHaveURL("/calendar?month=2034-02&day=28");
  const open = page.getByRole("region", { name: "Tuesday, 28 February 2034" });
  await expect(open.getByRole("listitem")).toHaveCount(105);
  await open.getByRole("link", { name: names[104] as string }).click();
  await expect(page.getByRole("heading", { level: 1, name: names[104] as string })).toBeVisible();
  await page.goBack();
  await expect(open.getByRole("listitem")).toHaveCount(105);
});

test("moves by month, and the back button and the address know", async ({ page }) => {
  await page.goto("/calendar?month=2033-12");
  await page.getByRole("link", { name: "Next month" }).click();
  await expect(month(page, "January 2034")).toBeVisible();
  await expect(page).toHaveURL("/calendar?month=2034-01");
  await page.getByRole("link", { name: "Previous month" }).press("Enter");
  await page.getByRole("link", { name: "Previous month" }).press("Enter");
  await expect(month(page, "November 2033")).toBeVisible();
  await page.getByRole("link", { name: "Today" }).click();
  await expect(month(page, "June 2033")).toBeVisible();
  await page.goBack();
  await expect(month(page, "November 2033")).toBeVisible();
  await page.reload();
  await expect(month(page, "November 2033")).toBeVisible();
});

test("is used by keyboard as a grid is", { tag: "@wide" }, async ({ page, api, tag }) => {
  await api.create({ name: `Choir ${tag}`, date: "2033-08-31", time: "19:30" });
  await page.goto("/calendar?month=2033-06");
  const at = async (name: string) => {
    await expect(page.getByRole("gridcell", { name, exact: false })).toBeFocused();
    // Tab reaches one cell.
    await expect(page.locator("[role=gridcell][tabindex='0']")).toHaveCount(1);
  };
  await page.getByRole("link", { name: "Next month" }).focus();
  await page.keyboard.press("Tab");
  await at("Wednesday, 15 June 2033");
  for (const [key, name] of [
    ["ArrowRight", "Thursday, 16 June 2033"],
    ["ArrowDown", "Thursday, 23 June 2033"],
    ["ArrowLeft", "Wednesday, 22 June 2033"],
    ["ArrowUp", "Wednesday, 15 June 2033"],
    ["Home", "Monday, 13 June 2033"],
    ["End", "Sunday, 19 June 2033"],
    ["Control+Home", "Wednesday, 1 June 2033"],
    ["Control+End", "Thursday, 30 June 2033"],
    ["ArrowRight", "Friday, 1 July 2033"],
    ["ArrowLeft", "Thursday, 30 June 2033"],
    ["PageDown", "Saturday, 30 July 2033"],
    ["PageDown", "Tuesday, 30 August 2033"],
    ["ArrowRight", "Wednesday, 31 August 2033"],
  ] as const) {
    await page.keyboard.press(key);
    await at(name);
  }
  await expect(page).toHaveURL("/calendar?month=2033-08");
  await page.keyboard.press("Enter");
  await expect(
    page.getByRole("heading", { level: 2, name: "Wednesday, 31 August 2033" }),
  ).toBeFocused();
  await expect(day(page, "Wednesday, 31 August 2033")).toHaveAttribute("aria-selected", "true");
  const open = page.getByRole("region", { name: "Wednesday, 31 August 2033" });
  const choir = open.getByRole("link", { name: `Choir ${tag}` });
  // Tab goes to what is there: the month may still be loading.
  await expect(choir).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(choir).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: `Choir ${tag}` })).toBeFocused();
});

test.describe("for a reader in the United States", () => {
  test.use({ locale: "en-US" });
  test("begins the week on Sunday", async ({ page }) => {
    await page.goto("/calendar?month=2033-06");
    await expect(page.getByRole("columnheader")).toHaveText([
      "Sun",
      "Mon",
      "Tue",
      "Wed",
      "Thu",
      "Fri",
      "Sat",
    ]);
    await expect(page.getByRole("gridcell").first()).toHaveAccessibleName(/^Sunday, May 29, 2033/);
  });
});

test.describe("for a reader of German", () => {
  test.use({ locale: "de-CH" });
  test("names months and days as the reader does", async ({ page }) => {
    await page.goto("/calendar?month=2033-03");
    await expect(month(page, "März 2033")).toBeVisible();
    await expect(page.getByRole("columnheader").first()).toHaveText("Mo");
    await expect(day(page, "Dienstag, 1. März 2033")).toBeVisible();
  });
});

test("has a first and a last month", async ({ page, expectAccessible }) => {
  await page.goto("/calendar?month=0001-01");
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Previous month" })).toHaveCount(0);
  await page.goto("/calendar?month=9999-12&day=31");
  await expect(month(page, "December 9999")).toBeVisible();
  await expect(page.getByRole("link", { name: "Next month" })).toHaveCount(0);
  await expect(page.getByText("No events on this day.")).toBeVisible();
  await expectAccessible();
});

test("says when the month or the day of the address does not exist", async ({
  page,
  expectAccessible,
}) => {
  for (const [query, what] of [
    ["month=2033-13", "That month doesn’t exist; showing the current one."],
    ["month=soon", "That month doesn’t exist; showing the current one."],
    ["month=2033-02&day=29", "That day doesn’t exist; showing the current month."],
  ] as const) {
    await page.goto(`/calendar?${query}`);
    await expect(page.getByRole("alert")).toHaveText(what);
    await expect(month(page, "June 2033")).toBeVisible();
  }
  await expectAccessible();
});

test("shows what was created and deleted here at once", { tag: "@wide" }, async ({
  page,
  tag,
  agenda,
  form,
}) => {
  await form.open();
  await form.send({ name: `Choir ${tag}`, date: "2033-06-20" });
  await expectCreated(page, `Choir ${tag}`);
  await page.getByRole("link", { name: "Calendar", exact: true }).click();
  const chip = day(page, "Monday, 20 June 2033").getByRole("link", { name: `Choir ${tag}` });
  await chip.click();
  await page.getByRole("button", { name: "Delete event" }).click();
  await agenda.confirm();
  await page.getByRole("link", { name: "Calendar", exact: true }).click();
  await expect(day(page, "Monday, 20 June 2033")).toBeVisible();
  await expect(chip).toHaveCount(0);
});

// A year for each: the tests run side by side.
for (const [year, device, viewport] of [
  [2041, "a wide screen", { width: 1280, height: 800 }],
  [2042, "the narrowest phone", { width: 320, height: 640 }],
] as const) {
  test.describe(`on ${device}`, { tag: "@wide" }, () => {
    test.use({ viewport });
    test("can be used by everybody", async ({ page, api, tag, expectAccessible }) => {
      for (const name of ["one", "two", "three", "x".repeat(150)]) {
        await api.create({ name: `${tag} ${name}`, date: `${year}-06-10`, time: "09:30" });
      }
      await page.goto(`/calendar?month=${year}-06`);
      const cell = page.getByRole("gridcell", { name: new RegExp(`10 June ${year}, 4 events`) });
      await expect(cell).toBeVisible();
      await expectAccessible();
      await cell.click({ position: { x: 4, y: 4 } });
      const open = page.getByRole("region", { name: `10 June ${year}` });
      await expect(open.getByRole("listitem")).toHaveCount(4);
      await expectAccessible();
    });
  });
}

test("on a phone a day says how much there is, and a tap shows it", { tag: "@phone" }, async ({
  page,
  api,
  tag,
  expectAccessible,
}) => {
  const names = ["first", "second"].map((name) => `${name} ${tag}`);
  for (const name of names) await api.create({ name, date: "2045-06-20", time: "19:30" });
  await page.goto("/calendar?month=2045-06");
  const cell = day(page, "Tuesday, 20 June 2045, 2 events");
  await expect(cell.getByRole("link")).toHaveCount(0);
  await cell.tap();
  await expect(page).toHaveURL("/calendar?month=2045-06&day=20");
  const open = page.getByRole("region", { name: "Tuesday, 20 June 2045" });
  await expect(open.getByRole("listitem")).toHaveCount(2);
  await expectAccessible();
  await open.getByRole("link", { name: names[1] as string }).tap();
  await expect(page.getByRole("heading", { level: 1, name: names[1] as string })).toBeVisible();
});

test("a link in a cell is a link for the keyboard too", { tag: "@wide" }, async ({
  page,
  api,
  tag,
}) => {
  const names = ["one", "two", "three", "four"].map((name) => `${tag} ${name}`);
  for (const name of names) await api.create({ name, date: "2046-06-13" });
  await page.goto("/calendar?month=2046-06");
  const cell = (name: string) => page.getByRole("gridcell", { name });
  const links = cell("13 June 2046").getByRole("link");
  await expect(links).toHaveCount(3);
  // Another day is the one that Tab reaches.
  await cell("28 June 2046").focus();
  const opened = links.nth(1);
  const name = (await opened.textContent()) ?? "";

  await opened.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name })).toBeFocused();
  await expect(page).toHaveURL(/\/events\//);
  await page.goBack();
  await expect(opened).toBeVisible();

  await opened.focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("heading", { level: 1, name: "June 2046" })).toBeVisible();
  await expect(page.getByRole("region", { name: "28 June 2046" })).toHaveCount(0);

  // The arrows go on from its cell.
  await opened.focus();
  await page.keyboard.press("ArrowRight");
  await expect(cell("14 June 2046")).toBeFocused();
  await opened.focus();
  await page.keyboard.press("ArrowDown");
  await expect(cell("20 June 2046")).toBeFocused();

  await cell("13 June 2046").getByRole("link", { name: "2 more" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/calendar?month=2046-06&day=13");
  await expect(
    page.getByRole("region", { name: "13 June 2046" }).getByRole("listitem"),
  ).toHaveCount(4);
});
