/** What `check.py` does, by another parser: `node check.mjs FOLDER`. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ICAL from "ical.js";

const names = ["uid", "dtstamp", "dtstart", "dtend", "summary", "location", "description", "url"];

/** The day after a date; `undefined` after the last one of the calendar. */
function nextDay(date) {
  const [next] = new Date(Date.parse(`${date}T00:00Z`) + 24 * 3600 * 1000).toISOString().split("T");
  return next?.startsWith("+") ? undefined : next;
}

function end({ date, time, endTime }) {
  if (time === undefined) return nextDay(date);
  if (endTime === undefined) return undefined;
  return `${endTime > time ? date : nextDay(date)}T${endTime}:00`;
}

function expected(event) {
  const { id, name, date, time, location, description, createdAt } = event;
  return {
    uid: `${id}@events`,
    dtstamp: `${createdAt.slice(0, 19)}Z`,
    dtstart: time === undefined ? date : `${date}T${time}:00`,
    dtend: end(event),
    summary: name,
    location,
    // In a calendar file every line break is the same one.
    description: description?.replaceAll(/\r\n?/g, "\n"),
    url: `https://events.example/events/${id}`,
  };
}

function found(file) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  return calendar.getAllSubcomponents("vevent").map((event) => {
    // ical.js writes the year 950 with three digits.
    const value = (name) =>
      event
        .getFirstPropertyValue(name)
        ?.toString()
        .replace(name.startsWith("dt") ? /^\d+(?=-)/ : /^$/, (year) => year.padStart(4, "0"));
    return Object.fromEntries(names.map((name) => [name, value(name)]));
  });
}

const [folder = "."] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const source of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const events = [JSON.parse(readFileSync(join(folder, source), "utf8"))].flat();
  const calendar = found(readFileSync(join(folder, source.replace(".json", ".ics")), "utf8"));
  if (calendar.length !== events.length) {
    throw new Error(`${source}: ${calendar.length} of ${events.length} events`);
  }
  for (const [at, event] of events.entries()) {
    const want = expected(event);
    const differing = names.filter((name) => calendar[at]?.[name] !== want[name]);
    for (const name of differing) {
      const [wanted, got] = [want[name], calendar[at]?.[name]].map((value) =>
        JSON.stringify(value),
      );
      console.log(`${source} ${event.id} ${name}:\n  want ${wanted}\n  got  ${got}`);
    }
    if (differing.length === 0) passed += 1;
    else failed += 1;
  }
}
console.log(`ical.js: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
