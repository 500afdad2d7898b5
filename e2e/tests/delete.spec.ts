import { errorStatus, expect, expectDeleted, test } from "../fixtures.ts";

test("deletes an event of the agenda after asking", async ({ page, api, tag, agenda }) => {
  const [kept, gone, next] = [`${tag} kept`, `${tag} gone`, `${tag} next`];
  await api.create({ name: kept, date: "2031-05-07", time: "08:00" });
  const { id } = await api.create({ name: gone, date: "2031-05-07", time: "09:00" });
  await api.create({ name: next, date: "2031-05-07", time: "10:00" });

  await agenda.open();
  await agenda.askToDelete(gone);
  await expect(agenda.dialog).toHaveAccessibleName(`Delete “${gone}”?`);
  await agenda.confirm();

  await expect(agenda.dialog).toBeHidden();
  await expectDeleted(page, gone);
  await expect(agenda.names(tag)).toHaveText([kept, next]);
  await expect(agenda.event(next)).toBeFocused();
  expect(await api.get(id)).toBeUndefined();

  await page.reload();
  await agenda.showAll();
  await expect(agenda.names(tag)).toHaveText([kept, next]);
});

test("keeps an event when one thinks better of it", async ({
  page,
  api,
  tag,
  agenda,
  expectAccessible,
}) => {
  const name = `Kept ${tag}`;
  const { id } = await api.create({ name, date: "2031-05-07" });
  await agenda.open();
  const button = page.getByRole("button", { name: `Delete ${name}`, exact: true });

  await button.press("Enter");
  await expect(agenda.dialog).toBeVisible();
  await expect(agenda.dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
  await expectAccessible();
  await page.keyboard.press("Escape");
  await expect(agenda.dialog).toBeHidden();
  await expect(button).toBeFocused();

  await button.press("Enter");
  await page.keyboard.press("Enter");
  await expect(agenda.dialog).toBeHidden();
  await expect(button).toBeFocused();
  await expect(agenda.event(name)).toBeVisible();
  expect(await api.get(id)).toMatchObject({ name });
});

test("deletes an event from its own page", async ({ page, api, tag, agenda }) => {
  const name = `Gone ${tag}`;
  const { id } = await api.create({ name, date: "2031-05-07" });
  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Delete event" }).click();
  await agenda.confirm();

  await expect(agenda.heading).toBeFocused();
  await expect(page).toHaveURL("/");
  await expectDeleted(page, name);
  await agenda.showAll();
  await expect(agenda.event(name)).toHaveCount(0);
  expect(await api.get(id)).toBeUndefined();
});

test("goes on to an event that the filter shows", async ({ page, api, tag, agenda }) => {
  const [kept, gone, other] = [`${tag} kept`, `${tag} gone`, `${tag} other`];
  await api.create({ name: kept, date: "2031-05-07", time: "08:00", location: "Seen" });
  await api.create({ name: gone, date: "2031-05-07", time: "09:00", location: "Seen" });
  await api.create({ name: other, date: "2031-05-07", time: "10:00" });
  await agenda.open();
  await agenda.filter.fill(`${tag} seen`);
  await expect(agenda.event(other)).toBeHidden();
  await agenda.askToDelete(gone);
  await page.keyboard.press("Tab");
  await expect(agenda.dialog.getByRole("button", { name: "Delete event" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(agenda.event(kept)).toBeFocused();
  await expect(agenda.event(other)).toBeHidden();
});

test("succeeds when another reader has deleted the event", async ({
  page,
  api,
  tag,
  agenda,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(errorStatus(404));
  const name = `Gone ${tag}`;
  const { id } = await api.create({ name, date: "2031-05-07" });
  await agenda.open();
  await agenda.askToDelete(name);
  await api.delete(id);
  await agenda.confirm();
  await expectDeleted(page, name);
  await expect(agenda.event(name)).toHaveCount(0);
});
