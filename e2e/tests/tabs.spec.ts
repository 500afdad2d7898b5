/** Two tabs with the form in both: no draft is lost, and no event is created twice. */

import type { Page } from "@playwright/test";
import { expect, NewEventForm, test } from "../fixtures.ts";

/** The form in a tab of its own. */
async function open(page: Page): Promise<NewEventForm> {
  const form = new NewEventForm(page);
  await form.open();
  return form;
}

const created = (page: Page, name: string) =>
  expect(page.getByText(`“${name}” was created.`)).toBeVisible();

test("events that are written side by side are both created", async ({
  page,
  context,
  api,
  tag,
}) => {
  const other = await context.newPage();
  const [first, second] = [await open(page), await open(other)];
  await first.name.fill(`First ${tag}`);
  await second.name.fill(`Second ${tag}`);
  await first.create.click();
  await created(page, `First ${tag}`);
  // What stands in the other tab is not forgotten with it.
  await other.reload();
  await expect(second.name).toHaveValue(`Second ${tag}`);
  await second.create.click();
  await created(other, `Second ${tag}`);

  const stored = await api.listed(tag);
  for (const { id } of stored) api.willDelete(id);
  expect(stored.map(({ name }) => name).toSorted()).toEqual([`First ${tag}`, `Second ${tag}`]);
});

test("a draft that another tab took up is created once, as both have it", async ({
  page,
  context,
  api,
  tag,
}) => {
  const first = await open(page);
  await first.name.fill(`Once ${tag}`);
  const other = await context.newPage();
  const second = await open(other);
  await expect(second.name).toHaveValue(`Once ${tag}`);
  await first.create.click();
  await created(page, `Once ${tag}`);
  await second.create.click();
  // Where it was noticed, the form is blank by now.
  const done = other.getByText(`“Once ${tag}” was created.`);
  await expect(done.or(other.getByText("Name must not be empty."))).toBeVisible();
  const stored = await api.listed(tag);
  for (const { id } of stored) api.willDelete(id);
  expect(stored).toHaveLength(1);
});

test.describe("a draft that another tab took up and made another event of", () => {
  test.beforeEach(async ({ page, context, tag }) => {
    const first = await open(page);
    await first.name.fill(`First ${tag}`);
    const second = await open(await context.newPage());
    await expect(second.name).toHaveValue(`First ${tag}`);
    await second.name.fill(`Second ${tag}`);
    await first.create.click();
    await created(page, `First ${tag}`);
  });

  const other = (page: Page) => page.context().pages()[1] as Page;

  test("is an event of its own", async ({ page, api, tag }) => {
    await new NewEventForm(other(page)).create.click();
    await created(other(page), `Second ${tag}`);
    const stored = await api.listed(tag);
    for (const { id } of stored) api.willDelete(id);
    expect(stored.map(({ name }) => name).toSorted()).toEqual([`First ${tag}`, `Second ${tag}`]);
  });

  test("is kept over a reload", async ({ page, tag }) => {
    await other(page).reload();
    await expect(new NewEventForm(other(page)).name).toHaveValue(`Second ${tag}`);
  });
});

test.describe("each tab has a draft of its own", () => {
  /** What stands in the form, as it was written for a tab. */
  const expectDraft = async (form: NewEventForm, words: string) => {
    await expect(form.name).toHaveValue(`${words} name`);
    await expect(form.date).toHaveValue("2031-05-07");
    await expect(form.description).toHaveValue(`${words}\ndescription`);
  };
  const write = (form: NewEventForm, words: string) =>
    form.fill({
      name: `${words} name`,
      date: "2031-05-07",
      description: `${words}\ndescription`,
    });

  for (const [how, openOther] of [
    ["opened by hand", async (page: Page) => await page.context().newPage()],
    [
      // It has a copy of what the browser keeps for the tab.
      "opened by the first one",
      async (page: Page) => {
        const opened = page.waitForEvent("popup");
        await page.evaluate(() => void window.open("/new"));
        return await opened;
      },
    ],
  ] as const) {
    test(`and keeps it over reloads: ${how}`, async ({ page, api, tag }) => {
      const first = await open(page);
      await first.name.fill("before the other tab");
      const other = await openOther(page);
      const second = await open(other);
      await write(first, `${tag} first`);
      await write(second, `${tag} second`);
      await first.location.fill("Here");
      for (let i = 0; i < 2; i++) {
        await page.reload();
        await expectDraft(first, `${tag} first`);
        await expect(first.location).toHaveValue("Here");
        await other.reload();
        await expectDraft(second, `${tag} second`);
        await expect(second.location).toHaveValue("");
      }
      // To leave the form for another page is no end of it either.
      await page.goto("/");
      await page.goto("/new");
      await expectDraft(first, `${tag} first`);

      await first.create.click();
      await created(page, `${tag} first name`);
      await expectDraft(second, `${tag} second`);
      await other.reload();
      await expectDraft(second, `${tag} second`);
      await second.create.click();
      await created(other, `${tag} second name`);
      const stored = await api.listed(tag);
      for (const { id } of stored) api.willDelete(id);
      expect(stored.map(({ name }) => name).toSorted()).toEqual([
        `${tag} first name`,
        `${tag} second name`,
      ]);
      // Nothing is left of either.
      for (const [tab, form] of [[page, first] as const, [other, second] as const]) {
        await tab.goto("/new");
        await expect(form.name).toHaveValue("");
      }
    });
  }

  test("and starts over alone", async ({ page, context, tag }) => {
    const other = await context.newPage();
    const [first, second] = [await open(page), await open(other)];
    await write(first, `${tag} first`);
    await write(second, `${tag} second`);
    await page.reload();
    await page.getByRole("button", { name: "Start over" }).click();
    await expect(first.name).toHaveValue("");
    await expectDraft(second, `${tag} second`);
    await other.reload();
    await expectDraft(second, `${tag} second`);
    await page.reload();
    await expect(first.name).toHaveValue("");
  });

  test("and what tabs left is offered again, one after the other", async ({ context, tag }) => {
    const left = [await context.newPage(), await context.newPage()];
    const forms = [];
    for (const tab of left) forms.push(await open(tab));
    for (const [i, form] of forms.entries()) {
      await write(form, `${tag} ${i === 0 ? "first" : "second"}`);
    }
    for (const tab of left) await tab.close();
    // Who only looks at what is offered takes nothing away.
    const looks = await context.newPage();
    await expect((await open(looks)).name).toHaveValue(/ name$/);
    await looks.close();
    const [one, two] = [await context.newPage(), await context.newPage()];
    const found: string[] = [];
    for (const tab of [one, two]) {
      const form = await open(tab);
      await expect(tab.getByText(/draft/)).toBeVisible();
      found.push(await form.name.inputValue());
      await expect(form.name).not.toHaveValue("");
    }
    expect(found.toSorted()).toEqual([`${tag} first name`, `${tag} second name`]);
  });
});
