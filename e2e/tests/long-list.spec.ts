/** Of a very long list only what is near the reader is drawn; for everybody it is a whole list. */

import type { Locator, Page } from "@playwright/test";
import { localBuild, noLocalBuild } from "../environment.ts";
import { test as base, expect } from "../fixtures.ts";
import { LocalRun } from "../local-run.ts";
import { storeAll } from "../table.ts";

/** So many events, seven a day. */
const COUNT = 5_000;
/** More rows are never drawn. */
const DRAWN = 400;
/** More rows never come in one frame. */
const STEP = 24;

/** A run with the events, for all tests of this file. */
const test = base.extend<object, { run: LocalRun }>({
  run: [
    async ({ assembly }, use) => {
      const run = await LocalRun.start(assembly);
      const response = await fetch(`${run.api}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "event no-1", date: "2040-01-01" }),
      });
      const day = (i: number) => new Date(Date.UTC(2040, 0, 2 + i / 7)).toISOString().slice(0, 10);
      const rest = Array.from({ length: COUNT - 1 }, (_, i) => ({
        name: `event no-${i + 2}`,
        date: day(i),
      }));
      await storeAll(run.table, await response.json(), rest);
      await use(run);
      await run.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ run }, use) => use(run.site),
});

test.skip(!localBuild, noLocalBuild);
test.describe.configure({ mode: "default" });

const rows = (page: Page) => page.locator(".agenda").getByRole("listitem");
const drawn = (page: Page) => rows(page).count();

/** The page has the rows in the document that it draws by itself. */
const settled = (page: Page) =>
  page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let i = 0; i < 4; i++) await frame();
  });

/** Where the rows in view are in the list, as a screen reader says it, and what it says of all. */
const inView = (page: Page) =>
  rows(page).evaluateAll((rows) => {
    const seen = rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    return seen.map((row) => ({
      position: Number(row.getAttribute("aria-posinset")),
      size: Number(row.getAttribute("aria-setsize")),
    }));
  });

/** Loads so many events, as one scrolls. */
async function load(page: Page, count: number): Promise<void> {
  const status = page.getByRole("main").getByRole("status");
  await expect(rows(page).first()).toBeVisible();
  const whole = status.filter({ hasText: new RegExp(`^(The first )?${count} events$`) });
  while (!(await whole.isVisible())) {
    expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await settled(page);
  }
}

/**
 * Adds up how many pixels rows move by themselves, from now on: neither stand still in the list nor
 * before the reader. (The layout shifts of the browser count a month that grows upwards, out of
 * view, as one that moves.)
 */
async function watchMoves(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    let before = new Map<string, [number, number]>();
    const look = () => {
      const now = new Map<string, [number, number]>();
      for (const row of document.querySelectorAll(".agenda li")) {
        const { top } = row.getBoundingClientRect();
        const id = row.querySelector("a")?.href ?? "";
        now.set(id, [top, top + scrollY]);
        const [inView, inList] = before.get(id) ?? [top, top + scrollY];
        const moved = Math.min(Math.abs(top - inView), Math.abs(top + scrollY - inList));
        const isSeen = top > 0 && top < innerHeight;
        if (isSeen && moved > 1) Reflect.set(window, "moved", Reflect.get(window, "moved") + moved);
      }
      before = now;
      requestAnimationFrame(look);
    };
    Reflect.set(window, "moved", 0);
    look();
  });
  return () => page.evaluate("window.moved");
}

test("5,000 events are scrolled through, and few of them are drawn", async ({ page, agenda }) => {
  // Fifty pages come, one after the other.
  test.slow();
  await page.goto("/?from=2040-01-01&to=2050-12-31");
  await load(page, COUNT);

  await test.step("the end, and the way back", async () => {
    await page.keyboard.press("End");
    await expect
      .poll(async () => (await inView(page)).at(-1))
      .toEqual({ position: COUNT, size: COUNT });
    const moved = await watchMoves(page);
    for (let i = 0; i < 40; i++) {
      await page.mouse.wheel(0, -1_000);
      await settled(page);
      expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
      const seen = await inView(page);
      // There is always something to see, in order and without a gap.
      expect(seen.length).toBeGreaterThan(3);
      for (const [i, { position, size }] of seen.entries()) {
        expect(position).toBe((seen[0]?.position ?? 0) + i);
        expect(size).toBe(COUNT);
      }
    }
    expect(await moved()).toBe(0);
    await page.keyboard.press("Home");
    await expect.poll(async () => (await inView(page))[0]).toEqual({ position: 1, size: COUNT });
    expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
  });

  await test.step("a jump into the middle, as with the scroll bar", async () => {
    for (const part of [0.5, 0.1, 0.9, 0.3]) {
      await page.evaluate(
        (part) => scrollTo(0, document.documentElement.scrollHeight * part),
        part,
      );
      await settled(page);
      await expect
        .poll(async () => Math.abs(((await inView(page))[0]?.position ?? 0) / COUNT - part))
        .toBeLessThan(0.05);
      expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
    }
  });

  await test.step("by filter", async () => {
    for (const name of ["no-4711", "no-17", "no-4999"]) {
      await agenda.filter.fill(name);
      const count = Array.from({ length: COUNT }, (_, i) => `no-${i + 1}`).filter((other) =>
        other.includes(name),
      ).length;
      const status = page.getByRole("main").getByRole("status");
      await expect(status.filter({ hasText: `${count} of ${COUNT} events` })).toBeVisible();
      await expect(agenda.event(`event ${name}`)).toBeVisible();
      await expect(rows(page).filter({ visible: true })).toHaveCount(count);
    }
    await agenda.filter.fill("");
    await expect
      .poll(async () => (await inView(page)).length, { message: "the list is there again" })
      .toBeGreaterThan(3);
    expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
  });

  await test.step("letter by letter", async () => {
    // Each letter takes away what is drawn, so only a screen of rows comes before the last one.
    const status = page
      .getByRole("main")
      .getByRole("status")
      .filter({ hasText: /events$/ });
    await status.evaluate((status) => {
      const drawn: number[] = [];
      Object.assign(window, { drawn });
      const look = () => drawn.push(document.querySelectorAll(".agenda li").length);
      new MutationObserver(() => requestAnimationFrame(look)).observe(status, {
        subtree: true,
        characterData: true,
        childList: true,
      });
    });
    await agenda.filter.pressSequentially("no-17");
    await expect(rows(page)).toHaveCount(111);
    const counts: number[] = await page.evaluate("window.drawn");
    expect(counts).not.toHaveLength(0);
    expect(Math.max(...counts)).toBeLessThanOrEqual(STEP);
    await agenda.filter.fill("");
    await expect.poll(() => drawn(page)).toBeGreaterThan(STEP);
    expect(Math.max(...(await page.evaluate<number[]>("window.drawn")))).toBeLessThanOrEqual(STEP);
  });

  await test.step("an event in the middle, and back", async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
    await settled(page);
    const seen = await inView(page);
    const middle = seen[Math.floor(seen.length / 2)]?.position;
    const link = page.locator(`li[aria-posinset="${middle}"]`).getByRole("link");
    const name = (await link.textContent()) ?? "";
    await link.click();
    await expect(page.getByRole("heading", { level: 1, name, exact: true })).toBeFocused();
    await page.goBack();
    await expect(agenda.event(name)).toBeFocused();
    await expect(agenda.event(name)).toBeInViewport();
    expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
    await expect(page.locator(`li[aria-posinset="${middle}"]`)).toContainText(name);
  });

  await test.step("on paper all of it", async () => {
    await page.evaluate(() => {
      const count = () => document.querySelectorAll(".agenda li").length;
      // The page hears of it before this does.
      addEventListener("beforeprint", () => {
        queueMicrotask(() => Object.assign(window, { printed: count() }));
      });
    });
    await page.pdf();
    expect(await page.evaluate("window.printed")).toBe(COUNT);
    await expect.poll(() => drawn(page)).toBeLessThanOrEqual(DRAWN);
  });
});

test("the keyboard walks through the list, over what is drawn and what is not", async ({
  page,
}) => {
  // One event and 86 days with seven each.
  const total = 603;
  await page.goto("/?from=2040-01-01&to=2040-03-27");
  await load(page, total);
  await page.keyboard.press("Home");
  await expect.poll(async () => (await inView(page))[0]?.position).toBe(1);
  await settled(page);

  /** The position of the row that has the focus, or what has it instead. */
  const at = () =>
    page.evaluate(() => {
      const row = document.activeElement?.closest("li");
      const { top = -1, bottom = -1 } = row?.getBoundingClientRect() ?? {};
      const isSeen = bottom > 0 && top < innerHeight;
      const position = Number(row?.getAttribute("aria-posinset"));
      return isSeen ? position : (document.activeElement?.outerHTML ?? "nothing").slice(0, 200);
    });
  const start = (position: number) =>
    page.locator(`.agenda li[aria-posinset="${position}"]`).getByRole("link").focus();
  /** From the link of a row: a row has a link and then two buttons. */
  const walk = async (key: "Tab" | "Shift+Tab", from: number, count: number) => {
    await start(from);
    await settled(page);
    const moved = await watchMoves(page);
    for (let i = 1; i <= count; i++) {
      await page.keyboard.press(key);
      expect(await at()).toBe(key === "Tab" ? from + Math.floor(i / 3) : from - Math.ceil(i / 3));
    }
    expect(await moved()).toBe(0);
  };
  /** The row that has the focus is drawn far from the others too. */
  const edges = async () => {
    const drawn = await rows(page).evaluateAll((rows) =>
      rows.map((row) => Number(row.getAttribute("aria-posinset"))),
    );
    const last = drawn.at(-1) ?? 0;
    return { first: drawn.find((row, i) => row === last - (drawn.length - 1 - i)) ?? 0, last };
  };

  const { last } = await edges();
  await walk("Tab", last - 10, 90);
  expect((await edges()).last).toBeGreaterThan(last);

  await page.keyboard.press("End");
  await expect.poll(async () => (await inView(page)).at(-1)?.position).toBe(total);
  await settled(page);
  const { first } = await edges();
  expect(first).toBeGreaterThan(100);
  await walk("Shift+Tab", first + 10, 90);
  expect((await edges()).first).toBeLessThan(first);
  expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);

  // The row that has the focus stays, wherever one scrolls.
  const link = rows(page)
    .filter({ has: page.locator(":focus") })
    .getByRole("link");
  await expect(link).toHaveCount(1);
  const name = (await link.textContent()) ?? "";
  await scrollAway(page, link);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name, exact: true })).toBeFocused();
});

/** Far from what has the focus, which has it still. */
async function scrollAway(page: Page, link: Locator): Promise<void> {
  await link.focus();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await settled(page);
  await expect(link).toBeFocused();
  expect(await drawn(page)).toBeLessThanOrEqual(DRAWN);
}
