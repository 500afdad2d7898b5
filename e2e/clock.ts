/** A page whose clock a test sets: `page.clock` moves it. */

import type { Page } from "@playwright/test";

/** Before the page is opened: its clock starts at `now` and goes on. */
export async function startClock(page: Page, now: string): Promise<void> {
  await page.clock.install({ time: now });
  await page.addInitScript(countTimers);
}

/**
 * Playwright's ids of timers do not fit into the 32 bits in which WebAssembly keeps them: without
 * this, nothing could be cancelled. Runs in the page.
 */
function countTimers(): void {
  const page = window as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [set, clear] of [
    ["setTimeout", "clearTimeout"],
    ["setInterval", "clearInterval"],
    ["requestAnimationFrame", "cancelAnimationFrame"],
    ["requestIdleCallback", "cancelIdleCallback"],
  ] as const) {
    const [start, cancel] = [page[set], page[clear]];
    const ids: unknown[] = [];
    page[set] = (...args) => ids.push(start?.(...args));
    page[clear] = (id) => cancel?.(ids[Number(id) - 1]);
  }
}

/**
 * The reader's clock moves while the page cannot notice, as when a laptop sleeps, and the page is
 * seen again.
 */
export async function sleepUntil(page: Page, now: string, seen: keyof typeof wakes): Promise<void> {
  await page.clock.setSystemTime(now);
  await page.evaluate(wakes[seen]);
}

/** What a browser tells a page that is seen again. They run in the page. */
const wakes = {
  visibilitychange: () => void document.dispatchEvent(new Event("visibilitychange")),
  pageshow: () => void dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })),
};
