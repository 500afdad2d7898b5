import type { Locator, Page } from "@playwright/test";
import type { NewEvent } from "./api.ts";
import { expect, test } from "./fixtures.ts";

const events: NewEvent[] = [
  { name: "Stand-up breakfast", date: "2026-06-12", time: "08:15" },
  {
    name: "Choir rehearsal",
    date: "2026-06-12",
    time: "19:00",
    location: "Old Town Hall",
    description:
      "Bring the blue folder.\n\n" +
      "We start with the Fauré, and after the break we sing what the altos wish for.",
  },
  { name: "CDK Workshop", date: "2026-06-15", time: "09:30", location: "Technopark, room 4" },
  { name: "Farmers’ market", date: "2026-06-20", time: "07:00", location: "Station square" },
  { name: "Repair café", date: "2026-06-20", time: "14:00" },
  { name: "Film night: Playtime", date: "2026-06-20", time: "20:30", location: "Kino Xenix" },
  { name: "Summer solstice swim", date: "2026-06-20", location: "Lido" },
  { name: "Łódź design week", date: "2026-07-03", location: "Art_Inkubator" },
  { name: "Open air: night of the shorts", date: "2026-07-18", time: "21:45" },
  { name: "Book club", location: "Library, second floor" },
];

let choir = "";

test.beforeEach(async ({ page, api }) => {
  await page.clock.setFixedTime("2026-06-12T10:00:00Z");
  const stored = await Promise.all(events.map((event) => api.create(event)));
  choir = `/events/${stored.find(({ name }) => name === "Choir rehearsal")?.id}`;
});

/** The pages, and what is there when they are ready. */
const pages: Record<string, { path: () => string; ready: (page: Page) => Locator }> = {
  agenda: {
    path: () => "/",
    ready: (page) => page.getByRole("link", { name: "Stand-up breakfast" }),
  },
  calendar: {
    path: () => "/calendar?month=2026-06&day=20",
    ready: (page) => page.getByRole("gridcell", { name: "20 June 2026, 4 events" }),
  },
  event: { path: () => choir, ready: (page) => page.getByRole("link", { name: "Download .ics" }) },
  form: { path: () => "/new", ready: (page) => page.getByRole("textbox", { name: "Name" }) },
};

for (const colorScheme of ["light", "dark"] as const) {
  for (const [device, viewport] of [
    ["", { width: 1280, height: 900 }],
    ["-phone", { width: 390, height: 844 }],
  ] as const) {
    for (const [name, { path, ready }] of Object.entries(pages)) {
      const file = `${name}${device}-${colorScheme}`;
      test.describe(file, () => {
        test.use({ colorScheme, viewport, timezoneId: "Europe/Zurich" });
        test(file, async ({ page, form }) => {
          await page.goto(path());
          await expect(ready(page)).toBeVisible();
          if (name === "form") {
            await form.name.fill("Choir rehearsal");
            await form.time.fill("19:00");
            await form.create.click();
            await expect(page.getByText("Time needs a date.")).toBeVisible();
            await page.evaluate(() => scrollTo(0, 0));
          }
          await page.evaluate(() => document.fonts.ready);
          await page.screenshot({ path: `screenshots/${file}.png` });
        });
      });
    }
  }
}
