import type { Page } from "@playwright/test";
import type { Api, StoredEvent } from "../api.ts";
import { errorStatus, expect, expectCreated, offline, openEventId, test } from "../fixtures.ts";

test("creates an event that everybody can see", async ({ page, api, tag, agenda, form }) => {
  const name = `Choir ${tag}`;
  // Before the app has started, the link would load a page, whose focus is at its top.
  await agenda.open();
  await page.getByRole("link", { name: "New event" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "New event" })).toBeFocused();
  await form.send({
    name: `  ${name} `,
    date: "2031-05-07",
    time: "19:30",
    location: "Old Town Hall",
    description: "Bring the blue folder.\nWe start with the Fauré.",
  });

  await expect(agenda.heading).toBeFocused();
  await expectCreated(page, name);
  await agenda.showAll();
  await agenda.event(name).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeFocused();
  const id = await openEventId(page);
  api.willDelete(id);
  expect(await api.get(id)).toEqual({
    id,
    name,
    date: "2031-05-07",
    time: "19:30",
    location: "Old Town Hall",
    description: "Bring the blue folder.\nWe start with the Fauré.",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });

  await page.getByRole("link", { name: "Agenda", exact: true }).click();
  await agenda.showAll();
  await expect(agenda.event(name)).toBeVisible();
  await page.reload();
  await agenda.showAll();
  await expect(agenda.event(name)).toBeVisible();
});

test("creates an event of a name alone, by keyboard", async ({ page, api, tag, agenda, form }) => {
  await form.open();
  await form.name.focus();
  await page.keyboard.type(`Alone ${tag}`);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/?show=undated");
  await expectCreated(page, `Alone ${tag}`);
  await agenda.showAll();
  await agenda.event(`Alone ${tag}`).press("Enter");
  await expect(page.getByText("To be announced")).toBeVisible();
  const id = await openEventId(page);
  api.willDelete(id);
  expect(await api.get(id)).toEqual({ id, name: `Alone ${tag}`, createdAt: expect.anything() });
});

test("creates one event, however often and fast one clicks", async ({ page, api, tag, form }) => {
  await form.open();
  await form.name.fill(`Once ${tag}`);
  await form.create.evaluate((button: HTMLButtonElement) => {
    for (let i = 0; i < 5; i++) button.click();
  });
  await expectCreated(page, `Once ${tag}`);
  await expectOne(api, tag);
});

/** Exactly one stored event holds the word. */
async function expectOne(api: Api, tag: string): Promise<StoredEvent> {
  const [event, ...more] = (await api.list()).filter(({ name }) => name.includes(tag));
  for (const { id } of event ? [event, ...more] : more) api.willDelete(id);
  expect(event).toBeDefined();
  expect(more).toEqual([]);
  return event as StoredEvent;
}

test.describe("when the call is lost", () => {
  test.beforeEach(async ({ page, context, tag, form, allowConsoleErrors }) => {
    allowConsoleErrors.push(offline);
    await form.open();
    await form.name.fill(`Retried ${tag}`);
    await context.setOffline(true);
    await form.create.click();
    await expect(rollback(page)).toContainText(`“Retried ${tag}” was not created.`);
    await expect(rollback(page)).toContainText("Your draft is kept.");
    await expect(page.getByText("Saving…")).toBeHidden();
    await context.setOffline(false);
  });

  const rollback = (page: Page) => page.getByRole("region", { name: "Not created" });
  const tryAgain = (page: Page) => rollback(page).getByRole("button", { name: "Try again" });

  /** The key of the next create request. */
  const nextKey = (page: Page) =>
    page
      .waitForRequest((request) => request.method() === "POST")
      .then((request) => request.headers()["idempotency-key"]);

  test("creates one event by trying again", async ({ page, api, tag, expectAccessible }) => {
    await expectAccessible();
    await tryAgain(page).click();
    await expectCreated(page, `Retried ${tag}`);
    await expect(rollback(page)).toBeHidden();
    await expectOne(api, tag);
  });

  test("keeps the draft, over a reload too, with its key", async ({ page, api, tag, form }) => {
    await rollback(page).getByRole("link", { name: "Back to the form" }).click();
    await expect(form.name).toHaveValue(`Retried ${tag}`);
    await page.reload();
    await expect(form.name).toHaveValue(`Retried ${tag}`);
    const first = nextKey(page);
    await form.create.click();
    await expectCreated(page, `Retried ${tag}`);
    const { id } = await expectOne(api, tag);
    // The key made it: the same content gives the same event.
    expect((await api.create({ name: `Retried ${tag}` }, await first)).id).toBe(id);
    await form.open();
    await expect(form.name).toHaveValue("");
  });

  test("creates one event when the response was lost", async ({ page, context, api, tag }) => {
    await context.setOffline(true);
    const key = nextKey(page);
    await tryAgain(page).click();
    // The request arrived, but its response did not.
    const { id } = await api.create({ name: `Retried ${tag}` }, await key);
    await expect(rollback(page)).toBeVisible();

    await context.setOffline(false);
    const sameKey = nextKey(page);
    await tryAgain(page).click();
    expect(await sameKey).toBe(await key);
    await expectCreated(page, `Retried ${tag}`);
    expect((await expectOne(api, tag)).id).toBe(id);
  });

  test("leads to the event that was saved when the draft was edited since", async ({
    page,
    context,
    api,
    tag,
    form,
    allowConsoleErrors,
    expectAccessible,
  }) => {
    allowConsoleErrors.push(errorStatus(422));
    await context.setOffline(true);
    const key = nextKey(page);
    await tryAgain(page).click();
    const { id } = await api.create({ name: `Retried ${tag}` }, await key);
    await rollback(page).getByRole("link", { name: "Back to the form" }).click();

    await context.setOffline(false);
    await form.send({ name: `Edited ${tag}` });
    await expect(rollback(page)).toContainText("An earlier version was already saved.");
    await expectAccessible();
    await page.getByRole("link", { name: "Open the saved event" }).click();
    expect(await openEventId(page)).toBe(id);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Retried ${tag}`);
    expect((await expectOne(api, tag)).id).toBe(id);
  });
});

test("shows the event at once, while it is on its way", async ({
  page,
  api,
  tag,
  agenda,
  form,
}) => {
  await agenda.open("/?show=undated");
  await page.getByRole("link", { name: "New event" }).click();
  await form.name.fill(`Pending ${tag}`);
  // Every change of the page is observed: the response may come at any time.
  const seen = page.evaluate(
    (name) =>
      new Promise<boolean>((resolve) => {
        new MutationObserver(() => {
          const rows = [...document.querySelectorAll("li")];
          const row = rows.find((row) => row.textContent?.includes(name));
          if (row) resolve(row.textContent?.includes("Saving…") ?? false);
        }).observe(document.body, { subtree: true, childList: true });
      }),
    `Pending ${tag}`,
  );
  await form.create.click();
  expect(await seen).toBe(true);
  await expectCreated(page, `Pending ${tag}`);
  await expect(page.getByText("Saving…")).toBeHidden();
  await expectOne(api, tag);
});

test("keeps what one writes over a reload, until one starts over", async ({ page, tag, form }) => {
  await form.open();
  await form.fill({ name: `Draft ${tag}`, date: "2031-05-07", description: "One\nTwo" });
  await page.reload();
  await expect(form.name).toHaveValue(`Draft ${tag}`);
  await expect(form.date).toHaveValue("2031-05-07");
  await expect(form.description).toHaveValue("One\nTwo");
  await page.getByRole("button", { name: "Start over" }).click();
  await expect(form.name).toHaveValue("");
  await page.reload();
  await expect(form.name).toHaveValue("");
  await expect(form.description).toHaveValue("");
});

test("explains every error at its field and goes to the first", async ({
  page,
  api,
  tag,
  form,
  expectAccessible,
}) => {
  await form.open();
  await form.time.fill("19:30");
  await form.location.fill("x".repeat(201));
  await form.create.click();

  await expect(form.name).toBeFocused();
  for (const [field, error] of [
    [form.name, "Name must not be empty."],
    [form.time, "Time needs a date."],
    [form.location, "Location must have at most 200 characters."],
  ] as const) {
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(error);
    await expect(page.getByText(error)).toBeVisible();
  }
  await expect(form.date).not.toHaveAttribute("aria-invalid");
  await expectAccessible();
  await expect(page).toHaveURL("/new");

  // An error goes as soon as it is corrected: that of the time, by a date.
  await form.fill({ name: `Corrected ${tag}`, date: "2031-05-07", location: "Here" });
  for (const field of [form.name, form.time, form.location]) {
    await expect(field).not.toHaveAttribute("aria-invalid");
  }
  await form.create.click();
  await expectCreated(page, `Corrected ${tag}`);
  await expectOne(api, tag);
});

test("explains an error when the field is left", async ({ page, form }) => {
  await form.open();
  await form.name.fill("y".repeat(201));
  await expect(form.name).not.toHaveAttribute("aria-invalid");
  await form.name.press("Tab");
  await expect(form.name).toHaveAccessibleDescription("Name must have at most 200 characters.");

  // Half a date: the browser gives no value, and it must not be ignored.
  await form.date.focus();
  await page.keyboard.type("07");
  await form.location.focus();
  await expect(form.date).toHaveAccessibleDescription("Date is incomplete.");
});
