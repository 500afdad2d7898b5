import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { readAppName } from "../../infra/lib/app-name.ts";
import { apiOrigin } from "../environment.ts";
import { errorStatus, expect, test } from "../fixtures.ts";

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

test("gives an event to calendars as a file", async ({ page, api, tag }) => {
  const name = `Chor: Alt, Baß; ${tag} ${"Rhythmus ".repeat(8)}`.trim();
  const { id, createdAt } = await api.create({
    name,
    date: "2031-05-07",
    time: "19:30",
    location: "Rathaus\\Saal 2",
    description: "Blaue Mappe.\nWir beginnen mit Fauré.",
  });
  await page.goto(`/events/${id}`);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download .ics" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/\.ics$/);
  const file = await readFile(await download.path(), "utf8");

  const lines = file.split("\r\n");
  expect(lines.every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
  expect(file).not.toMatch(/[^\r]\n/);
  const unfolded = file.replaceAll("\r\n ", "").split("\r\n");
  expect(unfolded).toEqual([
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    `PRODID:-//${readAppName().title}//${readAppName().title}//EN`,
    "BEGIN:VEVENT",
    `UID:${id}@events`,
    `DTSTAMP:${createdAt.slice(0, 19).replaceAll(/[-:]/g, "")}Z`,
    "DTSTART:20310507T193000",
    `SUMMARY:${name.replaceAll(/[,;]/g, "\\$&")}`,
    "LOCATION:Rathaus\\\\Saal 2",
    "DESCRIPTION:Blaue Mappe.\\nWir beginnen mit Fauré.",
    `URL:${page.url()}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ]);
});

test("leads to the usual web calendars", async ({ page, api, tag }) => {
  const { id } = await api.create({ name: `A & B ${tag}`, date: "2031-12-31" });
  await page.goto(`/events/${id}`);
  const section = page.getByRole("region", { name: "Add to your calendar" });
  for (const [name, host, parameters] of [
    [
      "Google Calendar",
      "calendar.google.com",
      { action: "TEMPLATE", text: `A & B ${tag}`, dates: "20311231/20320101" },
    ],
    [
      "Outlook",
      "outlook.live.com",
      { subject: `A & B ${tag}`, startdt: "2031-12-31", enddt: "2032-01-01", allday: "true" },
    ],
    ["Office 365", "outlook.office.com", { subject: `A & B ${tag}`, allday: "true" }],
  ] as const) {
    const link = section.getByRole("link", { name });
    await expect(link).toHaveAttribute("rel", "noopener");
    const url = new URL((await link.getAttribute("href")) ?? "");
    expect([url.protocol, url.host]).toEqual(["https:", host]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject(parameters);
  }
});

for (const [what, text] of [
  ["a family", `${"a".repeat(599)}👨‍👩‍👧‍👦 and more of them`],
  ["flags", "🇨🇭".repeat(400)],
  ["accents", "e\u0301\u0323".repeat(500)],
  ["Hindi", "क्षि".repeat(400)],
] as const) {
  test(`a long description with ${what} is cut where nobody sees it, and leads to the rest`, async ({
    page,
    api,
    tag,
  }) => {
    const { id } = await api.create({ name: tag, date: "2031-12-31", description: text });
    await page.goto(`/events/${id}`);
    const section = page.getByRole("region", { name: "Add to your calendar" });
    for (const [name, parameter] of [
      ["Google Calendar", "details"],
      ["Outlook", "body"],
    ] as const) {
      const link = await section.getByRole("link", { name }).getAttribute("href");
      const cut = new URL(link ?? "").searchParams.get(parameter) ?? "";
      const end = `…\n\n${page.url()}`;
      expect(cut.endsWith(end)).toBe(true);
      const begin = cut.slice(0, -end.length);
      expect(text.startsWith(begin)).toBe(true);
      const graphemes = [...new Intl.Segmenter().segment(text)].map(({ index }) => index);
      expect(graphemes).toContain(begin.length);
    }
  });
}

test("offers no calendar where there is no date yet", async ({ page, api, tag }) => {
  const { id } = await api.create({ name: `Some day ${tag}` });
  await page.goto(`/events/${id}`);
  await expect(heading(page, `Some day ${tag}`)).toBeVisible();
  await expect(page.getByRole("region", { name: "Add to your calendar" })).toHaveCount(0);
});

test("copies the link of an event and says so", async ({ page, context, api, tag }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2031-05-07" });
  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Copy link" }).press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
});

test("shows the link to copy where there is no clipboard", async ({
  page,
  api,
  tag,
  expectAccessible,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined });
  });
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2031-05-07" });
  await page.goto(`/events/${id}`);
  const field = page.getByRole("textbox", { name: "Link to this event" });
  await expect(heading(page, `Choir ${tag}`)).toBeVisible();
  await expect(field).toBeHidden();
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(page.url());
  expect(await page.evaluate(() => getSelection()?.toString())).toBe(page.url());
  await expect(page.getByText("Copy the link from the field")).toBeVisible();
  await expectAccessible();
});

test("says that an event was deleted, here or elsewhere", async ({
  page,
  api,
  tag,
  agenda,
  allowConsoleErrors,
  expectAccessible,
}) => {
  const { id } = await api.create({ name: `Gone ${tag}`, date: "2031-05-07" });
  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Delete event" }).click();
  await agenda.confirm();
  await expect(agenda.heading).toBeVisible();
  // No page of the app links to it any more; a bookmark does.
  await page.evaluate((path) => {
    history.pushState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/events/${id}`);
  await expect(heading(page, "Event deleted")).toBeVisible();
  await expect(page.getByText("It was deleted for everyone.")).toBeVisible();
  await expectAccessible();

  allowConsoleErrors.push(errorStatus(404));
  await page.reload();
  await expect(heading(page, "Event not found")).toBeVisible();
  await expectAccessible();
});

test("is printed without controls", async ({ page, api, tag, agenda }) => {
  const name = `Choir ${tag}`;
  const { id } = await api.create({ name, date: "2031-05-07", location: "Old Town Hall" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.goto(`/events/${id}`);
  await expect(heading(page, name)).toBeVisible();
  await expect(page.getByText("Old Town Hall")).toBeVisible();
  await expect(page.getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("link")).toHaveCount(0);
  const ink = await heading(page, name).evaluate((h1) => getComputedStyle(h1).color);
  expect(ink).toBe("rgb(0, 0, 0)");

  await agenda.open();
  await expect(agenda.event(name)).toBeVisible();
  await expect(page.getByRole("button")).toHaveCount(0);
});

test("the API is asked once for an event", async ({ page, api, tag }) => {
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2031-05-07" });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(apiOrigin)) asked.push(request.url());
  });
  await page.goto(`/events/${id}`);
  await expect(heading(page, `Choir ${tag}`)).toBeVisible();
  expect(asked).toEqual([`${apiOrigin}/events/${id}`]);
});
