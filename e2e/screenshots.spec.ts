import type { NewEvent } from "./api.ts";
import { expect, test } from "./fixtures.ts";

const events: NewEvent[] = [
  { name: "Stand-up breakfast", date: "2026-06-12", time: "08:15" },
  { name: "Choir rehearsal", date: "2026-06-12", time: "19:00", location: "Old Town Hall" },
  { name: "CDK Workshop", date: "2026-06-15", time: "09:30", location: "Technopark, room 4" },
  { name: "Film night: Playtime", date: "2026-06-20", time: "20:30", location: "Kino Xenix" },
  { name: "Summer solstice swim", date: "2026-06-20", location: "Lido" },
  { name: "Łódź design week", date: "2026-07-03", location: "Art_Inkubator" },
  { name: "Open air: night of the shorts", date: "2026-07-18", time: "21:45" },
  { name: "Book club", location: "Library, second floor" },
];

test.beforeEach(async ({ page, api }) => {
  await page.clock.setFixedTime("2026-06-12T10:00:00Z");
  await Promise.all(events.map((event) => api.create(event)));
});

for (const [file, use] of [
  ["agenda-light", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
  ["agenda-dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
  [
    "agenda-phone-dark",
    { colorScheme: "dark", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
  ],
] as const) {
  test.describe(file, () => {
    test.use(use);
    test(file, async ({ page, agenda }) => {
      await agenda.open();
      await expect(page.getByRole("heading", { level: 3, name: /Today$/ })).toBeVisible();
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: `screenshots/${file}.png` });
    });
  });
}

test("form-light", async ({ page, form }) => {
  await form.open();
  await form.name.fill("Choir rehearsal");
  await form.time.fill("19:00");
  await form.create.click();
  await expect(page.getByText("Time needs a date.")).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: "screenshots/form-light.png" });
});
