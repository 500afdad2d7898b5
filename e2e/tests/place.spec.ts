/** Who comes back to a long list finds the place that was left. */

import type { Locator, Page } from "@playwright/test";
import { Api } from "../api.ts";
import { type AgendaPage, expect, offline, test } from "../fixtures.ts";

/** More than a page of the list. */
const COUNT = 130;
/** The event that the reader looks at; it is on the second page. */
const AT = 119;

/** A list of many events, that no other test has. */
interface List {
  readonly address: string;
  /** In all of the names. */
  readonly word: string;
  readonly names: readonly string[];
}

const api = new Api();
let ofDay: List;
let ofMonths: List;

test.describe.configure({ mode: "default" });

test.beforeAll(async () => {
  const word = crypto.randomUUID().slice(0, 8);
  const year = 3000 + (Number.parseInt(word, 16) % 6000);
  const day = `${year}-02-28`;
  const month = (i: number) => String(1 + Math.floor((i * 12) / COUNT)).padStart(2, "0");
  ofDay = await store(`/?from=${day}&to=${day}`, `${word} day`, () => day);
  ofMonths = await store(
    `/?from=${year + 1}-01-01&to=${year + 1}-12-31`,
    `${word} month`,
    (i) => `${year + 1}-${month(i)}-${String(1 + (i % 11) * 2).padStart(2, "0")}`,
  );
});

test.afterAll(() => api.deleteAll());

/** Names that say the position in the list. */
async function store(address: string, word: string, date: (i: number) => string): Promise<List> {
  const dates = Array.from({ length: COUNT }, (_, i) => date(i)).toSorted();
  const two = (number: number) => String(Math.floor(number)).padStart(2, "0");
  const events = dates.map((date, i) => ({
    name: `${word} no-${i + 1}`,
    date,
    time: `${two(i / 6)}:${two((i % 6) * 10)}`,
  }));
  for (let i = 0; i < COUNT; i += 26) {
    await Promise.all(events.slice(i, i + 26).map((event) => api.create(event)));
  }
  return { address, word, names: events.map(({ name }) => name) };
}

/** The reader scrolls to the event, as far down as it is. */
async function goTo(page: Page, agenda: AgendaPage, { address, names }: List): Promise<Locator> {
  await page.goto(address);
  await expect(agenda.event(names[0] as string)).toBeVisible();
  await page.mouse.wheel(0, 100_000);
  await expect(agenda.event(names.at(-1) as string)).toBeVisible();
  const event = agenda.event(names[AT] as string);
  await event.scrollIntoViewIfNeeded();
  await settled(page);
  return event;
}

/** What a page does at once is drawn. */
const settled = (page: Page) =>
  page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let i = 0; i < 3; i++) await frame();
  });

const top = (event: Locator) =>
  event.evaluate((link) => Math.round(link.getBoundingClientRect().top));

/** The event is where it was in the window, give or take a line, and the keyboard is on it. */
async function expectPlace(event: Locator, before: number): Promise<void> {
  await expect(event).toBeInViewport();
  await expect(event).toBeFocused();
  await expect.poll(async () => Math.abs((await top(event)) - before)).toBeLessThan(30);
}

for (const [what, list] of [
  ["one day", () => ofDay],
  ["many months", () => ofMonths],
] as const) {
  test(`from an event back to a list of ${what}`, async ({ page, agenda }) => {
    const { names, word } = list();
    const event = await goTo(page, agenda, list());
    for (const open of [() => event.click(), () => event.press("Enter")]) {
      const before = await top(event);
      await open();
      await expect(
        page.getByRole("heading", { level: 1, name: names[AT] as string }),
      ).toBeFocused();
      await page.goBack();
      await expectPlace(event, before);
      await expect(agenda.names(word)).toHaveCount(COUNT);
    }
    // From there on by keyboard.
    for (const _ of ["Duplicate", "Delete", "the next one"]) await page.keyboard.press("Tab");
    await expect(agenda.event(names[AT + 1] as string)).toBeFocused();
    // Forward, and back again.
    await event.focus();
    const before = await top(event);
    await page.goForward();
    await expect(page.getByRole("heading", { level: 1, name: names[AT] as string })).toBeVisible();
    await page.goBack();
    await expectPlace(event, before);
  });
}

test("back to a list with a filter", async ({ page, agenda }) => {
  const { names, word } = ofMonths;
  await goTo(page, agenda, ofMonths);
  await agenda.filter.fill("no-1");
  const matching = names.filter((name) => name.includes("no-1"));
  const shown = agenda.names(word).filter({ visible: true });
  await expect(shown).toHaveCount(matching.length);
  await expect(page).toHaveURL(/&q=/);
  const event = agenda.event(names[AT] as string);
  await event.scrollIntoViewIfNeeded();
  const before = await top(event);
  await event.click();
  await expect(page.getByRole("heading", { level: 1, name: names[AT] as string })).toBeFocused();
  await page.goBack();
  await expectPlace(event, before);
  await expect(shown).toHaveText(matching);
});

test("from another part of the site back to the list", async ({ page, agenda }) => {
  const event = await goTo(page, agenda, ofDay);
  for (const [link, heading] of [
    ["Calendar", /^\w+ \d{4}$/],
    ["New event", "New event"],
  ] as const) {
    await event.focus();
    const before = await top(event);
    // A click by hand would first scroll to the link.
    await page
      .getByRole("link", { name: link, exact: true })
      .evaluate((link: HTMLElement) => link.click());
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await page.goBack();
    await expectPlace(event, before);
  }
});

test("from another part of the agenda back to the list", async ({ page, agenda }) => {
  const event = await goTo(page, agenda, ofDay);
  await event.focus();
  const before = await top(event);
  await agenda.tab("No date yet").evaluate((link: HTMLElement) => link.click());
  await expect(page).toHaveURL("/?show=undated");
  await expect(agenda.tab("No date yet")).toHaveAttribute("aria-current", "page");
  await page.goBack();
  await expect(event).toBeInViewport();
  await expect.poll(async () => Math.abs((await top(event)) - before)).toBeLessThan(30);
});

test("a visit that is not a return begins at the top", async ({ page, agenda }) => {
  const event = await goTo(page, agenda, ofDay);
  await event.click();
  await expect(
    page.getByRole("heading", { level: 1, name: ofDay.names[AT] as string }),
  ).toBeFocused();
  await page.getByRole("link", { name: "Agenda", exact: true }).click();
  await expect(agenda.heading).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("a network that goes and comes changes nothing", async ({
  page,
  context,
  agenda,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(offline);
  const { word } = ofDay;
  const event = await goTo(page, agenda, ofDay);
  await event.focus();
  const before = await top(event);
  const row = await event.elementHandle();
  for (let i = 0; i < 2; i++) {
    await context.setOffline(true);
    await settled(page);
    const calls = page.waitForResponse(/\/events\?/, { timeout: 3_000 }).catch(() => undefined);
    await context.setOffline(false);
    await settled(page);
    await expectPlace(event, before);
    // What is asked again with the network, comes.
    await Promise.race([calls, settled(page)]);
    await settled(page);
    await expectPlace(event, before);
    expect(await row?.evaluate((row) => row.isConnected && row === document.activeElement)).toBe(
      true,
    );
    await expect(agenda.names(word)).toHaveCount(COUNT);
  }
});

test("an event that came meanwhile comes with the network, and moves nobody", async ({
  page,
  context,
  agenda,
  tag,
  api,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(offline);
  const event = await goTo(page, agenda, ofMonths);
  await event.focus();
  const before = await top(event);
  await context.setOffline(true);
  const date = new URL(page.url()).searchParams.get("to") as string;
  await api.create({ name: `${tag} new`, date, time: "23:59" });
  await context.setOffline(false);
  await expect(agenda.event(`${tag} new`)).toBeAttached();
  await expectPlace(event, before);
});

// Playwright cannot follow a browser into its back-forward cache: only what a page is told is here.
test("a page that the browser kept whole stays as it is", async ({ page, agenda }) => {
  const event = await goTo(page, agenda, ofDay);
  await event.focus();
  const before = await top(event);
  const row = await event.elementHandle();
  await page.evaluate(() => {
    for (const name of ["pagehide", "pageshow"]) {
      dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
    }
  });
  await settled(page);
  await expectPlace(event, before);
  expect(await row?.evaluate((row) => row.isConnected)).toBe(true);
  await expect(agenda.names(ofDay.word)).toHaveCount(COUNT);
});

test("words that were typed a moment ago are there on the way back", async ({ page, agenda }) => {
  const { address, names, word } = ofDay;
  await page.clock.install();
  await page.goto(address);
  const link = agenda.event(names[0] as string);
  await expect(link).toBeVisible();
  // No pause after a key ends.
  await page.clock.pauseAt(Date.now() + 60_000);
  await agenda.filter.focus();
  await page.keyboard.type(word);
  await link.click();
  await expect(page).toHaveURL(/\/events\//);
  await page.clock.resume();
  await page.goBack();
  await expect(agenda.filter).toHaveValue(word);
  await expect(page).toHaveURL(new RegExp(`q=${encodeURIComponent(word)}$`));
});
