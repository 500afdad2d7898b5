/** A very long list: how long a key takes in its filter, and the memory that it holds. */

import type { Page } from "@playwright/test";
import type { NewEvent } from "../../api.ts";
import { AgendaPage, expect, test } from "../../fixtures.ts";
import { type Device, devices, imitate, memory, watchMemory } from "./device.ts";
import { events, MANY, store } from "./events.ts";
import { type Cell, nothing, number, report, spread, text } from "./report.ts";

const WORDS = "choir night lido";

/** Milliseconds from the input of a key. */
interface Input {
  /** To the frame that shows the letter. */
  readonly letter: number;
  /** To the frame that shows the filtered list; a letter that filters out nothing has none. */
  list?: number;
}

test("typing in the filter", async ({ browser, baseURL }, info) => {
  await test.step(`storing ${MANY} events`, () => store(MANY));
  const rows: Cell[][] = [];
  for (const device of devices) {
    const context = await browser.newContext({ ...(baseURL && { baseURL }), locale: "en-GB" });
    const page = await context.newPage();
    const { inputs, loaded, scrolled } = await typing(page, device);
    await context.close();
    const letters = inputs.map(({ letter }) => letter);
    const lists = inputs.flatMap(({ list }) => list ?? []);
    const bytes = [loaded, scrolled].map((bytes) => number(bytes / 1e6, 1));
    rows.push([text(device.name), spread(letters, 1), spread(lists, 1), ...bytes]);
  }
  const wanted = [50, 100].map((value) => ({ text: `< ${value}`, value }));
  rows.push([text("wanted of the slow phone"), ...wanted, nothing, nothing]);
  await report(info, {
    title: `Typing in the filter over ${MANY} loaded events`,
    about: [
      "From the input of a key to the frame that shows its letter, and to the frame that shows the",
      "list which it leaves (the list follows a frame later, so that it never holds up a letter),",
      `${2 * WORDS.length} keys of “${WORDS}” there and back: the median, and in brackets the`,
      "5th to the 95th percentile. The slow phone is this machine with a processor 4 times slower.",
      "The memory: once all is loaded, and after a way to the top and back.",
    ].join(" "),
    columns: ["device", "an input ms", "its list ms", "loaded MB", "scrolled MB"],
    rows,
  });
});

interface Typing {
  readonly inputs: Input[];
  /** Bytes once all is loaded, and after scrolling. */
  readonly loaded: number;
  readonly scrolled: number;
}

async function typing(page: Page, device: Device): Promise<Typing> {
  await test.step(`${device.name}: loading ${MANY} events`, async () => {
    await page.addInitScript(watchMemory);
    await page.goto("/");
    await expect(page.locator(".agenda .event").first()).toBeVisible();
    for (let count = 0; count < MANY; count = await page.evaluate(countShown)) {
      await expect
        .poll(async () => {
          await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
          return await page.evaluate(countShown);
        })
        .toBeGreaterThan(count);
    }
  });
  const devtools = await page.context().newCDPSession(page);
  const loaded = await memory(page, devtools);
  await test.step(`${device.name}: scrolling`, () => page.evaluate(scroll));
  const scrolled = await memory(page, devtools);
  await imitate(page, { name: device.name, cpu: device.cpu });
  await page.evaluate(watchInputs);
  const { filter } = new AgendaPage(page);
  await filter.focus();
  await test.step(`${device.name}: typing`, async () => {
    for (const key of [...WORDS, ...[...WORDS].map(() => "Backspace")]) {
      const before = (await inputs(page)).length;
      await page.keyboard.press(key === " " ? "Space" : key);
      await page.waitForFunction(settled, before + 1, { polling: 200 });
      // The list must be the right one.
      const typed = await filter.inputValue();
      await expect.poll(() => page.evaluate(countShown), typed).toBe(matching(typed).length);
    }
  });
  return { inputs: await inputs(page), loaded, scrolled };
}

/** To the top of the page and back to its end, three screens in a frame. Runs in the page. */
async function scroll(): Promise<void> {
  const frame = () => new Promise(requestAnimationFrame);
  for (const screens of [-3, 3]) {
    for (let before = -1; before !== scrollY; await frame()) {
      before = scrollY;
      scrollBy(0, screens * innerHeight);
    }
  }
}

/** Runs in the page. */
function watchInputs(): void {
  scrollTo(0, 0);
  const inputs: Input[] = [];
  Object.assign(window, { inputs });
  let start = 0;
  // A task that a frame asks for comes after the frame: the next one, whatever else waits.
  const afterFrame = (then: () => void) =>
    requestAnimationFrame(() => scheduler.postTask(then, { priority: "user-blocking" }));
  addEventListener(
    "input",
    () => {
      start = performance.now();
      afterFrame(() => inputs.push({ letter: performance.now() - start }));
    },
    { capture: true },
  );
  // The count above the list changes with it.
  const count = document.querySelector(".count");
  if (!count) throw new Error("no count");
  new MutationObserver(() =>
    afterFrame(() => {
      const input = inputs.at(-1);
      if (input) input.list ??= performance.now() - start;
    }),
  ).observe(count, { subtree: true, characterData: true, childList: true });
}

/**
 * The page is done with the letter before, whose list is drawn two frames later. Runs in the page.
 */
async function settled(count: number): Promise<boolean> {
  const { length } = Reflect.get(window, "inputs") as Input[];
  const frame = () => new Promise(requestAnimationFrame);
  await frame().then(frame);
  await new Promise((done) => requestIdleCallback(done));
  return length === count;
}

/**
 * How many events the page says that it shows: "5 of 5000 events". Runs in the page; it asks for no
 * layout, which would disturb what is measured next.
 */
function countShown(): number {
  const text = document.querySelector(".count")?.textContent ?? "";
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}

const inputs = (page: Page) => page.evaluate(() => Reflect.get(window, "inputs") as Input[]);

function matching(typed: string): NewEvent[] {
  const words = typed.split(" ").filter(Boolean);
  return events.filter(({ name, location }) => {
    const text = `${name} ${location}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
