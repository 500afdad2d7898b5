/** A browser closes a dialog in more ways than the page knows; after each one all goes on. */

import type { Page } from "@playwright/test";
import type { Api } from "../api.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expect, expectDeleted } from "../fixtures.ts";
import { broken, Hold, test } from "../wired.ts";

test.skip(!localBuild, noLocalBuild);

test.beforeEach(({ allowConsoleErrors }) => {
  // The page's diagnosis calls a path without a route.
  allowConsoleErrors.push(broken, errorStatus(404));
});

/** One an hour, in their order. */
async function store(api: Api, ...names: string[]) {
  const created = [];
  for (const [i, name] of names.entries()) {
    created.push(await api.create({ name, date: "2031-05-07", time: `1${i}:00` }));
  }
  return created;
}

const DELETE = "DELETE /events/";

/** What a browser does with a dialog: keys, gestures, and scripts of extensions. */
const ways: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  [
    "Escape twice",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
    },
  ],
  [
    "a request to close it, twice, as a gesture makes it",
    (page) =>
      page.evaluate(() => {
        const dialog = document.querySelector("dialog");
        dialog?.requestClose();
        dialog?.requestClose();
        // Only a first one may be refused.
        dialog?.close();
      }),
  ],
];

for (const [way, close] of ways) {
  test(`${way}, while a deletion is under way`, async ({ wired, page, api, agenda, tag }) => {
    const names = [`${tag} one`, `${tag} two`, `${tag} three`] as const;
    const [one, two, three] = await store(api, ...names);
    const hold = new Hold(DELETE);
    wired.fault = hold.fault;
    await agenda.open();
    await agenda.delete(names[0]);
    await expect.poll(() => hold.count).toBe(1);
    await close(page);
    await expect(agenda.dialog).toBeHidden();

    // Another one can be deleted meanwhile.
    await agenda.askToDelete(names[1]);
    await expect(agenda.dialog).toBeVisible();
    await expect(agenda.dialog).toHaveAccessibleName(`Delete “${names[1]}”?`);
    hold.release();
    await expectDeleted(page, names[0]);
    // The answer to the first has nothing to do with the question about the second.
    await expect(agenda.dialog).toHaveAccessibleName(`Delete “${names[1]}”?`);
    await expect(agenda.event(names[0])).toHaveCount(0);
    wired.fault = undefined;
    await agenda.confirm();
    await expectDeleted(page, names[1]);
    await expect(agenda.names(tag)).toHaveText([names[2]]);
    expect(await api.get(one?.id ?? "")).toBeUndefined();
    expect(await api.get(two?.id ?? "")).toBeUndefined();
    expect(await api.get(three?.id ?? "")).toBeDefined();
  });

  test(`${way}, and the deletion fails after it`, async ({ wired, page, api, agenda, tag }) => {
    const [one] = await store(api, `${tag} one`, `${tag} two`);
    const hold = new Hold(DELETE);
    wired.fault = hold.fault;
    await agenda.open();
    await agenda.delete(`${tag} one`);
    await expect.poll(() => hold.count).toBe(1);
    await close(page);
    await expect(agenda.dialog).toBeHidden();
    // The browser sends again what was cut off.
    wired.fault = () => "break";
    hold.break();
    await expect(page.getByText(`“${tag} one” was not deleted`)).toBeVisible();
    await expect(agenda.dialog).toBeHidden();
    await expect(agenda.names(tag)).toHaveText([`${tag} one`, `${tag} two`]);
    wired.fault = undefined;
    await agenda.delete(`${tag} one`);
    await expectDeleted(page, `${tag} one`);
    await expect(page.getByText(`“${tag} one” was not deleted`)).toBeHidden();
    expect(await api.get(one?.id ?? "")).toBeUndefined();
  });

  test(`${way}, on the page of an event`, async ({ wired, page, api, agenda, tag }) => {
    const [{ id } = { id: "" }] = await store(api, `${tag} one`, `${tag} two`);
    const hold = new Hold(DELETE);
    wired.fault = hold.fault;
    await page.goto(`/events/${id}`);
    const ask = page.getByRole("button", { name: "Delete event" });
    // Without a deletion under way it is a no.
    await ask.click();
    await close(page);
    await expect(agenda.dialog).toBeHidden();
    await ask.click();
    await agenda.confirm();
    await expect.poll(() => hold.count).toBe(1);
    await close(page);
    await expect(agenda.dialog).toBeHidden();
    hold.release();
    await expectDeleted(page, `${tag} one`);
    wired.fault = undefined;
    await page.goto("/");
    await agenda.delete(`${tag} two`);
    await expectDeleted(page, `${tag} two`);
    await expect(agenda.names(tag)).toHaveCount(0);
  });
}

test("back, while the dialog is open and while a deletion is under way", async ({
  wired,
  page,
  api,
  agenda,
  form,
  tag,
}) => {
  await store(api, `${tag} one`, `${tag} two`);
  const hold = new Hold(DELETE);
  await form.open();
  await page.getByRole("link", { name: "Agenda", exact: true }).click();
  await agenda.askToDelete(`${tag} one`);
  await expect(agenda.dialog).toBeVisible();
  await page.goBack();
  await expect(form.name).toBeVisible();
  await expect(agenda.dialog).toBeHidden();
  await form.name.fill("It can be used");

  await page.goForward();
  wired.fault = hold.fault;
  await agenda.delete(`${tag} one`);
  await expect.poll(() => hold.count).toBe(1);
  await page.goBack();
  await expect(form.name).toHaveValue("It can be used");
  wired.fault = () => "break";
  hold.break();
  await expect(page.getByText(`“${tag} one” was not deleted`)).toBeVisible();
  await expect(form.name).toHaveValue("It can be used");

  wired.fault = undefined;
  await page.goForward();
  await agenda.delete(`${tag} one`);
  await expectDeleted(page, `${tag} one`);
  await expect(agenda.names(tag)).toHaveText([`${tag} two`]);
});

test("a dialog that was closed opens again for the same event, and tells nothing old", async ({
  wired,
  page,
  api,
  agenda,
  tag,
}) => {
  await store(api, `${tag} one`);
  await agenda.open();
  for (const [, close] of ways) {
    await agenda.askToDelete(`${tag} one`);
    await expect(agenda.dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
    await close(page);
    await expect(agenda.dialog).toBeHidden();
    await expect(page.getByRole("button", { name: `Delete ${tag} one` })).toBeFocused();
  }
  wired.fault = (sent) => (sent.includes(DELETE) ? "break" : sent);
  await agenda.delete(`${tag} one`);
  await expect(agenda.dialog.getByRole("alert")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(agenda.dialog).toBeHidden();
  wired.fault = undefined;
  await agenda.askToDelete(`${tag} one`);
  await expect(agenda.dialog.getByRole("alert")).toBeHidden();
  await agenda.confirm();
  await expectDeleted(page, `${tag} one`);
});
