/** A name may be written from right to left, or hold characters that turn text: no other word turns. */

import type { Locator, Page } from "@playwright/test";
import { expect, offline, test } from "../fixtures.ts";

/** Each with a word by which it is found. */
const names = (tag: string) => [
  `\u202eabc ${tag}0`,
  `${tag}1 \u2067def`,
  `שלום ${tag}2`,
  `مرحبا (${tag}3`,
  `\u2069\u202e ghi ${tag}4`,
  `\u202d\u2066jkl ${tag}5 \u202b`,
];

/**
 * What stands before the name in its sentence is left of it, and what stands after is right of it:
 * the rest of the page is English. Returns what does not.
 */
const turned = (sentence: Locator, name: string) => sentence.evaluate(turnedWords, name);

/** The same for a text that is no part of the page, as a browser or a screen reader shows it. */
async function turnedIn(page: Page, text: string, name: string): Promise<string[]> {
  await page.evaluate((text) => {
    const shown = document.createElement("div");
    shown.id = "shown";
    shown.dir = "ltr";
    shown.style.cssText = "position: absolute; inset: 0 auto auto 0; white-space: nowrap";
    shown.textContent = text;
    document.body.append(shown);
  }, text);
  const shown = page.locator("#shown");
  const words = await turned(shown, name);
  await shown.evaluate((shown) => shown.remove());
  return words;
}

/** Runs in the page. */
function turnedWords(sentence: Element, name: string): string[] {
  const texts: Text[] = [];
  const walker = document.createTreeWalker(sentence, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  const whole = texts.map(({ data }) => data).join("");
  // Who isolates a name takes out what would end the isolation.
  const start = [name, name.replaceAll("\u2069", "")].map((name) => whole.indexOf(name));
  const at = start.find((at) => at >= 0);
  if (at === undefined) return [`${JSON.stringify(name)} is not in ${JSON.stringify(whole)}`];
  const end = at + (start[0] === at ? name : name.replaceAll("\u2069", "")).length;

  /** The box of the letters between two places of the whole. */
  const box = (from: number, to: number) => {
    const [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const sides = { left, right };
    let offset = 0;
    for (const text of texts) {
      for (let i = 0; i < text.length; i++, offset++) {
        if (offset < from || offset >= to || !/[\p{L}\p{N}\p{P}]/u.test(text.data[i] ?? ""))
          continue;
        const range = document.createRange();
        range.setStart(text, i);
        range.setEnd(text, i + 1);
        const rect = range.getBoundingClientRect();
        if (rect.width === 0) continue;
        sides.left = Math.min(sides.left, rect.left);
        sides.right = Math.max(sides.right, rect.right);
      }
    }
    return sides;
  };
  const [before, of, after] = [box(0, at), box(at, end), box(end, whole.length)];
  const wrong: string[] = [];
  if (before.right > of.left + 1) wrong.push(whole.slice(0, at));
  if (after.left < of.right - 1) wrong.push(whole.slice(end));
  return wrong;
}

test("a text that turns nothing is not called turned, and one that does is", async ({ page }) => {
  await page.goto("/new");
  expect(await turnedIn(page, "Delete “name”?", "name")).toEqual([]);
  expect(await turnedIn(page, "Delete “\u202ename”?", "\u202ename")).not.toEqual([]);
  expect(await turnedIn(page, "“\u2068\u202ename\u2069” was deleted.", "\u202ename")).toEqual([]);
  expect(await turnedIn(page, "19:30 שלום 1", "19:30 שלום")).not.toEqual([]);
});

test("in the agenda, on the page of an event, and in the question before a deletion", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  const day = "/?from=2019-04-05&to=2019-04-05";
  const foreign = names(tag);
  for (const [i, name] of foreign.entries()) {
    const time = `1${i}:30`;
    await api.create({ name, date: "2019-04-05", time, location: `${name} place` });
  }
  await page.goto(day);
  for (const [i, name] of foreign.entries()) {
    const row = page.getByRole("listitem").filter({ hasText: `${tag}${i}` });
    const what = JSON.stringify(name);
    const question = page.getByRole("dialog").getByRole("heading");
    await test.step(what, async () => {
      expect(await turned(row.locator("p"), `${name} place`)).toEqual([]);
      const remove = row.getByRole("button", { name: /^Delete / });
      const label = (await remove.getAttribute("aria-label")) ?? "";
      expect(label).toMatch(/^Delete /);
      expect(await turnedIn(page, `${label}.`, name)).toEqual([]);
      await remove.click();
      await expect(question).toContainText(`${tag}${i}`);
      expect(await turned(question, name)).toEqual([]);
      await page.keyboard.press("Escape");

      await row.getByRole("link").click();
      const heading = page.getByRole("heading", { level: 1 });
      await expect(heading).toHaveText(name);
      expect(await turnedIn(page, await page.title(), name)).toEqual([]);
      await page.getByRole("button", { name: "Delete event" }).click();
      await expect(question).toContainText(`${tag}${i}`);
      expect(await turned(question, name)).toEqual([]);
      await agenda.confirm();
      const notice = page.getByRole("status").filter({ hasText: "was deleted" });
      await expect(notice).toContainText(`${tag}${i}`);
      expect(await turned(notice, name)).toEqual([]);
      await page.goto(day);
    });
  }
});

test("in the calendar", { tag: "@wide" }, async ({ page, api, tag }) => {
  const foreign = names(tag);
  for (const [i, name] of foreign.entries()) {
    await api.create({ name, date: `2047-04-0${i + 1}`, time: "19:30", location: name });
  }
  await page.goto("/calendar?month=2047-04");
  for (const [i, name] of foreign.entries()) {
    const link = page
      .getByRole("gridcell")
      .getByRole("link")
      .filter({ hasText: `${tag}${i}` });
    expect(await turned(link, name), JSON.stringify(name)).toEqual([]);
    const title = await link.getAttribute("title");
    if (title) expect(await turnedIn(page, title, name)).toEqual([]);
  }
});

test("in what is said of a creation, and of a filter", async ({
  page,
  context,
  api,
  tag,
  form,
  agenda,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(offline);
  for (const [i, name] of names(tag).entries()) {
    await test.step(JSON.stringify(name), async () => {
      await form.open();
      await form.name.fill(name);
      await context.setOffline(true);
      await form.create.click();
      const failed = page.getByRole("region", { name: "Not created" });
      const line = failed.getByText("was not created");
      await expect(line).toContainText(`${tag}${i}`);
      expect(await turned(line, name)).toEqual([]);
      await context.setOffline(false);
      await failed.getByRole("button", { name: "Try again" }).click();
      const notice = page.getByRole("status").filter({ hasText: "was created" });
      await expect(notice).toContainText(`${tag}${i}`);
      expect(await turned(notice, name)).toEqual([]);

      await agenda.filter.fill(`no such ${name}`);
      const nothing = page.getByText("No events match");
      await expect(nothing).toContainText(`${tag}${i}`);
      expect(await turned(nothing, `no such ${name}`)).toEqual([]);
    });
  }
  for (const { id } of await api.listed(tag)) api.willDelete(id);
});
