/** Time goes on while the page is open: today moves at midnight, and when the page is seen again. */

import { sleepUntil, startClock } from "../clock.ts";
import { expect, test } from "../fixtures.ts";

const DAY = 24 * 60 * 60 * 1000;
const MINUTES = 5 * 60 * 1000;

/** Two minutes before midnight, where the reader is. */
const places = [
  { timezoneId: "Europe/Zurich", offset: "+02:00" },
  { timezoneId: "Pacific/Auckland", offset: "+12:00" },
] as const;

for (const { timezoneId, offset } of places) {
  test.describe(`in ${timezoneId}`, () => {
    test.use({ timezoneId });

    test("the agenda has another today at each midnight", async ({ page, api, tag, agenda }) => {
      const days = ["2037-05-07", "2037-05-08", "2037-05-09", "2037-05-10"];
      for (const date of days) await api.create({ name: `${tag} ${date}`, date });
      await startClock(page, `2037-05-07T23:58:00${offset}`);
      await page.goto("/");
      await agenda.filter.fill(tag);
      const shown = agenda.names(tag).filter({ visible: true });
      const today = page.getByRole("heading", { level: 3, name: /Today$/ });
      await expect(today).toHaveAccessibleName(/^Thursday, 7 May 2037/);
      await expect(shown).toHaveText(days.map((day) => `${tag} ${day}`));
      for (const [later, name] of [
        [MINUTES, "Friday, 8 May 2037 Today"],
        [DAY, "Saturday, 9 May 2037 Today"],
        [DAY, "Sunday, 10 May 2037 Today"],
      ] as const) {
        await page.clock.fastForward(later);
        await expect(today).toHaveText([/Today/]);
        await expect(today).toHaveAccessibleName(name);
        days.shift();
        await expect(shown).toHaveText(days.map((day) => `${tag} ${day}`));
      }
    });
  });
}

test.describe("where the clocks change at midnight", () => {
  test.use({ timezoneId: "America/Santiago" });

  test("today begins at one o’clock", async ({ page }) => {
    await startClock(page, "2037-09-05T23:58:00-04:00");
    await page.goto("/calendar");
    const today = page.locator("[role=gridcell][aria-current=date]");
    await expect(today).toHaveAccessibleName(/^Saturday, 5 September 2037, today/);
    await page.clock.fastForward(MINUTES);
    await expect(today).toHaveAccessibleName(/^Sunday, 6 September 2037, today/);
    await page.clock.fastForward(DAY);
    await expect(today).toHaveAccessibleName(/^Monday, 7 September 2037, today/);
  });
});

for (const [seen, now, name] of [
  ["visibilitychange", "2037-05-11T08:00:00Z", "Monday, 11 May 2037 Today"],
  ["pageshow", "2037-05-08T00:00:01Z", "Friday, 8 May 2037 Today"],
  // The reader's clock was wrong.
  ["visibilitychange", "2037-05-05T12:00:00Z", "Tuesday, 5 May 2037 Today"],
] as const) {
  test(`today is right when the page is seen again: ${seen}, ${now}`, async ({
    page,
    api,
    tag,
    agenda,
  }) => {
    for (const date of ["2037-05-05", "2037-05-07", "2037-05-08", "2037-05-11"]) {
      await api.create({ name: `${tag} ${date}`, date });
    }
    await startClock(page, "2037-05-07T23:00:00Z");
    await page.goto("/");
    await agenda.filter.fill(tag);
    const today = page.getByRole("heading", { level: 3, name: /Today$/ });
    await expect(today).toHaveAccessibleName("Thursday, 7 May 2037 Today");
    await sleepUntil(page, now, seen);
    await expect(today).toHaveAccessibleName(name);
    const first = agenda.names(tag).filter({ visible: true }).first();
    await expect(first).toHaveText(`${tag} ${now.slice(0, 10)}`);
  });
}

test("at midnight a day goes from Upcoming to Past", async ({ page, api, tag, agenda }) => {
  await api.create({ name: `${tag} today`, date: "2036-05-07" });
  await startClock(page, "2036-05-07T23:58:00Z");
  await page.goto("/?show=past");
  await expect(agenda.heading).toBeVisible();
  await expect(agenda.event(`${tag} today`)).toHaveCount(0);
  await page.clock.fastForward(MINUTES);
  await expect(agenda.event(`${tag} today`)).toBeVisible();
  await agenda.tab("Upcoming").click();
  await expect(agenda.tab("Upcoming")).toHaveAttribute("aria-current", "page");
  await expect(agenda.event(`${tag} today`)).toHaveCount(0);
});

test("at the end of a month the calendar has another today, and its button another month", async ({
  page,
}) => {
  await startClock(page, "2037-05-31T23:58:00Z");
  await page.goto("/calendar?month=2037-05");
  const today = page.locator("[role=gridcell][aria-current=date]");
  const button = page.getByRole("link", { name: "Today" });
  await expect(today).toHaveAccessibleName(/^Sunday, 31 May 2037, today/);
  await expect(button).toHaveAttribute("aria-current", "date");
  // The reader is somewhere in the grid, and stays there.
  await page.getByRole("gridcell", { name: "20 May 2037" }).focus();
  await page.clock.fastForward(MINUTES);
  await expect(button).not.toHaveAttribute("aria-current");
  await expect(page.getByRole("gridcell", { name: "31 May 2037" })).not.toHaveAccessibleName(
    /today/,
  );
  await expect(page.getByRole("gridcell", { name: "20 May 2037" })).toBeFocused();
  await button.click();
  await expect(page.getByRole("heading", { level: 1, name: "June 2037" })).toBeVisible();
  await expect(today).toHaveAccessibleName(/^Monday, 1 June 2037, today/);
  await sleepUntil(page, "2037-06-15T09:00:00Z", "visibilitychange");
  await expect(today).toHaveAccessibleName(/^Monday, 15 June 2037, today/);
  await expect(today).toHaveCount(1);
});

test("the form says that a day is over once it is", async ({ page, form }) => {
  await startClock(page, "2037-05-07T23:58:00Z");
  await form.open();
  await form.date.fill("2037-05-07");
  await form.name.focus();
  await expect(form.date).toHaveAccessibleDescription("");
  await page.clock.fastForward(MINUTES);
  await expect(form.date).toHaveAccessibleDescription(/over|past/);
  await expect(form.date).not.toHaveAttribute("aria-invalid");
});
