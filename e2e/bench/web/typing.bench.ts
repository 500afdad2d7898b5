/** How long a key takes in the filter of a list that nobody has. */

import type { Page } from "@playwright/test";
import type { NewEvent } from "../../api.ts";
import { AgendaPage, expect, test } from "../../fixtures.ts";
import { type Device, devices, imitate, memory, watchMemory } from "./device.ts";
import { events, MANY, store } from "./events.ts";
import { type Cell, nothing, number, report, spread, text } from "./report.ts";

const WORDS = "choir night lido";

/** From a key to the frame that shows what it did, and how many events that frame shows. */
interface Input {
  readonly took: number;
  readonly shown: number;
}

test("typing in the filter", async ({ browser, baseURL }, info) => {
  await test.step(`storing ${MANY} events`, () => store(MANY));
  const rows: Cell[][] = [];
  for (const device of devices) {
    const context = await browser.newContext({ ...(baseURL && { baseURL }), locale: "en-GB" });
    const page = await context.newPage();
    const { inputs, bytes } = await typing(page, device);
    await context.close();
    const took = inputs.map(({ took }) => took);
    rows.push([
      text(device.name),
      spread(took, 1),
      number(Math.max(...took), 1),
      number(bytes / 1e6, 1),
    ]);
  }
  rows.push([text("wanted of the slow phone"), { text: "< 50", value: 50 }, nothing, nothing]);
  await report(info, {
    title: `Typing in the filter over ${MANY} loaded events`,
    about: `From the input of a key to the frame that shows what it did, ${2 * WORDS.length} keys of “${WORDS}” there and back: the median, and in brackets the 5th to the 95th percentile. The slow phone is this machine with a processor 4 times slower.`,
    columns: ["device", "an input ms", "the slowest ms", "memory MB"],
    rows,
  });
});

async function typing(page: Page, device: Device): Promise<{ inputs: Input[]; bytes: number }> {
  const rows = page.locator(".agenda .event");
  await test.step(`${device.name}: loading ${MANY} events`, async () => {
    await page.addInitScript(watchMemory);
    await page.goto("/");
    await expect(rows.first()).toBeVisible();
    for (let count = 0; count < MANY; count = await rows.count()) {
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await expect.poll(() => rows.count()).toBeGreaterThan(count);
    }
    await expect(rows).toHaveCount(MANY);
  });
  const devtools = await imitate(page, { name: device.name, cpu: device.cpu });
  await page.evaluate(watchInputs);
  const { filter } = new AgendaPage(page);
  await filter.focus();
  await test.step(`${device.name}: typing`, async () => {
    for (const key of [...WORDS, ...[...WORDS].map(() => "Backspace")]) {
      const before = (await inputs(page)).length;
      await page.keyboard.press(key === " " ? "Space" : key);
      await expect.poll(async () => (await inputs(page)).length).toBe(before + 1);
      // What is measured is an answer, and the right one.
      const typed = await filter.inputValue();
      expect((await inputs(page))[before]?.shown, typed).toBe(matching(typed).length);
    }
  });
  return { inputs: await inputs(page), bytes: await memory(page, devtools) };
}

/** Runs in the page. */
function watchInputs(): void {
  scrollTo(0, 0);
  const inputs: Input[] = [];
  Object.assign(window, { inputs });
  const count = () =>
    [...document.querySelectorAll(".agenda .event")].filter((row) => row.checkVisibility()).length;
  addEventListener(
    "input",
    () => {
      const start = performance.now();
      // A task that a frame asks for comes after the frame.
      requestAnimationFrame(() =>
        setTimeout(() => {
          const took = performance.now() - start;
          inputs.push({ took, shown: count() });
        }),
      );
    },
    { capture: true },
  );
}

const inputs = (page: Page) => page.evaluate(() => Reflect.get(window, "inputs") as Input[]);

function matching(typed: string): NewEvent[] {
  const words = typed.split(" ").filter(Boolean);
  return events.filter(({ name, location }) => {
    const text = `${name} ${location}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
