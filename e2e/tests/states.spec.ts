/** Every state of the page is accessible. */

import { localBuild, noLocalBuild } from "../environment.ts";
import { AgendaPage, errorStatus, expect } from "../fixtures.ts";
import { breakOn, broken, swallow, test } from "../wired.ts";

test.skip(!localBuild, noLocalBuild);

test.beforeEach(async ({ page, allowConsoleErrors }) => {
  // The page's diagnosis calls a path without a route.
  allowConsoleErrors.push(broken, errorStatus(404));
  // A slow machine checks a state for longer than the page waits for a response.
  await page.addInitScript(() => {
    AbortSignal.timeout = () => new AbortController().signal;
  });
});

test("when there is nothing yet", async ({ page, agenda, expectAccessible }) => {
  for (const path of ["/", "/?show=past", "/?show=undated"]) {
    await agenda.open(path);
    await expect(page.getByRole("status").filter({ hasText: "No events" })).toBeVisible();
    await expectAccessible();
  }
  await page.goto("/calendar?month=2040-05&day=7");
  await expect(page.getByText("No events on this day.")).toBeVisible();
  await expectAccessible();
});

test("while something is loading", async ({ wired, page, api, tag, expectAccessible }) => {
  const { id } = await api.create({ name: `Slow ${tag}`, date: "2031-05-07" });
  wired.fault = swallow("GET /events");
  for (const path of ["/", "/?show=past", "/calendar", `/events/${id}`]) {
    await page.goto(path);
    await expect(page.getByRole("progressbar", { name: "Loading" })).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
    await expectAccessible();
  }
});

test("while an event is on its way, and when it was not created", async ({
  wired,
  page,
  form,
  tag,
  expectAccessible,
}) => {
  await form.open();
  await form.fill({ name: `Pending ${tag}`, date: "2031-05-07" });
  wired.fault = swallow("POST /events ");
  await form.create.click();
  await expect(page.getByText("Saving…")).toBeVisible();
  await expectAccessible();
  await page.getByRole("link", { name: "New event" }).click();
  await expect(page.getByRole("button", { name: "Saving the previous event…" })).toBeVisible();
  await expectAccessible();

  // After a reload the page knows the draft, not that it was sent.
  wired.fault = breakOn("POST /events ");
  await form.open();
  await expect(page.getByText("Your earlier draft was restored.")).toBeVisible();
  await expectAccessible();
  await form.create.click();
  const rollback = page.getByRole("region", { name: "Not created" });
  await expect(rollback).toContainText("The server could not be reached");
  await expectAccessible();
  await rollback.getByRole("link", { name: "Back to the form" }).click();
  await expect(page.getByRole("alert")).toContainText("The server could not be reached");
  await expectAccessible();
});

test("while an event is being deleted, and when it was not", async ({
  wired,
  page,
  api,
  agenda,
  tag,
  expectAccessible,
}) => {
  const name = `Stays ${tag}`;
  await api.create({ name, date: "2031-05-07" });
  await agenda.open();
  for (const [fault, state] of [
    [breakOn("DELETE /events/"), agenda.dialog.getByRole("alert")],
    [swallow("DELETE /events/"), agenda.dialog.getByRole("button", { name: "Deleting…" })],
  ] as const) {
    wired.fault = fault;
    await agenda.delete(name);
    await expect(state).toBeVisible();
    await expectAccessible();
    await page.reload();
    await agenda.showAll();
  }
});

test("when a list, its next page, a month or an event does not come", async ({
  wired,
  page,
  api,
  tag,
  expectAccessible,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const names = Array.from({ length: 101 }, (_, i) => `${tag} ${i}`);
  const [{ id } = { id: "" }] = await Promise.all(
    names.map((name) => api.create({ name, date: "2040-05-07" })),
  );
  const { showMore } = new AgendaPage(page);
  await page.goto("/");
  await expect(showMore).toBeVisible();
  wired.fault = breakOn("GET /events");
  await showMore.click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The server could not be reached");
  await expectAccessible();
  for (const path of ["/?show=past", "/calendar?month=2040-05", `/events/${id}`]) {
    await page.goto(path);
    await expect(alert).toContainText("The server could not be reached");
    await expectAccessible();
  }
});
