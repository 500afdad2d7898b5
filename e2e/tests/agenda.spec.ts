import { expect, test } from "../fixtures.ts";

test("lists events by date and time, and those without a date at the end", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  const names = ["no date", "evening", "all day", "morning", "a month later"].map(
    (name) => `${tag} ${name}`,
  );
  const [undated, evening, allDay, morning, later] = names as [
    string,
    string,
    string,
    string,
    string,
  ];
  await api.create({ name: undated });
  await api.create({ name: evening, date: "2031-05-07", time: "19:30", location: `Hall ${tag}` });
  await api.create({ name: allDay, date: "2031-05-07" });
  await api.create({ name: morning, date: "2031-05-07", time: "08:00" });
  await api.create({ name: later, date: "2031-06-01" });

  await agenda.open();
  await expect(agenda.names(tag)).toHaveText([allDay, morning, evening, later, undated]);

  const may = page.getByRole("region", { name: "May 2031" });
  await expect(may.getByRole("heading", { level: 3, name: "Wednesday, 7 May 2031" })).toBeVisible();
  await expect(may.getByRole("listitem").filter({ hasText: evening })).toContainText(
    `19:30Hall ${tag}`,
  );
  await expect(page.getByRole("region", { name: "June 2031" })).toContainText(later);
  await expect(page.getByRole("region", { name: "Date to be announced" })).toContainText(undated);
});

test("marks today", async ({ page, api, tag, agenda }) => {
  const today = await page.evaluate(() => new Date().toLocaleDateString("sv-SE"));
  await api.create({ name: `${tag} today`, date: today });
  await agenda.open();
  await expect(page.getByRole("heading", { level: 3, name: /Today$/ })).toHaveCount(1);
});

test("opens an event, and both pages are there after a reload", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  const name = `Choir ${tag}`;
  const { id } = await api.create({
    name,
    date: "2031-05-07",
    time: "19:30",
    location: "Old Town Hall",
    description: "Bring the blue folder.\n\nWe start with the Fauré.",
  });

  await agenda.open();
  await agenda.event(name).click();
  const heading = page.getByRole("heading", { level: 1, name });
  await expect(heading).toBeFocused();
  await expect(page).toHaveURL(`/events/${id}`);
  await expect(page).toHaveTitle(`${name} · Events`);

  await page.reload();
  await expect(heading).toBeVisible();
  for (const [term, definition] of [
    ["Date", "Wednesday, 7 May 2031"],
    ["Time", "19:30"],
    ["Location", "Old Town Hall"],
  ] as const) {
    await expect(page.getByText(term, { exact: true })).toBeVisible();
    await expect(page.getByRole("definition").filter({ hasText: definition })).toBeVisible();
  }
  await expect(page.getByText("Bring the blue folder. We start with the Fauré.")).toBeVisible();

  await page.goBack();
  await agenda.showAll();
  await page.reload();
  await agenda.showAll();
  await expect(agenda.event(name)).toBeVisible();
});

test("shows a long list page by page, and every event once", async ({ page, api, tag, agenda }) => {
  const names = Array.from({ length: 130 }, (_, i) => `${tag} ${String(i).padStart(3, "0")}`);
  for (let i = 0; i < names.length; i += 26) {
    const some = names.slice(i, i + 26);
    await Promise.all(some.map((name) => api.create({ name, date: "2032-02-29" })));
  }
  await page.goto("/");
  await expect(
    page.getByRole("status").filter({ hasText: /^The first \d+ events$/ }),
  ).toBeVisible();
  await agenda.showMore.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("listitem").getByRole("link").nth(100)).toBeFocused();

  await agenda.showAll();
  const shown = await agenda.names(tag).allTextContents();
  expect(shown.toSorted()).toEqual(names);
});

test("says when there is no page, and no event, at an address", async ({
  page,
  allowConsoleErrors,
}) => {
  await page.goto("/nowhere/at/all");
  await expect(page.getByRole("heading", { level: 1, name: "Page not found" })).toBeVisible();
  await page.getByRole("link", { name: "Go to the agenda" }).click();
  await expect(page).toHaveURL("/");

  await page.goto("/events/not-an-id");
  const missing = page.getByRole("heading", { level: 1, name: "This event is not here" });
  await expect(missing).toBeVisible();

  allowConsoleErrors.push(/status of 404/);
  await page.goto(`/events/${crypto.randomUUID()}`);
  await expect(missing).toBeVisible();
  await expect(page).toHaveTitle("This event is not here · Events");
});
