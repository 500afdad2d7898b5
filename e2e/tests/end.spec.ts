/** An event may end, also after midnight: until then it is not over. */

import { startClock } from "../clock.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { expect, expectCreated, openEventId, pageHeading, test } from "../fixtures.ts";
import { LocalRun } from "../local-run.ts";
import { storeAll } from "../table.ts";

test("an event with an end is created and shown wherever there is a time", async ({
  page,
  api,
  agenda,
  form,
  tag,
  expectAccessible,
}) => {
  const name = `Ball ${tag}`;
  await form.open();
  await form.fill({ name, date: "2031-05-07", time: "21:00", endTime: "22:30" });
  await expect(form.endTime).toHaveAccessibleDescription("");
  await form.endTime.fill("02:30");
  await expect(form.endTime).toHaveAccessibleDescription("On the next day");
  await expect(form.endTime).not.toHaveAttribute("aria-invalid");
  await expectAccessible();
  await form.create.click();
  await expectCreated(page, name);
  const row = page.getByRole("listitem").filter({ hasText: name });
  await expect(row).toContainText("21:00 – 02:30next day");

  await agenda.event(name).click();
  await expect(pageHeading(page, name)).toBeVisible();
  const id = await openEventId(page);
  api.willDelete(id);
  await expect(page.getByText("21:00 – 02:30, next day")).toBeVisible();
  const link = (of: string) =>
    page.getByRole("link", { name: new RegExp(`^${of}`) }).getAttribute("href");
  expect(await link("Google")).toContain("&dates=20310507T210000%2F20310508T023000");
  expect(await link("Outlook")).toContain("&enddt=2031-05-08T02%3A30%3A00");
  await expectAccessible();

  await page.goto("/calendar?month=2031-05&day=7");
  await expect(page.getByRole("listitem").filter({ hasText: name }).last()).toContainText(
    "21:00 – 02:30",
  );
});

test("an end without a time is told at its field, and the rest of the form stays", async ({
  form,
  tag,
}) => {
  await form.open();
  await form.send({ name: `Ball ${tag}`, date: "2031-05-07", endTime: "02:30" });
  await expect(form.endTime).toBeFocused();
  await expect(form.endTime).toHaveAccessibleDescription("End time needs a time.");
  await form.time.fill("21:00");
  await expect(form.endTime).toHaveAccessibleDescription("On the next day");
  await expect(form.endTime).toHaveValue("02:30");
});

test("what runs over midnight is upcoming until it ends", async ({ page, api, tag, agenda }) => {
  const [ball, walk] = [`${tag} ball`, `${tag} walk`];
  await api.create({ name: ball, date: "2037-06-07", time: "21:00", endTime: "02:30" });
  await api.create({ name: walk, date: "2037-06-07", time: "09:00", endTime: "11:00" });
  await startClock(page, "2037-06-07T23:58:00Z");
  await page.goto("/");
  await agenda.filter.fill(tag);
  const shown = agenda.names(tag).filter({ visible: true });
  await expect(shown).toHaveText([walk, ball]);
  // After midnight the one is over, and the other is not.
  await page.clock.fastForward("00:05:00");
  await expect(shown).toHaveText([ball]);
  await page.reload();
  await expect(shown).toHaveText([ball]);
  await agenda.tab("Past").click();
  await expect(shown).toHaveText([walk]);
  await page.clock.fastForward("02:30:00");
  await expect(shown).toHaveText([ball, walk]);
  await agenda.tab("Upcoming").click();
  await expect(agenda.tab("Upcoming")).toHaveAttribute("aria-current", "page");
  await expect(page.getByRole("status").filter({ hasText: /^(0 of \d|No) events?/ })).toBeVisible();
  await expect(agenda.names(tag)).toHaveCount(0);
});

test("what is over since yesterday hides nothing that is to come", async ({ page, assembly }) => {
  test.skip(!localBuild, noLocalBuild);
  // More than a page of the API.
  const over = Array.from({ length: 150 }, (_, i) => ({
    name: `over ${i}`,
    date: "2037-06-07",
    time: "10:00",
  }));
  const run = await LocalRun.start(assembly);
  const response = await fetch(`${run.api}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "to come", date: "2037-06-08" }),
  });
  await storeAll(run.table, await response.json(), over);
  // Then nothing loads by scrolling.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await startClock(page, "2037-06-08T09:00:00Z");
  await page.goto(run.site);
  await expect(page.getByRole("link", { name: "to come" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: /^1 event$/ })).toBeVisible();
  await run.stop();
});
