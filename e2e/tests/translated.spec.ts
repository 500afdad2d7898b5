/**
 * Browsers translate pages: they put other nodes in the place of texts, also of those that come
 * later. Everything goes on, and says what is true now.
 */

import type { Page } from "@playwright/test";
import { expect, expectCreated, expectDeleted, offline, test } from "../fixtures.ts";

/**
 * Does what Google Translate does, in Chromium and Edge: each text becomes a new node within two
 * `<font>`. The words stay, for the tests to read. Runs in the page, before it.
 */
function translate(): void {
  const isOurs = ({ parentElement }: Node) =>
    parentElement?.closest("font, script, style, noscript");
  const wrap = (root: Node) => {
    const texts: Text[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node: Node | null = root; node; node = walker.nextNode()) {
      if (node instanceof Text && node.data.trim() && !isOurs(node)) texts.push(node);
    }
    for (const text of texts) {
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      for (const font of [outer, inner]) font.style.verticalAlign = "inherit";
      inner.append(text.data);
      outer.append(inner);
      text.replaceWith(outer);
    }
  };
  const watch = { subtree: true, childList: true, characterData: true };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of [target, ...addedNodes]) if (node.isConnected) wrap(node);
    }
  }).observe(document, watch);
}

test.beforeEach(async ({ page }) => {
  await page.addInitScript(translate);
});

/** A text is there that a translator has replaced: the test would prove nothing otherwise. */
const expectTranslated = (page: Page) =>
  expect.poll(() => page.locator("main h1 font font").count()).toBeGreaterThan(0);

test("the form explains, corrects, and counts what is written", async ({
  page,
  api,
  tag,
  form,
}) => {
  await form.open();
  await expectTranslated(page);
  // The one that was reported: an error in the place of a hint.
  await form.time.fill("19:30");
  await form.time.press("Tab");
  await form.location.focus();
  await expect(form.time).toHaveAccessibleDescription("Time needs a date.");
  await form.date.fill("2031-05-07");
  await expect(form.time).not.toHaveAccessibleDescription(/needs/);
  await expect(form.time).toHaveAccessibleDescription("At the venue");

  await form.location.fill("x".repeat(201));
  await form.create.click();
  for (const [field, error] of [
    [form.name, "Name must not be empty."],
    [form.location, "Location must have at most 200 characters."],
  ] as const) {
    await expect(field).toHaveAccessibleDescription(error);
    await expect(page.getByText(error)).toHaveCount(1);
  }
  // Again and again, in the same place.
  for (const [location, error] of [
    ["here", ""],
    ["x".repeat(202), "Location must have at most 200 characters."],
    ["there", ""],
  ] as const) {
    await form.location.fill(location);
    await form.name.focus();
    await expect(form.location).toHaveAccessibleDescription(error);
  }
  await form.name.fill(`${tag} choir`);
  await expect(form.name).toHaveAccessibleDescription("");
  await form.create.click();
  await expectCreated(page, `${tag} choir`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);
});

test("the agenda filters, deletes and moves on", async ({ page, api, tag, agenda }) => {
  const day = "/?from=2019-07-07&to=2019-07-08";
  for (const [name, date, time] of [
    ["one", "2019-07-07", "09:00"],
    ["two", "2019-07-07", "10:00"],
    ["three", "2019-07-08", "09:00"],
  ] as const) {
    await api.create({ name: `${tag} ${name}`, date, time });
  }
  await page.goto(day);
  await expectTranslated(page);
  const shown = agenda.names(tag).filter({ visible: true });
  const count = page.getByRole("status").filter({ hasText: /events?$/ });
  for (const [words, expected, names] of [
    ["", "3 events", ["one", "two", "three"]],
    ["two", "1 of 3 events", ["two"]],
    ["t", "2 of 3 events", ["two", "three"]],
    ["nowhere", "0 of 3 events", []],
    ["o", "2 of 3 events", ["one", "two"]],
    ["", "3 events", ["one", "two", "three"]],
  ] as const) {
    await agenda.filter.fill(words && `${tag} ${words}`);
    await expect(count).toHaveText(expected);
    await expect(shown).toHaveText(names.map((name) => `${tag} ${name}`));
    await expect(page.getByText(/^No events match/)).toHaveCount(words === "nowhere" ? 1 : 0);
  }
  // The question is that of the event, each time.
  for (const name of ["one", "two", "one"]) {
    await agenda.askToDelete(`${tag} ${name}`);
    await expect(agenda.dialog.getByRole("heading")).toHaveText(`Delete “${tag} ${name}”?`);
    await page.keyboard.press("Escape");
    await expect(agenda.dialog).toBeHidden();
  }
  for (const [name, left] of [
    ["two", ["one", "three"]],
    ["three", ["one"]],
  ] as const) {
    await agenda.delete(`${tag} ${name}`);
    await expectDeleted(page, `${tag} ${name}`);
    await expect(page.getByText(/was deleted\.$/)).toHaveCount(1);
    await expect(shown).toHaveText(left.map((name) => `${tag} ${name}`));
  }
  await expect(count).toHaveText("1 event");
  await expect(page.getByRole("heading", { level: 3 })).toHaveCount(1);

  await agenda.to.fill("2019-07-06");
  const error = "“To” must not be before “From”.";
  await expect(agenda.to).toHaveAccessibleDescription(error);
  await agenda.to.fill("2019-07-07");
  await expect(agenda.to).not.toHaveAccessibleDescription(error);
  await expect(page).toHaveURL("/?from=2019-07-07&to=2019-07-07");

  for (const [tab, heading] of [
    ["Past", /events?$/],
    ["No date yet", /events?$/],
    ["Upcoming", /events?$/],
  ] as const) {
    await agenda.tab(tab).click();
    await expect(agenda.tab(tab)).toHaveAttribute("aria-current", "page");
    await expect(page.getByRole("status").filter({ hasText: heading })).toHaveCount(1);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Agenda");
  }
});

test("the calendar moves on", { tag: "@wide" }, async ({ page, api, tag }) => {
  for (const [name, date] of [
    ["one", "2048-06-10"],
    ["two", "2048-07-10"],
    ["three", "2048-07-10"],
  ] as const) {
    await api.create({ name: `${tag} ${name}`, date });
  }
  await page.goto("/calendar?month=2048-06");
  await expectTranslated(page);
  const cell = (name: string) => page.getByRole("gridcell", { name });
  const count = page.getByRole("status").filter({ hasText: /events?( this month)?$/i });
  for (const [link, month, events, inCells] of [
    ["", "June 2048", "1 event", ["one"]],
    ["Next month", "July 2048", "2 events", ["two", "three"]],
    ["Next month", "August 2048", "No events this month", []],
    ["Previous month", "July 2048", "2 events", ["two", "three"]],
    ["Previous month", "June 2048", "1 event", ["one"]],
  ] as const) {
    if (link) await page.getByRole("link", { name: link }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(month);
    await expect(count).toHaveText(events);
    const chips = page.getByRole("gridcell").getByRole("link").filter({ hasText: tag });
    const shown = async () => (await chips.allTextContents()).toSorted();
    await expect.poll(shown).toEqual(inCells.map((name) => `${tag} ${name}`).toSorted());
  }
  for (const day of ["10 June 2048", "11 June 2048", "10 June 2048"]) {
    await cell(day).click({ position: { x: 4, y: 4 } });
    await expect(page.getByRole("heading", { level: 2, name: day })).toHaveText(
      new RegExp(`^\\w+, ${day}$`),
    );
    const events = page.getByRole("region", { name: day }).getByRole("listitem");
    await expect(events).toHaveCount(day === "10 June 2048" ? 1 : 0);
    await expect(page.getByText("No events on this day.")).toHaveCount(
      day === "10 June 2048" ? 0 : 1,
    );
  }
  await page.goto("/calendar?month=2048-13");
  await expect(page.getByRole("alert")).toHaveText(
    "That month doesn’t exist; showing the current one.",
  );
  await page.getByRole("link", { name: "Next month" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("an event opens, is told of, and goes", async ({ page, context, api, tag, agenda }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const events = [];
  for (const name of ["one", "two"]) {
    events.push(await api.create({ name: `${tag} ${name}`, date: "2019-08-08", time: "19:30" }));
  }
  const day = "/?from=2019-08-08&to=2019-08-08";
  await page.goto(day);
  const heading = page.getByRole("heading", { level: 1 });
  for (const name of ["one", "two"]) {
    await agenda.event(`${tag} ${name}`).click();
    await expect(heading).toHaveText(`${tag} ${name}`);
    await expect(page.getByText("19:30")).toHaveCount(1);
    await page.goBack();
    await expect(heading).toHaveText("Agenda");
  }
  await agenda.event(`${tag} one`).click();
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeVisible();
  await page.getByRole("button", { name: "Delete event" }).click();
  await expect(agenda.dialog.getByRole("heading")).toHaveText(`Delete “${tag} one”?`);
  await agenda.confirm();
  await expectDeleted(page, `${tag} one`);
  await expect(heading).toHaveText("Agenda");
  await page.getByRole("link", { name: "New event" }).click();
  await expect(heading).toHaveText("New event");
  await expect(page.getByText(/was deleted\.$/)).toHaveCount(0);
  expect(await api.get(events[0]?.id ?? "")).toBeUndefined();
});

test("what fails is told, and told no longer once it works", async ({
  page,
  context,
  api,
  tag,
  form,
  agenda,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(offline);
  const { id } = await api.create({ name: `${tag} there`, date: "2031-05-07" });
  await form.open();
  await context.setOffline(true);
  await form.send({ name: `${tag} new` });
  const failed = page.getByRole("region", { name: "Not created" });
  await expect(failed).toContainText(`“${tag} new” was not created. Your draft is kept.`);
  await context.setOffline(false);
  await failed.getByRole("button", { name: "Try again" }).click();
  await expectCreated(page, `${tag} new`);
  await expect(failed).toHaveCount(0);
  await expect(page.getByText("Saving…")).toHaveCount(0);
  await expect(page.getByText("was not created")).toHaveCount(0);
  for (const { id } of await api.listed(tag)) api.willDelete(id);

  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Delete event" }).click();
  await context.setOffline(true);
  await agenda.confirm();
  await expect(agenda.dialog.getByRole("alert")).toContainText("You are offline");
  await expect(agenda.dialog.getByRole("button", { name: "Delete event" })).toHaveCount(1);
  await context.setOffline(false);
  await agenda.dialog.getByRole("button", { name: "Try again" }).click();
  await expectDeleted(page, `${tag} there`);
  await expect(page.getByRole("alert")).toHaveCount(0);
});
