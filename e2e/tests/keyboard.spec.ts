/** All that one can do, by keyboard alone: nothing is focused or clicked by the test itself. */

import type { Locator, Page } from "@playwright/test";
import { expect, expectCreated, expectDeleted, openEventId, test } from "../fixtures.ts";

/** More stops than any page here has. */
const STOPS = 80;

/** Presses a key until something has the focus, and sees each stop on the way. */
async function reach(page: Page, target: Locator, key = "Tab"): Promise<void> {
  for (let i = 0; i < STOPS; i++) {
    await page.keyboard.press(key);
    await expectSeen(page);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${STOPS} times ${key} do not reach ${target}`);
}

/** The element that has the focus shows it; the document itself needs not. */
async function expectSeen(page: Page): Promise<void> {
  const unseen = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return undefined;
    // The button of its calendar has it, which is the browser's own, and out of sight for scripts.
    const isInside = element.matches("input[type=date], input[type=time]");
    if (isInside && !element.matches(":focus-visible")) return undefined;
    const isOutlined = ({ outlineStyle, outlineWidth }: CSSStyleDeclaration) =>
      outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
    // The whole row shows that its link has it, and the label that its radio button does.
    const seen = [element, element.closest("label")].some(
      (shown) =>
        shown && [undefined, "::after"].some((part) => isOutlined(getComputedStyle(shown, part))),
    );
    const { top, bottom } = element.getBoundingClientRect();
    const isInView = bottom > 0 && top < innerHeight;
    return seen && isInView ? undefined : element.outerHTML.slice(0, 200);
  });
  expect(unseen, "it has the focus and does not show it").toBeUndefined();
}

test("creates, finds, opens, copies and deletes an event", async ({
  page,
  context,
  api,
  tag,
  agenda,
  form,
}) => {
  test.slow();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { keyboard } = page;
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();

  // Day and month, and morning, in the browser's own order: the same in all of them.
  await reach(page, page.getByRole("link", { name: "New event" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "New event" })).toBeFocused();
  await reach(page, form.name);
  await keyboard.type(`Choir ${tag}`);
  await reach(page, form.date);
  await keyboard.type("05052031");
  await reach(page, form.time);
  await keyboard.type("0930AM");
  await reach(page, form.location);
  await keyboard.type("Old Town Hall");
  await reach(page, form.description);
  // In a text of several lines, Enter is one more of them.
  await keyboard.type("One\nTwo");
  await reach(page, form.create);
  await keyboard.press("Enter");
  await expectCreated(page, `Choir ${tag}`);
  await expect(agenda.heading).toBeFocused();

  await reach(page, agenda.filter);
  await keyboard.type(`${tag} choir`);
  await expect(agenda.names(tag).filter({ visible: true })).toHaveText([`Choir ${tag}`]);
  await reach(page, agenda.event(`Choir ${tag}`));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: `Choir ${tag}` })).toBeFocused();
  const id = await openEventId(page);
  api.willDelete(id);
  expect(await api.get(id)).toMatchObject({
    date: "2031-05-05",
    time: "09:30",
    location: "Old Town Hall",
    description: "One\nTwo",
  });

  await reach(page, page.getByRole("button", { name: "Copy link" }));
  await keyboard.press("Space");
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());

  await reach(page, page.getByRole("button", { name: "Delete event" }));
  await keyboard.press("Enter");
  await expect(agenda.dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
  await reach(page, agenda.dialog.getByRole("button", { name: "Delete event" }));
  await keyboard.press("Enter");
  await expectDeleted(page, `Choir ${tag}`);
  await expect(agenda.heading).toBeFocused();
  expect(await api.get(id)).toBeUndefined();
});

test("looks at other parts, days and months, and chooses a theme", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  await api.create({ name: `Choir ${tag}`, date: "2019-03-03" });
  const { keyboard } = page;
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  await reach(page, agenda.tab("Past"));
  await keyboard.press("Enter");
  await expect(page).toHaveURL("/?show=past");
  await expect(agenda.tab("Past")).toHaveAttribute("aria-current", "page");

  await reach(page, agenda.from);
  await keyboard.type("03032019");
  await expect(page).toHaveURL("/?from=2019-03-03");
  await reach(page, agenda.to);
  await keyboard.type("03032019");
  await expect(page).toHaveURL("/?from=2019-03-03&to=2019-03-03");
  await expect(agenda.event(`Choir ${tag}`)).toBeVisible();

  await page.goto("/calendar?month=2019-03");
  await reach(page, page.getByRole("link", { name: "Previous month" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "February 2019" })).toBeVisible();
  await reach(page, page.getByRole("gridcell", { name: /\b1 February 2019/ }));
  for (const [key, day] of [
    ["PageDown", /\b1 March 2019/],
    ["ArrowRight", /\b2 March 2019/],
    ["ArrowRight", /\b3 March 2019/],
  ] as const) {
    await keyboard.press(key);
    // The focus follows a frame later.
    await expect(page.getByRole("gridcell", { name: day })).toBeFocused();
  }
  await expectSeen(page);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "3 March 2019" })).toBeFocused();
  await reach(page, page.getByRole("link", { name: `Choir ${tag}` }).last());

  const theme = page.getByRole("group", { name: "Theme" });
  await reach(page, theme.getByRole("radio", { name: "System" }));
  await keyboard.press("ArrowRight");
  await expectSeen(page);
  await expect(theme.getByRole("radio", { name: "Light" })).toBeChecked();
});

test("no page holds the keyboard, forwards or backwards, and every stop is seen", async ({
  page,
  api,
  tag,
}) => {
  test.slow();
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2019-03-03" });
  for (const path of [
    "/?from=2019-03-03&to=2019-03-03",
    "/calendar?month=2019-03&day=3",
    "/new",
    `/events/${id}`,
    "/nowhere",
  ]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("progressbar", { name: "Loading" })).toBeHidden();
    const forwards = await round(page, "Tab");
    expect(forwards[0], path).toContain("Skip to content");
    expect(forwards.length, path).toBeGreaterThan(4);
    // A date has several stops of its own, which have one name here.
    expect((await round(page, "Shift+Tab")).toReversed(), path).toEqual(forwards);
  }
});

/** What has the focus one after the other, from the start of the document to its end. */
async function round(page: Page, key: string): Promise<string[]> {
  const stops: string[] = [];
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let i = 0; i < STOPS; i++) {
    await page.keyboard.press(key);
    await expectSeen(page);
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim();
      return `${element.localName}#${element.id} ${name}`;
    });
    if (stop === undefined) {
      if (stops.length > 0) return stops;
    } else if (stop === stops[0] && stops.length > 1) {
      return stops;
    } else if (stop !== stops.at(-1)) {
      stops.push(stop);
    }
  }
  throw new Error(`${key} does not leave ${page.url()}: ${stops.slice(-5).join(" → ")}`);
}
