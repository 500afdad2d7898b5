/** Measures the page in Chromium, on this machine and as a slow phone, and prints Markdown. */

import type { CDPSession, Page } from "@playwright/test";
import { webOrigin } from "./environment.ts";
import { expect, test } from "./fixtures.ts";
import { firstLoad } from "./size.ts";

const LOADED = 5_000;
const LOADS = 5;

interface Device {
  readonly name: string;
  /** How many times slower the processor is. */
  readonly cpu: number;
  readonly network?: { readonly latency: number; readonly bitsPerSecond: number };
}

const devices: readonly Device[] = [
  { name: "this machine", cpu: 1 },
  {
    name: "slow phone: 1.6 Mbit/s, 150 ms, CPU 4x",
    cpu: 4,
    network: { latency: 150, bitsPerSecond: 1_600_000 },
  },
];

test("bytes of the first load", async () => {
  const { kinds, total } = await firstLoad(webOrigin);
  table(
    ["first load", "raw", "gzip", "brotli"],
    [...kinds, ["total", total] as const].map(([kind, { raw, gzip, brotli }]) => [
      kind,
      bytes(raw),
      bytes(gzip),
      bytes(brotli),
    ]),
  );
});

test("loads and typing", async ({ browser, api }) => {
  const seed = Array.from({ length: LOADED }, (_, i) => i);
  for (let i = 0; i < LOADED; i += 50) {
    await Promise.all(
      seed.slice(i, i + 50).map((i) =>
        api.create({
          name: `${["Choir", "Film", "Book", "Market", "Run"][i % 5]} ${["night", "club", "day"][i % 3]} ${i}`,
          date: new Date(Date.UTC(2040, 0, 1 + i / 7)).toISOString().slice(0, 10),
          time: `${String(8 + (i % 12)).padStart(2, "0")}:30`,
          location: ["Old Town Hall", "Lido", "Kino Xenix", "Library"][i % 4] as string,
        }),
      ),
    );
  }
  const rows: string[][] = [];
  for (const device of devices) {
    const loads: Load[] = [];
    for (let i = 0; i < LOADS; i++) {
      const context = await browser.newContext({ baseURL: webOrigin });
      loads.push(await load(await context.newPage(), device));
      await context.close();
    }
    const context = await browser.newContext({
      baseURL: webOrigin,
      reducedMotion: "no-preference",
    });
    const typed = await typing(await context.newPage(), device);
    await context.close();
    const of = (pick: (load: Load) => number) => median(loads.map(pick));
    rows.push([
      device.name,
      ms(of((load) => load.painted)),
      ms(of((load) => load.usable)),
      ms(of((load) => load.blocked)),
      of((load) => load.shift).toFixed(3),
      `${ms(typed.median)} (${ms(typed.most)})`,
      `${(typed.memory / 1e6).toFixed(0)} MB`,
    ]);
  }
  table(
    [
      "device",
      "shell painted",
      "list usable",
      "main thread blocked",
      "layout shift",
      `a key in the filter over ${LOADED} events (slowest)`,
      "JS and wasm memory with them",
    ],
    rows,
  );
});

interface Load {
  /** Milliseconds from the start of the navigation. */
  readonly painted: number;
  readonly usable: number;
  /** What tasks took beyond 50 ms each. */
  readonly blocked: number;
  readonly shift: number;
}

async function slow(page: Page, { cpu, network }: Device): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  if (network) {
    const bytesPerSecond = network.bitsPerSecond / 8;
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: network.latency,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
  }
  return session;
}

async function load(page: Page, device: Device): Promise<Load> {
  await slow(page, device);
  await page.addInitScript(() => {
    const seen = { usable: 0, blocked: 0, shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.blocked += Math.max(0, duration - 50);
    }).observe({ type: "longtask", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        seen.shift += (entry as unknown as { value: number }).value;
      }
    }).observe({ type: "layout-shift", buffered: true });
    new MutationObserver((_, observer) => {
      if (!document.querySelector(".event a")) return;
      observer.disconnect();
      // Usable is what is drawn.
      requestAnimationFrame(() => setTimeout(() => (seen.usable = performance.now())));
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto("/");
  await page.waitForFunction(
    () => (window as unknown as { seen: { usable: number } }).seen.usable > 0,
  );
  return await page.evaluate(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return {
      painted: paint?.startTime ?? Number.NaN,
      ...(window as unknown as { seen: { usable: number; blocked: number; shift: number } }).seen,
    };
  });
}

/** From a key to the frame that shows what it did, with all events loaded. */
async function typing(
  page: Page,
  device: Device,
): Promise<{ median: number; most: number; memory: number }> {
  await page.goto("/");
  const rows = page.locator(".agenda .event");
  for (let count = 0; count < LOADED; ) {
    await expect(async () => {
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      expect(await rows.count()).toBeGreaterThan(count);
    }).toPass();
    count = await rows.count();
  }
  const session = await slow(page, { name: device.name, cpu: device.cpu });
  await page.evaluate(() => {
    scrollTo(0, 0);
    const took: number[] = [];
    Object.assign(window, { took });
    addEventListener(
      "input",
      () => {
        const start = performance.now();
        // The frame after the next one's callbacks has drawn it.
        requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - start)));
      },
      { capture: true },
    );
  });
  const filter = page.getByRole("searchbox", { name: "Filter" });
  await filter.focus();
  const word = "choir night lido";
  for (const key of [...word, ...[...word].map(() => "Backspace")]) {
    const before = await page.evaluate(took);
    await page.keyboard.press(key === " " ? "Space" : key);
    await page.waitForFunction(
      (before) => (window as unknown as { took: number[] }).took.length > before,
      before.length,
    );
  }
  const all = await page.evaluate(took);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = (await session.send("Runtime.getHeapUsage")) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return {
    median: median(all),
    most: Math.max(...all),
    memory: usedSize + (backingStorageSize ?? 0),
  };
}

const took = () => (window as unknown as { took: number[] }).took;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const bytes = (value: number) => value.toLocaleString("en");

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  console.log(["", line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n"));
}
