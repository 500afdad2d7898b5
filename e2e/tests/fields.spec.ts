/** A control belongs to who edits it: the page writes nothing into it meanwhile. */

import { randomInt } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { startClock } from "../clock.ts";
import { noRecord, recordFile } from "../environment.ts";
import { type AgendaPage, expect, type NewEventForm, test } from "../fixtures.ts";
import { readRecord } from "../local-run.ts";

/** Longer than the page waits for the next key. */
const PAUSE = 2_000;

/** A person thinks for a while. */
async function pause(page: Page): Promise<void> {
  await page.clock.runFor(PAUSE);
}

const isBad = (field: Locator) =>
  field.evaluate((input: HTMLInputElement) => input.validity.badInput);

/** Takes away one of the parts of a date or time. Which is first depends on the browser. */
async function empty(page: Page, field: Locator, part = 0): Promise<void> {
  await field.focus();
  for (let i = 0; i < part; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Backspace");
  expect(await isBad(field)).toBe(true);
}

test.beforeEach(async ({ page }) => {
  await startClock(page, "2026-06-01T10:00:00Z");
});

test("a part of a day that is typed anew stays as it is meanwhile", async ({ page, agenda }) => {
  for (const [field, part, address, keys, becomes] of [
    ["from", 0, "/?from=2026-06-06", "11", /\?from=2026-(06-11|11-06)$/],
    ["to", 1, "/?to=2026-06-06", "11", /\?to=2026-(06-11|11-06)$/],
    ["from", 2, "/?from=2026-06-06&to=2031-01-01", "2028", /\?from=2028-06-06&to=2031-01-01$/],
    ["to", 0, "/?from=2026-06-01&to=2026-06-06&q=x", "11", /&to=2026-(06-11|11-06)&q=x$/],
  ] as const) {
    await page.goto(address);
    await expect(agenda.heading).toBeVisible();
    await empty(page, agenda[field], part);
    await pause(page);
    expect(await isBad(agenda[field]), address).toBe(true);
    await expect(page).toHaveURL(address);
    await page.keyboard.type(keys);
    await pause(page);
    await expect(page).toHaveURL(becomes);
    expect(page.url()).toContain(await agenda[field].inputValue());
  }
  // What was emptied is not half there.
  await agenda.to.fill("");
  await pause(page);
  await expect(page).toHaveURL("/?from=2026-06-01&q=x");
});

test("a day that is left half there changes no list, and says so", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  const name = `${tag} stays`;
  await api.create({ name, date: "2019-06-06" });
  await page.goto("/?from=2019-06-06&to=2019-06-06");
  await expect(agenda.event(name)).toBeVisible();
  await empty(page, agenda.from);
  await agenda.filter.focus();
  await pause(page);
  expect(await isBad(agenda.from)).toBe(true);
  await expect(page).toHaveURL("/?from=2019-06-06&to=2019-06-06");
  await expect(agenda.event(name)).toBeVisible();
  await expect(agenda.from).toHaveAttribute("aria-invalid", "true");
  await expect(agenda.from).toHaveAccessibleDescription(/incomplete/);
  // One takes up what one left.
  await agenda.from.focus();
  await page.keyboard.type("05");
  await pause(page);
  await expect(page).toHaveURL(/\?from=2019-(06-05|05-06)&to=2019-06-06$/);
  await expect(agenda.from).not.toHaveAttribute("aria-invalid");
});

test("a year that is typed slowly is one step back", async ({ page, agenda }) => {
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  const steps = () => page.evaluate(() => history.length);
  for (const [field, address, before] of [
    ["from", "/?from=2029-06-06", "/"],
    ["to", "/?from=2029-06-06&to=2031-06-06", "/?from=2029-06-06"],
  ] as const) {
    const start = await steps();
    await agenda[field].focus();
    for (const key of `0606${address.slice(-10, -6)}`) {
      await page.keyboard.press(key);
      await pause(page);
    }
    await expect(page).toHaveURL(address);
    expect((await steps()) - start).toBe(1);
    await page.goBack();
    await expect(page).toHaveURL(before);
    await expect(agenda[field]).toHaveValue("");
    await page.goForward();
    await expect(agenda[field]).toHaveValue(address.slice(-10));
  }
});

test("a day or a time in the form that is half there stays so", async ({ page, form }) => {
  await form.open();
  await form.fill({ date: "2031-05-05", time: "19:30" });
  for (const field of [form.date, form.time]) await empty(page, field);
  await form.name.focus();
  await page.keyboard.type("Choir");
  await pause(page);
  for (const [field, error] of [
    [form.date, "Date is incomplete."],
    [form.time, "Time is incomplete."],
  ] as const) {
    expect(await isBad(field)).toBe(true);
    await expect(field).toHaveAccessibleDescription(error);
  }
  await form.create.click();
  await expect(form.date).toBeFocused();
  expect(await isBad(form.date)).toBe(true);
  await page.keyboard.type("11");
  await expect(form.date).toHaveValue(/^2031-(05-11|11-05)$/);
  await expect(form.date).not.toHaveAttribute("aria-invalid");
  await form.time.focus();
  await page.keyboard.type("08");
  await expect(form.time).toHaveValue(/^(08|20):30$/);
  await expect(form.time).not.toHaveAttribute("aria-invalid");
});

/** Types as a keyboard does that sends what the protocol of the tests cannot. */
const insert = (page: Page, text: string) =>
  page.evaluate((text) => document.execCommand("insertText", false, text), text);

/** The fields for words: how to open their page, and what they are on it. */
const words: readonly (readonly [
  string,
  (page: { agenda: AgendaPage; form: NewEventForm }) => Promise<Locator>,
])[] = [
  [
    "the filter",
    async ({ agenda }) => {
      await agenda.open("/?from=1801-02-03&to=1801-02-04");
      return agenda.filter;
    },
  ],
  ...(["name", "location", "description"] as const).map(
    (field) =>
      [
        `the form’s ${field}`,
        async ({ form }: { form: NewEventForm }) => {
          await form.open();
          return form[field];
        },
      ] as const,
  ),
];

for (const [what, open] of words) {
  test(`${what} has what one writes, however it comes`, async ({ page, context, agenda, form }) => {
    const field = await open({ agenda, form });
    await field.focus();
    await test.step("a letter in halves", async () => {
      for (const [half, stands] of [
        ["a", "a"],
        ["\ud83d", "a\ud83d"],
        ["\ude00", "a😀"],
        ["\ud83c", "a😀\ud83c"],
        ["\udf89b", "a😀🎉b"],
      ] as const) {
        await insert(page, half);
        await pause(page);
        // The protocol of the tests could not tell half a letter.
        expect(
          await field.evaluate((input: HTMLInputElement, text) => input.value === text, stands),
        ).toBe(true);
      }
    });
    await test.step("what an input method composes", async () => {
      const devtools = await context.newCDPSession(page);
      await field.fill("ab");
      await page.keyboard.press("ArrowLeft");
      for (const text of ["s", "す", "すs", "すし"]) {
        const end = { selectionStart: text.length, selectionEnd: text.length };
        await devtools.send("Input.imeSetComposition", { text, ...end });
        await pause(page);
        await expect(field).toHaveValue(`a${text}b`);
      }
      await devtools.send("Input.insertText", { text: "寿司" });
      await pause(page);
      await page.keyboard.type("x");
      await expect(field).toHaveValue("a寿司xb");
    });
    await test.step("blanks, and the caret in the middle", async () => {
      await field.fill("");
      await page.keyboard.type("  choir ");
      await pause(page);
      await expect(field).toHaveValue("  choir ");
      await field.evaluate((input: HTMLInputElement) => input.setSelectionRange(3, 3));
      for (const key of "100% +") {
        await page.keyboard.type(key);
        await pause(page);
      }
      await expect(field).toHaveValue("  c100% +hoir ");
      const caret = await field.evaluate((input: HTMLInputElement) => input.selectionStart);
      expect(caret).toBe("  c100% +".length);
    });
    await test.step("what one takes back", async () => {
      // A field that was written into by the page would have nothing to take back.
      await page.keyboard.press("Control+z");
      await expect(field).toHaveValue(/^ {2}c.*hoir $/);
      await expect(field).not.toHaveValue("  c100% +hoir ");
    });
  });
}

test("a filter that was typed in halves finds, and its address can be shared", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  const day = "/?from=2031-05-07&to=2031-05-07";
  await api.create({ name: `${tag} 😀 party`, date: "2031-05-07" });
  await agenda.open(day);
  await agenda.filter.focus();
  for (const text of [`${tag} `, "\ud83d", "\ude00"]) {
    await insert(page, text);
    await pause(page);
  }
  const found = agenda.names(tag).filter({ visible: true });
  await expect(found).toHaveText([`${tag} 😀 party`]);
  await expect(page).toHaveURL(`${day}&q=${tag}%20%F0%9F%98%80`);
  await page.reload();
  await expect(agenda.filter).toHaveValue(`${tag} 😀`);
  await expect(found).toHaveText([`${tag} 😀 party`]);
});

test("a range that an address has wrong is explained at its field, and not asked for", async ({
  page,
  agenda,
  expectAccessible,
}) => {
  test.skip(!recordFile, noRecord);
  const backwards = "“To” must not be before “From”.";
  const noDay = /must be a day of the calendar, years 0001 to 9999\.$/;
  for (const [wrong, field, error, corrected] of [
    ["from=YEAR-06-30&to=YEAR-06-01", "to", backwards, "from=YEAR-06-30&to=YEAR-07-02"],
    ["from=YEAR-12-31&to=0001-01-01", "to", backwards, "from=YEAR-12-31&to=YEAR-12-31"],
    ["from=YEAR-02-30", "from", noDay, "from=YEAR-02-28"],
    ["from=0000-01-01&to=YEAR-06-01", "from", noDay, "from=0001-01-01&to=YEAR-06-01"],
    ["from=YEAR-01-01&to=10000-01-01", "to", noDay, "from=YEAR-01-01&to=9999-12-31"],
    ["to=YEAR-6-1", "to", noDay, "to=YEAR-06-01"],
    ["from=soon&to=YEAR-06-01", "from", noDay, "from=YEAR-05-01&to=YEAR-06-01"],
  ] as const) {
    // No other test looks for this year.
    const year = String(randomInt(2100, 9000));
    await page.goto(`/?${wrong.replaceAll("YEAR", year)}`);
    const shown = agenda[field];
    await expect(shown, wrong).toHaveAccessibleDescription(error);
    await expect(shown).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByText(error).filter({ visible: true })).toHaveCount(1);
    await expect(page.getByRole("alert")).toHaveCount(0);
    if (wrong.startsWith("from=YEAR-06")) {
      await page.clock.resume();
      await expectAccessible();
    }
    const query = corrected.replaceAll("YEAR", year);
    const answer = page.waitForResponse((response) => response.url().endsWith(`/events?${query}`));
    await shown.fill(new URLSearchParams(query).get(field) ?? "");
    await pause(page);
    await answer;
    await expect(shown).not.toHaveAttribute("aria-invalid");
    const calls = await readRecord(recordFile ?? "");
    const lists = calls
      .map(({ request }) => request.target)
      .filter((to) => to.startsWith("/events?"));
    expect(lists.filter((target) => target.includes(year))).toEqual([`/events?${query}`]);
  }
});
