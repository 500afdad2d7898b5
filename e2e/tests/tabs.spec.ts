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
