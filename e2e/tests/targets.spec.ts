/** What is pressed is large enough to be hit: 24 by 24 CSS pixels (WCAG 2.2, 2.5.8). */

import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures.ts";

/** Targets that are smaller, but for links in a sentence, which the criterion excepts. */
const tooSmall = (page: Page) =>
  page.evaluate(() => {
    const targets = document.querySelectorAll<HTMLElement>(
      "a[href], button, input, textarea, select, summary, [role=button], [role=gridcell]",
    );
    const isInSentence = (element: HTMLElement) =>
      element.matches("p a, p button") &&
      element.parentElement?.textContent?.trim() !== element.textContent?.trim();
    return [...targets]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => !isInSentence(element))
      .map((element) => {
        // A label is a target of its control.
        const label = element instanceof HTMLInputElement ? element.closest("label") : null;
        const { width, height } = (label ?? element).getBoundingClientRect();
        return { element: element.outerHTML.slice(0, 120), width, height };
      })
      .filter(({ width, height }) => width < 24 || height < 24);
  });

test("every target of every page can be hit", async ({ page, api, tag, agenda, form }) => {
  const { id } = await api.create({
    name: `Choir ${tag}`,
    date: "2019-03-02",
    time: "19:30",
    location: "Old Town Hall",
  });
  const check = async () => expect(await tooSmall(page), page.url()).toEqual([]);

  await agenda.open("/?from=2019-03-02&to=2019-03-02");
  await expect(agenda.event(`Choir ${tag}`)).toBeVisible();
  await check();
  await agenda.askToDelete(`Choir ${tag}`);
  await check();
  await agenda.open("/?from=1801-02-03&to=1801-02-04");
  await check();
  await page.goto("/calendar?month=2019-03&day=2");
  await expect(page.getByRole("link", { name: `Choir ${tag}` }).last()).toBeVisible();
  await check();
  await page.goto(`/events/${id}`);
  await expect(page.getByRole("heading", { level: 1, name: `Choir ${tag}` })).toBeVisible();
  await check();
  await form.open();
  await form.name.fill("Draft");
  await page.reload();
  await expect(page.getByRole("button", { name: "Start over" })).toBeVisible();
  await check();
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { level: 1, name: "Page not found" })).toBeVisible();
  await check();
});
