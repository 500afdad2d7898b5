/** A date that may be a slip is pointed out beside its field, and nobody is kept from sending it. */

import type { Page } from "@playwright/test";
import { startClock } from "../clock.ts";
import { expect, expectCreated, type NewEventForm, openEventId, test } from "../fixtures.ts";

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime("2026-06-15T10:00:00Z");
});

/** Types a date as its segments take it, and leaves the field. */
async function type(page: Page, form: NewEventForm, date: string): Promise<void> {
  await form.date.fill(date);
  await page.keyboard.press("Tab");
  await form.location.focus();
}

test("says so of days that are over or far from now, and of no others", async ({
  page,
  form,
  expectAccessible,
}) => {
  await form.open();
  for (const [date, notice] of [
    ["2026-06-15", ""],
    ["2026-06-16", ""],
    ["2027-02-28", ""],
    ["2028-02-29", ""],
    ["2026-06-14", /over|past/],
    ["2025-06-15", /over|past/],
    ["1999-06-15", /over|past|far/],
    ["0006-12-05", /over|past|far/],
    ["0001-01-01", /over|past|far/],
    ["2142-05-06", /far|years/],
    ["9999-12-31", /far|years/],
    ["2026-06-15", ""],
    ["", ""],
  ] as const) {
    await type(page, form, date);
    await expect(form.date, date).toHaveAccessibleDescription(notice);
    await expect(form.date).not.toHaveAttribute("aria-invalid");
    if (notice) await expect(page.getByText(notice)).toBeVisible();
    if (date === "2142-05-06") await expectAccessible();
  }
});

test("says so before anybody can send it", async ({ page, api, tag, form }) => {
  await form.open();
  await form.name.fill(`${tag} slip`);
  await form.date.focus();
  // As segments take it: which is the day depends on the browser.
  await page.keyboard.type("05060006");
  // Enter sends it from here: nobody has to leave the field to be told.
  await expect(form.date).toHaveAccessibleDescription(/over|past|far/);
  await page.keyboard.press("Enter");
  await expectCreated(page, `${tag} slip`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);
});

test("lets one create an event that is over", async ({ page, api, tag, form, agenda }) => {
  await form.open();
  for (const date of ["1999-06-15", "2142-05-06"]) {
    await page.goto("/new");
    await form.name.fill(`${tag} ${date}`);
    await type(page, form, date);
    await expect(form.date).not.toHaveAccessibleDescription("");
    await form.create.click();
    await expectCreated(page, `${tag} ${date}`);
    await agenda.event(`${tag} ${date}`).click();
    const id = await openEventId(page);
    api.willDelete(id);
    expect(await api.get(id)).toMatchObject({ date });
  }
});

test("an error of the field comes before a doubt", async ({ page, form }) => {
  await form.open();
  await type(page, form, "1999-06-15");
  await expect(form.date).not.toHaveAccessibleDescription("");
  await form.date.focus();
  await page.keyboard.press("Backspace");
  await form.location.focus();
  await expect(form.date).toHaveAccessibleDescription("Date is incomplete.");
  await expect(form.date).toHaveAttribute("aria-invalid", "true");
});

test("a date that is restored is pointed out as one that was typed", async ({ page, form }) => {
  await startClock(page, "2026-06-15T10:00:00Z");
  await form.open();
  await form.fill({ name: "Choir", date: "1999-06-15" });
  await page.reload();
  await expect(form.date).toHaveValue("1999-06-15");
  await expect(form.date).toHaveAccessibleDescription(/over|past|far/);
});
