import { readAppName } from "../../infra/lib/app-name.ts";
import { startClock } from "../clock.ts";
import { expect, localToday, test } from "../fixtures.ts";

test("lists what is to come, what has been, and what has no date", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  await page.clock.setFixedTime("2031-05-07T10:00:00Z");
  const name = (text: string) => `${tag} ${text}`;
  await Promise.all(
    [
      { name: name("no date") },
      { name: name("evening"), date: "2031-05-07", time: "19:30", location: `Hall ${tag}` },
      { name: name("all day"), date: "2031-05-07" },
      { name: name("morning"), date: "2031-05-07", time: "08:00" },
      { name: name("a month later"), date: "2031-06-01" },
      { name: name("yesterday"), date: "2031-05-06", time: "23:59" },
      { name: name("long ago"), date: "2030-12-31" },
    ].map((event) => api.create(event)),
  );

  await agenda.open();
  await expect(agenda.tab("Upcoming")).toHaveAttribute("aria-current", "page");
  await expect(agenda.names(tag)).toHaveText(
    ["all day", "morning", "evening", "a month later"].map(name),
  );
  const may = page.getByRole("region", { name: "May 2031" });
  await expect(
    may.getByRole("heading", { level: 3, name: "Wednesday, 7 May 2031 Today" }),
  ).toBeVisible();
  await expect(may.getByRole("listitem").filter({ hasText: name("evening") })).toContainText(
    `19:30Hall ${tag}`,
  );
  await expect(page.getByRole("region", { name: "June 2031" })).toContainText(
    name("a month later"),
  );

  await agenda.tab("Past").click();
  await expect(page).toHaveURL("/?show=past");
  await agenda.showAll();
  await expect(agenda.names(tag)).toHaveText(["yesterday", "long ago"].map(name));
  await expect(page.getByText("Today", { exact: true })).toHaveCount(0);

  await agenda.tab("No date yet").click();
  await expect(page).toHaveURL("/?show=undated");
  await agenda.showAll();
  await expect(page.getByRole("region", { name: "Date to be announced" })).toContainText(
    name("no date"),
  );
  await expect(agenda.names(tag)).toHaveText([name("no date")]);

  await page.goBack();
  await agenda.showAll();
  await expect(agenda.names(tag)).toHaveText(["yesterday", "long ago"].map(name));
});

test("filters what is loaded, in an address that can be shared", async ({
  page,
  api,
  tag,
  agenda,
  expectAccessible,
}) => {
  const names = [`${tag} Choir rehearsal`, `${tag} Film night`] as const;
  await api.create({ name: names[0], date: "2031-05-07", location: "Old Town Hall" });
  await api.create({ name: names[1], date: "2031-05-08", description: "Playtime, 1967" });
  await agenda.open();

  await agenda.filter.fill(`${tag} town CHOIR`);
  await expect(agenda.names(tag).filter({ visible: true })).toHaveText([names[0]]);
  await expect(page.getByRole("status").filter({ hasText: /^1 of \d+ events$/ })).toBeVisible();
  await expect(page.getByRole("heading", { level: 3, name: "Thursday, 8 May 2031" })).toBeHidden();
  await expect(page).toHaveURL(`/?q=${tag}%20town%20CHOIR`);
  await expectAccessible();

  await page.reload();
  await agenda.showAll();
  await expect(agenda.filter).toHaveValue(`${tag} town CHOIR`);
  await expect(agenda.names(tag).filter({ visible: true })).toHaveText([names[0]]);

  await agenda.event(names[0]).click();
  await expect(page.getByRole("heading", { level: 1, name: names[0] })).toBeFocused();
  await page.goBack();
  await expect(agenda.names(tag).filter({ visible: true })).toHaveText([names[0]]);

  await agenda.filter.fill(`${tag} playtime`);
  await expect(agenda.names(tag).filter({ visible: true })).toHaveText([names[1]]);
  await agenda.filter.fill(`${tag} nowhere`);
  await expect(page.getByText(`No events match “${tag} nowhere”`)).toBeVisible();
  await expectAccessible();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(agenda.filter).toBeFocused();
  await expect(agenda.names(tag).filter({ visible: true })).toHaveText([...names]);
  await expect(page).toHaveURL("/");
});

test("a letter that is taken back before a pause leaves the page alone", async ({
  page,
  agenda,
}) => {
  await startClock(page, "2031-05-07T10:00:00Z");
  await agenda.open();
  // Going to where one is would be told here too: it opens the page anew.
  const went = await page.evaluateHandle(() => {
    const urls: string[] = [];
    navigation.addEventListener("navigate", (event) => urls.push(event.destination.url));
    return urls;
  });
  // On a busy machine two keys may be further apart than a pause is long.
  await page.clock.pauseAt("2031-05-07T10:10:00Z");
  await agenda.filter.focus();
  for (const [key, pause] of [
    ["c", 100],
    ["Backspace", 1_000],
  ] as const) {
    await page.keyboard.press(key);
    await page.clock.runFor(pause);
  }
  await agenda.from.fill("2019-03-02");
  await page.clock.runFor(2_000);
  await expect(page).toHaveURL("/?from=2019-03-02");
  expect(await went.jsonValue()).toEqual([page.url()]);
});

test("loads the days between two dates, in an address that can be shared", async ({
  page,
  api,
  tag,
  agenda,
  expectAccessible,
}) => {
  const names = ["first", "second", "third"].map((name) => `${tag} ${name}`);
  for (const [i, name] of names.entries()) {
    await api.create({ name, date: `2019-03-0${i + 1}` });
  }
  await agenda.open();
  const asked = page.waitForRequest((request) => request.url().includes("/events?from="));
  await agenda.from.fill("2019-03-02");
  expect(new URL((await asked).url()).search).toBe("?from=2019-03-02");
  await agenda.to.fill("2019-03-03");
  await expect(page).toHaveURL("/?from=2019-03-02&to=2019-03-03");
  await agenda.showAll();
  await expect(agenda.names(tag)).toHaveText(names.slice(1));
  await expectAccessible();

  await page.reload();
  await agenda.showAll();
  await expect(agenda.from).toHaveValue("2019-03-02");
  await expect(agenda.to).toHaveValue("2019-03-03");
  await expect(agenda.names(tag)).toHaveText(names.slice(1));

  await agenda.to.fill("2019-03-01");
  await expect(agenda.to).toHaveAccessibleDescription("“To” must not be before “From”.");
  await expectAccessible();
  await expect(page).toHaveURL("/?from=2019-03-02&to=2019-03-03");

  await page.goBack();
  await expect(page).toHaveURL("/?from=2019-03-02");
  await expect(agenda.to).toHaveValue("");
  await page.goBack();
  await expect(agenda.tab("Upcoming")).toHaveAttribute("aria-current", "page");
  await expect(agenda.from).toHaveValue("");
});

test("says what there is to see where there is nothing", async ({
  page,
  agenda,
  expectAccessible,
}) => {
  await agenda.open("/?from=1801-02-03&to=1801-02-04");
  await expect(page.getByText("No events on these days")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "No events" })).toBeVisible();
  await expectAccessible();
  await page.getByRole("link", { name: "Show upcoming events" }).click();
  await expect(page).toHaveURL("/");
});

test("marks today", async ({ page, api, tag, agenda }) => {
  const today = await localToday(page);
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
  await expect(page).toHaveTitle(`${name} · ${readAppName().title}`);

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

test.describe("a long list", () => {
  let list: string;
  let names: string[];

  test.beforeEach(async ({ api, tag }) => {
    // A day of its own, which no other test has.
    const day = `${3000 + (Number.parseInt(tag, 16) % 6000)}-02-28`;
    list = `/?from=${day}&to=${day}`;
    names = Array.from({ length: 130 }, (_, i) => `${tag} ${String(i).padStart(3, "0")}`);
    for (let i = 0; i < names.length; i += 26) {
      const some = names.slice(i, i + 26);
      await Promise.all(some.map((name) => api.create({ name, date: day })));
    }
  });

  test("comes page by page by a button, where nothing may move by itself", async ({
    page,
    tag,
    agenda,
  }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(list);
    await expect(
      page.getByRole("status").filter({ hasText: "The first 100 events" }),
    ).toBeVisible();
    await agenda.showMore.focus();
    await page.keyboard.press("Enter");
    const month = page.getByRole("region", { name: /^February/ });
    await expect(month.getByRole("link").nth(100)).toBeFocused();
    await agenda.showAll();
    const shown = await agenda.names(tag).allTextContents();
    expect(shown.toSorted()).toEqual(names);
  });

  test("comes page by page as one scrolls, and every event once", async ({ page, tag, agenda }) => {
    await page.goto(list);
    await expect(
      page.getByRole("status").filter({ hasText: "The first 100 events" }),
    ).toBeVisible();
    await page.mouse.wheel(0, 100_000);
    await expect(agenda.names(tag)).toHaveCount(130);
    await expect(agenda.showMore).toBeHidden();
    const shown = await agenda.names(tag).allTextContents();
    expect(shown.toSorted()).toEqual(names);
  });
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
  const missing = page.getByRole("heading", { level: 1, name: "Event not found" });
  await expect(missing).toBeVisible();

  allowConsoleErrors.push(/status of 404/);
  await page.goto(`/events/${crypto.randomUUID()}`);
  await expect(missing).toBeVisible();
  await expect(page).toHaveTitle(`Event not found · ${readAppName().title}`);
});
