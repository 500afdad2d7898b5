/** What people write, and how they search for it, in every language. */

import { expect, test } from "../fixtures.ts";

test.use({ locale: "en-US" });

/** Searched words that find a name, whoever typed either. */
const same: readonly (readonly [string, string])[] = [
  ["İstanbul Meetup", "istanbul"],
  ["ISTANBUL MEETUP", "ıstanbul"],
  ["Café Zürich", "cafe zurich"],
  ["Cafe\u0301 Zu\u0308rich", "CAFÉ ZÜRICH"],
  ["Łódź Ørsted Straße", "lodz orsted strasse"],
  ["ΟΔΥΣΣΕΥΣ", "οδυσσευς"],
  ["Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"],
  ["Rock ’n’ Roll – “live”", "'n' roll - \"live\""],
  ["Rock 'n' Roll", "rock ’n’"],
  ["ＴＯＫＹＯ　２０２６", "tokyo 2026"],
  ["ﬁne oﬃce", "fine office"],
  ["パーティー", "ぱーてぃー"],
  ["ｶﾗｵｹ", "カラオケ"],
  ["co\u00adop", "coop"],
  ["ЁЛКА", "елка"],
  ["Đà Nẵng", "da nang"],
];

test("a search finds what a reader takes for the same", async ({ page, api, agenda, tag }) => {
  const day = "2033-03-03";
  for (const [name] of same) await api.create({ name: `${name} ${tag}`, date: day });
  await page.goto(`/?from=${day}&to=${day}`);
  for (const [name, words] of same) {
    await agenda.filter.fill(`${tag} ${words}`);
    await expect(agenda.names(`${name} ${tag}`).filter({ visible: true }), words).toHaveCount(1);
  }
  await agenda.filter.fill(`${tag} nowhere`);
  await expect(agenda.names(tag).filter({ visible: true })).toHaveCount(0);
});

test("a name or a place that nobody can see is refused at its field", async ({ page, form }) => {
  await page.goto("/new");
  await form.name.fill("\u200b\u2060");
  await form.location.fill("\u3164");
  await form.create.click();
  const error = /must have a character that can be seen\.$/;
  await expect(form.name).toHaveAccessibleDescription(error);
  await expect(form.location).toHaveAccessibleDescription(error);
});

test("pasted tabs are kept in a description, and blanks in a line", async ({
  page,
  api,
  form,
  tag,
}) => {
  await page.goto("/new");
  await form.name.fill(`${tag}\tchoir`);
  await form.location.fill("Hall\t7");
  await form.description.fill("a\tb\n\tc");
  await form.create.click();
  await expect.poll(async () => (await api.listed(tag)).length).toBe(1);
  const [event] = await api.listed(tag);
  api.willDelete(event?.id ?? "");
  expect(event).toMatchObject({
    name: `${tag} choir`,
    location: "Hall 7",
    description: "a\tb\n\tc",
  });
});

for (const [locale, first] of [
  ["en-US", "Sunday"],
  ["ar-EG", "السبت"],
  ["de-DE", "Montag"],
  ["dv-MV", undefined],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });

    test("weeks begin as they do there, in a browser that does not say so", async ({ page }) => {
      await page.addInitScript(() => {
        Reflect.deleteProperty(Intl.Locale.prototype, "getWeekInfo");
        Reflect.deleteProperty(Intl.Locale.prototype, "weekInfo");
      });
      await page.goto("/calendar?month=2033-06");
      const heading = page.getByRole("columnheader").first();
      await expect(heading).toBeVisible();
      if (first) await expect(heading).toHaveAccessibleName(new RegExp(first.slice(0, 2)));
    });
  });
}

test.describe("th-TH", () => {
  test.use({ locale: "th-TH" });

  test("a page has one calendar", async ({ page, api, tag }) => {
    const event = await api.create({ name: tag, date: "2041-06-15" });
    await page.goto(`/events/${event.id}`);
    const added = page.getByRole("paragraph").filter({ hasText: "Added" });
    await expect(added).toContainText(String(new Date().getFullYear()));
    await expect(page.getByRole("definition").first()).toContainText("2041");
  });
});

test("an address out of a message opens the event", async ({ page, api, tag }) => {
  const { id } = await api.create({ name: tag, date: "2041-06-15" });
  for (const path of [`${id}.`, `${id}).`, `${id}.”`, `${id},`, `${id}.Then`, id.toUpperCase()]) {
    await page.goto(`/events/${path}`);
    await expect(page.getByRole("heading", { level: 1, name: tag }), path).toBeVisible();
  }
  await page.goto("/calendar.");
  await expect(page.getByRole("grid")).toBeVisible();
  await page.goto("/index.html");
  await expect(page.getByRole("heading", { level: 1, name: "Agenda" })).toBeVisible();
});
