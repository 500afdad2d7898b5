/** The list that is kept for a time without a network says what is true. */

import type { BrowserContext, Page } from "@playwright/test";
import { apiOrigin } from "../environment.ts";
import {
  AgendaPage,
  expect,
  expectCreated,
  expectDeleted,
  localToday,
  NewEventForm,
  offline,
  shellKept,
  test,
} from "../fixtures.ts";

test.beforeEach(({ allowConsoleErrors }) => {
  allowConsoleErrors.push(offline, /Failed to load resource/);
});

/** The upcoming events as they are known without a network. */
async function openOffline(page: Page, context: BrowserContext): Promise<AgendaPage> {
  await shellKept(page);
  await context.setOffline(true);
  await page.goto("/");
  await expect(page.getByText(/^As of .* ago$/)).toBeVisible();
  return new AgendaPage(page);
}

test("it follows what was created and deleted here", async ({
  page,
  context,
  api,
  tag,
  agenda,
  form,
}) => {
  // In the first page of the list, whatever other tests create.
  const date = await localToday(page);
  for (const name of ["kept", "gone", "gone too"]) {
    await api.create({ name: `${tag} ${name}`, date });
  }
  await page.goto("/");
  await agenda.event(`${tag} gone too`).click();
  await page.getByRole("button", { name: "Delete event" }).click();
  await agenda.confirm();
  await expectDeleted(page, `${tag} gone too`);
  await page.getByRole("link", { name: "New event" }).click();
  await form.send({ name: `${tag} new`, date });
  await expectCreated(page, `${tag} new`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);
  await agenda.delete(`${tag} gone`);
  await expectDeleted(page, `${tag} gone`);

  const kept = await openOffline(page, context);
  await expect(kept.names(tag)).toHaveCount(2);
  expect((await kept.names(tag).allTextContents()).toSorted()).toEqual([
    `${tag} kept`,
    `${tag} new`,
  ]);
});

test("it follows what is deleted and created without the list in sight", async ({
  page,
  context,
  api,
  tag,
  agenda,
  form,
}) => {
  const date = await localToday(page);
  const { id } = await api.create({ name: `${tag} gone`, date });
  await page.goto("/");
  await expect(agenda.event(`${tag} gone`)).toBeVisible();
  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Delete event" }).click();
  const deleted = page.waitForResponse((response) => response.request().method() === "DELETE");
  await agenda.confirm();
  await deleted;
  // The agenda that opens then does not come to ask for the list.
  await form.open();
  await form.send({ name: `${tag} some day` });
  await expect(page).toHaveURL("/?show=undated");
  await expectCreated(page, `${tag} some day`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);

  const kept = await openOffline(page, context);
  await expect(kept.names(tag)).toHaveCount(0);
});

test("a list that was on its way meanwhile does not undo what was created", async ({
  page,
  context,
  api,
  tag,
  form,
}) => {
  const date = await localToday(page);
  const devtools = await context.newCDPSession(page);
  const paused = (method: string) =>
    new Promise<string>((resolve) =>
      devtools.on("Fetch.requestPaused", ({ request, requestId }) => {
        if (request.method === method) resolve(requestId);
      }),
    );
  const [list, preflight, create] = [paused("GET"), paused("OPTIONS"), paused("POST")];
  await devtools.send("Fetch.enable", {
    patterns: [
      { urlPattern: String.raw`${apiOrigin}/events\?*`, requestStage: "Response" },
      { urlPattern: `${apiOrigin}/events`, requestStage: "Request" },
    ],
  });
  await form.open();
  await form.send({ name: `${tag} new`, date });
  // The answer is of before the event, and comes after it.
  const requestId = await list;
  for (const request of [preflight, create]) {
    await devtools.send("Fetch.continueRequest", { requestId: await request });
  }
  await expectCreated(page, `${tag} new`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);
  await devtools.send("Fetch.continueResponse", { requestId });
  await devtools.send("Fetch.disable");
  await expect(page.getByRole("status").filter({ hasText: /events?$/ })).toBeVisible();

  const kept = await openOffline(page, context);
  await expect(kept.names(tag)).toHaveText([`${tag} new`]);
});

test("it follows what another tab creates and deletes", async ({ page, context, api, tag }) => {
  const date = await localToday(page);
  await api.create({ name: `${tag} kept`, date });
  await api.create({ name: `${tag} gone`, date });
  await page.goto("/");
  await expect(new AgendaPage(page).event(`${tag} gone`)).toBeVisible();

  const other = await context.newPage();
  const [agenda, form] = [new AgendaPage(other), new NewEventForm(other)];
  await form.open();
  await form.send({ name: `${tag} new`, date });
  await expectCreated(other, `${tag} new`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);
  await agenda.delete(`${tag} gone`);
  await expectDeleted(other, `${tag} gone`);
  await other.close();

  const kept = await openOffline(page, context);
  await expect(kept.names(tag)).toHaveCount(2);
  await expect(kept.event(`${tag} gone`)).toHaveCount(0);
  await expect(kept.event(`${tag} new`)).toBeVisible();
});

test("a tab that has an older list does not bring back what another one deleted", async ({
  page,
  context,
  api,
  tag,
}) => {
  const date = await localToday(page);
  for (const name of ["gone", "gone later"]) await api.create({ name: `${tag} ${name}`, date });
  const other = await context.newPage();
  const [first, second] = [new AgendaPage(page), new AgendaPage(other)];
  for (const tab of [page, other]) await tab.goto("/");
  for (const tab of [first, second]) await expect(tab.event(`${tag} gone`)).toBeVisible();
  await first.delete(`${tag} gone`);
  await expectDeleted(page, `${tag} gone`);
  await second.delete(`${tag} gone later`);
  await expectDeleted(other, `${tag} gone later`);

  const kept = await openOffline(page, context);
  await expect(kept.names(tag)).toHaveCount(0);
});

test("what is over by now is not upcoming", async ({ page, context, api, tag, agenda }) => {
  await page.clock.setFixedTime("2033-05-07T12:00:00Z");
  for (const date of ["2033-05-07", "2033-05-08", "2033-05-09"]) {
    await api.create({ name: `${tag} ${date}`, date });
  }
  await page.goto("/");
  await expect(agenda.names(tag)).toHaveCount(3);
  await page.clock.setFixedTime("2033-05-08T12:00:00Z");
  const kept = await openOffline(page, context);
  const names = ["2033-05-08", "2033-05-09"].map((date) => `${tag} ${date}`);
  await expect(kept.names(tag)).toHaveText(names);
  await expect(
    page.getByRole("heading", { level: 3, name: "Sunday, 8 May 2033 Today" }),
  ).toBeVisible();
  await page.clock.setFixedTime("2033-07-01T12:00:00Z");
  await page.reload();
  await expect(page.getByText(/^As of .* ago$/)).toBeVisible();
  await expect(kept.names(tag)).toHaveCount(0);
});
