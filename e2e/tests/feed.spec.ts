/** The calendar feed of the API, as calendars that subscribe to it get it. */

import { readFile } from "node:fs/promises";
import { readAppName } from "../../infra/lib/app-name.ts";
import { apiOrigin } from "../environment.ts";
import { expect, test } from "../fixtures.ts";

/** A day that nothing else uses: of the years 3000 to 7095. */
const dayOf = (tag: string) => `${3000 + Number.parseInt(tag.slice(0, 3), 16)}-05-07`;

/** The feed of one day. */
function feed(day: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${apiOrigin}/events?format=ics&from=${day}&to=${day}`, { headers });
}

const eventOf = (calendar: string, id: string) =>
  calendar
    .split("BEGIN:VEVENT\r\n")
    .find((event) => event.includes(id))
    ?.split("END:VEVENT\r\n")[0];

test("has an event as the page's file has it, byte for byte", async ({ page, api, tag }) => {
  const { id } = await api.create({
    name: `Ball; ${tag}, ${"bis spät ".repeat(10)}`.trim(),
    date: dayOf(tag),
    time: "21:00",
    endTime: "02:30",
    location: "Rathaus\\Saal 2",
    description: "Blaue Mappe.\nWir beginnen mit Fauré.",
  });
  await page.goto(`/events/${id}`);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download .ics" }).click();
  const file = eventOf(await readFile(await (await downloading).path(), "utf8"), id);
  expect(file).toContain(`DTEND:${dayOf(tag).slice(0, 4)}0508T023000\r\n`);

  const response = await feed(dayOf(tag));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
  const calendar = await response.text();
  expect(eventOf(calendar, id)).toBe(file);
  expect(calendar).toContain(`\r\nX-WR-CALNAME:${readAppName().title}\r\n`);
});

test("is sent again only when it has changed", async ({ api, tag }) => {
  const day = dayOf(tag);
  const empty = await feed(day);
  const tagOf = (response: Response) => response.headers.get("etag") ?? "";
  expect(empty.headers.get("cache-control")).toBe("max-age=900");
  const known = await feed(day, { "if-none-match": tagOf(empty) });
  expect([known.status, await known.text(), tagOf(known)]).toEqual([304, "", tagOf(empty)]);

  const { id } = await api.create({ name: tag, date: day });
  const changed = await feed(day, { "if-none-match": tagOf(empty) });
  expect(changed.status).toBe(200);
  expect(eventOf(await changed.text(), id)).toContain(`SUMMARY:${tag}\r\n`);
  expect(tagOf(changed)).not.toBe(tagOf(empty));
});

test("says what it does not take", async () => {
  const response = await fetch(`${apiOrigin}/events?format=ics&order=desc&limit=5`);
  expect(response.status).toBe(400);
  const { errors } = (await response.json()) as { errors: { parameter: string }[] };
  expect(errors.map(({ parameter }) => parameter)).toEqual(["order", "limit"]);
});
