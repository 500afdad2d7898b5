/** The events that the page shows while it is measured. */

import { Api, type NewEvent } from "../../api.ts";

/** As many of them as a person never has. */
export const MANY = 5_000;
/** More than a page of the list. */
export const SOME = 250;

export const events: readonly NewEvent[] = Array.from({ length: MANY }, (_, i) => ({
  name: [
    ["Choir", "Film", "Book", "Market", "Run"][i % 5],
    ["night", "club", "day"][i % 3],
    i,
  ].join(" "),
  date: new Date(Date.UTC(2040, 0, 1 + i / 7)).toISOString().slice(0, 10),
  time: `${String(8 + (i % 12)).padStart(2, "0")}:30`,
  location: ["Old Town Hall", "Lido", "Kino Xenix", "Library"][i % 4] as string,
}));

/** Stores the first of them; those that are stored already stay, by their keys. */
export async function store(count: number): Promise<void> {
  const api = new Api();
  for (let i = 0; i < count; i += 50) {
    const some = events.slice(i, Math.min(i + 50, count));
    await Promise.all(some.map((event, at) => api.create(event, `bench-${i + at}`)));
  }
}
