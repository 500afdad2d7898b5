/**
 * What strangers can make a stage cost in a month at worst: they call each route as often as its
 * throttle lets them, day and night, with the most expensive requests. `npm run costs` prints the
 * table of infra/README.md.
 *
 * CloudFront is not in it: nothing bounds how often a page is loaded.
 */

import { routes } from "../lib/routes.ts";
import { rateOf } from "../lib/stages/bounds.ts";
import type { Stage } from "../lib/stages.ts";
import { dollarsFor, type Item, markdown, prices } from "./costs.ts";

const seconds = 30 * 24 * 3600;

/**
 * A request counts as one for each 512 kB of its body (API Gateway pricing), and the gateway reads
 * 10 MB of it (quotas of HTTP APIs), whatever the function then says.
 */
const countedAs = 20;
/** Bytes of an answer besides its events: status line, headers, an error. */
const bytesOfAnswer = 1e3;
/** Bytes that a unit reads: 4 kB consistently from the table, 8 kB otherwise from the index. */
const bytesOfUnit = { table: 4_096, index: 8_192 };
/**
 * A quotation mark is two bytes in JSON, and a comma in a calendar feed, whose lines are folded too:
 * an answer can be so many times as long as what it holds.
 */
const escaping = 2.1;
/** Bytes that a request logs, as in `costs.ts`: a client cannot choose the length of any field. */
const bytesLogged = 1.5e3;

/** The items that a stranger can raise, in US dollars a month. */
export function worst(stage: Stage): Partial<Record<Item, number>> {
  const { tableUnits, functions, accountConcurrency } = stage;
  if (!tableUnits) throw new Error(`nothing bounds the table of the stage ${stage.name}`);
  const { table, index } = tableUnits;
  const rates = routes.map(({ name }) => rateOf(stage, name).requestsPerSecond);
  const requests = rates.reduce((sum, rate) => sum + rate, 0) * seconds;
  // Each call takes its whole time limit, and as many run at once as may.
  const atOnce = rates.map((rate) => {
    return Math.min(rate * functions.timeoutSeconds, functions.reservedConcurrency ?? Infinity);
  });
  const concurrent = Math.min(
    atOnce.reduce((sum, count) => sum + count, 0),
    accountConcurrency,
  );
  // What the index writes, the table has written: 1 kB a unit, until somebody deletes it.
  const gigabytes = ((table.write + index.write) * seconds * 1e3) / 1e9;
  const bytesRead = table.read * bytesOfUnit.table + index.read * bytesOfUnit.index;

  const units = {
    gateway: requests * countedAs,
    calls: requests,
    computing: (functions.memoryMb / 1_024) * concurrent * seconds,
    reading: (table.read + index.read) * seconds,
    writing: (table.write + index.write) * seconds,
    storing: gigabytes,
    logging: (requests * bytesLogged) / 1e9,
    sending: (requests * bytesOfAnswer + bytesRead * seconds * escaping) / 1e9,
  };
  return Object.fromEntries(
    Object.entries(units).map(([item, amount]) => [item, dollarsFor(item as Item, amount)]),
  );
}

const dollars = (amount: number) => Math.round(amount).toLocaleString("en-US");

/** In the order of `prices`, with a column a stage. */
export function worstTable(stages: readonly Stage[]): string {
  const columns = stages.map(worst);
  const items = (Object.keys(prices) as Item[]).filter((item) => item in (columns[0] ?? {}));
  const total = columns.map((column) => {
    return items.reduce((sum, item) => sum + (column[item] ?? 0), 0);
  });
  return markdown([
    ["", ...stages.map(({ name }) => `\`${name}\``)],
    ["---", ...stages.map(() => "---:")],
    ...items.map((item) => [
      // Without what its price depends on.
      prices[item].what.replace(/ \(.*| on demand/g, "").replace("requests", "bodies of 10 MB"),
      ...columns.map((column) => dollars(column[item] ?? 0)),
    ]),
    ["**a month at worst, in US dollars**", ...total.map((sum) => `**${dollars(sum)}**`)],
  ]);
}
