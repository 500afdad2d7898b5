import type { Page } from "@playwright/test";
import { errorStatus, expect, offline, openEventId, test } from "../fixtures.ts";

test("creates an event that everybody can see", async ({ page, api, tag, agenda, form }) => {
  const name = `Choir ${tag}`;
  await page.goto("/");
  await page.getByRole("link", { name: "New event" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "New event" })).toBeFocused();
  await form.name.fill(`  ${name} `);
  await form.date.fill("2031-05-07");
  await form.time.fill("19:30");
  await form.location.fill("Old Town Hall");
  await form.description.fill("Bring the blue folder.\nWe start with the Fauré.");
  await form.create.click();

  await expect(page.getByRole("heading", { level: 1, name })).toBeFocused();
  await expect(page.getByText("The event was created.")).toBeVisible();
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

test("creates an event of a name alone, by keyboard", async ({ page, api, tag, form }) => {
  await form.open();
  await form.name.focus();
  await page.keyboard.type(`Alone ${tag}`);
  await page.keyboard.press("Enter");
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
  api.willDelete(await openEventId(page));
  await expect.poll(() => api.listed(tag)).toHaveLength(1);
});

test.describe("when a try is lost on the way", () => {
  test.beforeEach(async ({ page, context, tag, form, allowConsoleErrors }) => {
    allowConsoleErrors.push(offline);
    await form.open();
    await form.name.fill(`Retried ${tag}`);
    await context.setOffline(true);
    await form.create.click();
    await expect(page.getByRole("alert")).toContainText("You are offline");
    await expect(form.name).toHaveValue(`Retried ${tag}`);
    await context.setOffline(false);
  });

  /** The key of the next create request. */
  const nextKey = (page: Page) =>
    page
      .waitForRequest((request) => request.method() === "POST")
      .then((request) => request.headers()["idempotency-key"]);

  test("creates one event by trying again", async ({ page, api, tag }) => {
    await page.getByRole("button", { name: "Try again" }).click();
    api.willDelete(await openEventId(page));
    await expect.poll(() => api.listed(tag)).toHaveLength(1);
  });

  test("creates one event when it was the answer that was lost", async ({
    page,
    context,
    api,
    tag,
    form,
  }) => {
    await context.setOffline(true);
    const key = nextKey(page);
    await page.getByRole("button", { name: "Try again" }).click();
    // What the page sent arrived, but the page does not know.
    const { id } = await api.create({ name: `Retried ${tag}` }, await key);
    await expect(form.create).toBeEnabled();

    await context.setOffline(false);
    const sameKey = nextKey(page);
    await page.getByRole("button", { name: "Try again" }).click();
    expect(await sameKey).toBe(await key);
    expect(await openEventId(page)).toBe(id);
    await expect.poll(() => api.listed(tag)).toHaveLength(1);
  });

  test("leads to the event that was saved when the draft was edited since", async ({
    page,
    context,
    api,
    tag,
    form,
    allowConsoleErrors,
  }) => {
    allowConsoleErrors.push(errorStatus(422));
    await context.setOffline(true);
    const key = nextKey(page);
    await page.getByRole("button", { name: "Try again" }).click();
    const { id } = await api.create({ name: `Retried ${tag}` }, await key);
    await expect(form.create).toBeEnabled();

    await context.setOffline(false);
    await form.name.fill(`Edited ${tag}`);
    await form.create.click();
    await page.getByRole("link", { name: "Open the saved event" }).click();
    expect(await openEventId(page)).toBe(id);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Retried ${tag}`);
    await expect.poll(() => api.listed(tag)).toHaveLength(1);
  });
});

test("explains every mistake at its field and goes to the first", async ({
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
  for (const [field, mistake] of [
    [form.name, "Name must not be empty."],
    [form.time, "Time needs a date."],
    [form.location, "Location must have at most 200 characters."],
  ] as const) {
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(mistake);
    await expect(page.getByText(mistake)).toBeVisible();
  }
  await expect(form.date).not.toHaveAttribute("aria-invalid");
  await expectAccessible();
  await expect(page).toHaveURL("/new");

  // A mistake goes as soon as it is mended: that of the time, by a date.
  await form.name.fill(`Mended ${tag}`);
  await form.date.fill("2031-05-07");
  await form.location.fill("Here");
  for (const field of [form.name, form.time, form.location]) {
    await expect(field).not.toHaveAttribute("aria-invalid");
  }
  await form.create.click();
  api.willDelete(await openEventId(page));
});

test("explains a mistake as one leaves the field", async ({ page, form }) => {
  await form.open();
  await form.name.fill("y".repeat(201));
  await expect(form.name).not.toHaveAttribute("aria-invalid");
  await form.name.press("Tab");
  await expect(form.name).toHaveAccessibleDescription("Name must have at most 200 characters.");

  // Half a date: the browser tells no value, and it must not be dropped in silence.
  await form.date.focus();
  await page.keyboard.type("07");
  await form.location.focus();
  await expect(form.date).toHaveAccessibleDescription("Date is incomplete.");
});
