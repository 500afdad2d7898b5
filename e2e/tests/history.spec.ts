/**
 * Browsers allow only some changes of the history in a while: the next ones throw, as in Safari and
 * Firefox, or do nothing, as in Chromium. The page goes on.
 */

import type { Page } from "@playwright/test";
import { readAppName } from "../../infra/lib/app-name.ts";
import { startClock } from "../clock.ts";
import { expect, test } from "../fixtures.ts";

/** After so many changes there are no more. */
const LIMIT = 5;

type Limit = "throws" | "does nothing";

/** Before the page is opened. */
const limitHistory = (page: Page, limit: Limit) =>
  page.addInitScript(
    ({ most, throws }) => {
      let count = 0;
      for (const name of ["pushState", "replaceState"] as const) {
        const change = history[name].bind(history);
        history[name] = (...args) => {
          count += 1;
          if (count <= most) change(...args);
          else if (throws) throw new DOMException("The operation is insecure.", "SecurityError");
        };
      }
    },
    { most: LIMIT, throws: limit === "throws" },
  );

for (const limit of ["throws", "does nothing"] as const) {
  test.describe(`when the history ${limit}`, () => {
    test.beforeEach(async ({ page }) => {
      await startClock(page, "2033-06-15T10:00:00Z");
      await limitHistory(page, limit);
    });

    test("a burst of keys stays in the calendar’s grid", async ({ page }) => {
      await page.goto("/calendar?month=2033-06");
      const cell = (name: string) => page.getByRole("gridcell", { name });
      await cell("15 June 2033").focus();
      // A busy machine hands on several keys between two frames.
      for (let i = 0; i < 100; i++) await page.keyboard.press("PageDown");
      await expect(page.getByRole("heading", { level: 1, name: "October 2041" })).toBeVisible();
      await expect(cell("15 October 2041")).toBeFocused();
      for (const key of ["PageUp", "ArrowLeft", "Home"]) await page.keyboard.press(key);
      await expect(page.getByRole("heading", { level: 1, name: "September 2041" })).toBeVisible();
      await expect(page.getByRole("gridcell", { name: /9 September 2041/ }).first()).toBeFocused();
    });

    test("the filter filters", async ({ page, api, tag, agenda }) => {
      const name = `${tag} the quick brown fox jumps over the lazy dog`;
      await api.create({ name, date: "2033-06-20" });
      await api.create({ name: `${tag} other`, date: "2033-06-20" });
      await page.goto("/");
      await expect(agenda.event(name)).toBeVisible();
      await agenda.filter.focus();
      for (const key of `${tag} quick fox`) {
        await page.keyboard.type(key);
        await page.clock.runFor(1_000);
      }
      await expect(agenda.filter).toHaveValue(`${tag} quick fox`);
      await expect(agenda.filter).toBeFocused();
      await expect(agenda.names(tag).filter({ visible: true })).toHaveText([name]);
    });

    test("other months and days come all the same", async ({ page, agenda }) => {
      await page.goto("/calendar?month=2033-06");
      for (let i = 0; i < LIMIT; i++) await page.getByRole("link", { name: "Next month" }).click();
      await page.getByRole("link", { name: "Next month" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "December 2033" })).toBeVisible();
      await page.getByRole("link", { name: readAppName().title, exact: true }).click();
      await expect(agenda.heading).toBeVisible();
      await agenda.from.fill("2033-06-20");
      await page.clock.runFor(1_000);
      await expect(agenda.from).toHaveValue("2033-06-20");
      await expect(agenda.tab("Upcoming")).not.toHaveAttribute("aria-current");
    });
  });
}

test("a key that is held down stays in the grid, whatever the browser allows", async ({ page }) => {
  await page.goto("/calendar?month=2033-06");
  await page.getByRole("gridcell", { name: "15 June 2033" }).focus();
  // More than Chromium allows: 200 in ten seconds.
  for (let i = 0; i < 260; i++) await page.keyboard.press("PageDown");
  await expect(page.getByRole("heading", { level: 1, name: "February 2055" })).toBeVisible();
  await expect(page.getByRole("gridcell", { name: "15 February 2055" })).toBeFocused();
});
