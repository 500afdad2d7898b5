/** How long a first visit takes until something stands there, and until the list can be used. */

import type { Browser } from "@playwright/test";
import { webOrigin } from "../../environment.ts";
import { test } from "../../fixtures.ts";
import { type Device, devices, imitate, memory, SLOW_PHONE, watchMemory } from "./device.ts";
import { SOME, store } from "./events.ts";
import { type Cell, nothing, report, spread, text } from "./report.ts";

const LOADS = 9;

test("first visits", async ({ browser }, info) => {
  await test.step(`storing ${SOME} events`, () => store(SOME));
  const rows: Cell[][] = [];
  const moved = new Set<string>();
  for (const device of devices) {
    const loads: Load[] = [];
    for (let i = 1; i <= LOADS; i++) {
      await test.step(`${device.name}: ${i} of ${LOADS}`, async () => {
        loads.push(await visit(browser, device));
      });
    }
    const of = (pick: (load: Load) => number, decimals = 0) => spread(loads.map(pick), decimals);
    rows.push([
      text(device.name),
      of((load) => load.painted),
      of((load) => load.usable),
      of((load) => load.blocked),
      of((load) => load.shift, 4),
      of((load) => load.memory / 1e6, 1),
    ]);
    for (const { shifts } of loads) for (const shift of shifts) moved.add(shift);
  }
  rows.push([
    text("wanted of the slow phone"),
    { text: "< 1000", value: 1000 },
    { text: "< 3000", value: 3000 },
    nothing,
    { text: "0", value: 0 },
    nothing,
  ]);
  await report(info, {
    title: "First visits",
    about: [
      "With nothing in any cache, of a list whose first page is full,",
      `${LOADS} visits each: the median, and in brackets the 5th to the 95th percentile.`,
      "Blocked is what tasks took beyond 50 ms each; memory is that of JavaScript, WebAssembly",
      `and the document. ${SLOW_PHONE}`,
    ].join(" "),
    columns: [
      "device",
      "shell painted ms",
      "list usable ms",
      "blocked ms",
      "layout shift",
      "memory MB",
    ],
    rows,
  });
  if (moved.size > 0) {
    await report(info, {
      title: "What moved",
      about: "The sources of the layout shifts above.",
      columns: ["what"],
      rows: [...moved].map((what) => [text(what)]),
    });
  }
});

/** What a page notes of its own start; milliseconds from the start of the navigation. */
interface Notes {
  usable: number;
  /** What tasks took beyond 50 ms each. */
  blocked: number;
  shift: number;
  shifts: string[];
}

type Load = Notes & { painted: number; memory: number };

async function visit(browser: Browser, device: Device): Promise<Load> {
  const context = await browser.newContext({ baseURL: webOrigin, locale: "en-GB" });
  const page = await context.newPage();
  const devtools = await imitate(page, device);
  await page.addInitScript(watchMemory);
  await page.addInitScript(takeNotes);
  await page.goto("/");
  await page.waitForFunction(() => (Reflect.get(window, "notes") as Notes).usable > 0);
  // A font that comes late moves what it is for.
  await page.evaluate(() => document.fonts.ready);
  const notes = await page.evaluate(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const notes = Reflect.get(window, "notes") as Notes;
    return { painted: paint?.startTime ?? Number.NaN, ...notes };
  });
  const load = { ...notes, memory: await memory(page, devtools) };
  await context.close();
  return load;
}

/** Runs in the page, before all else. */
function takeNotes(): void {
  interface Shift extends PerformanceEntry {
    readonly value: number;
    readonly sources: readonly {
      readonly node?: Node;
      readonly previousRect: DOMRect;
      readonly currentRect: DOMRect;
    }[];
  }
  const notes: Notes = { usable: 0, blocked: 0, shift: 0, shifts: [] };
  Object.assign(window, { notes });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) notes.blocked += Math.max(0, duration - 50);
  }).observe({ type: "longtask", buffered: true });
  const place = ({ x, y, width, height }: DOMRect) => `${x},${y} ${width}x${height}`;
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries() as Shift[]) {
      notes.shift += value;
      for (const { node, previousRect, currentRect } of sources) {
        const element = node instanceof Element ? node : node?.parentElement;
        const parent = element?.parentElement;
        const name =
          `${element?.localName}.${element?.className} in ` +
          `${parent?.localName}.${parent?.className}`;
        notes.shifts.push(`${name}: ${place(previousRect)} to ${place(currentRect)}`);
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
  new MutationObserver((_, observer) => {
    if (!document.querySelector(".event a")) return;
    observer.disconnect();
    // Usable is what is drawn.
    requestAnimationFrame(() => setTimeout(() => (notes.usable = performance.now())));
  }).observe(document, { subtree: true, childList: true });
}
