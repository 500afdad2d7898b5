/** What was found, for people and for programs: the shape of `e2e/bench/src/report.rs`. */

import type { TestInfo } from "@playwright/test";

export interface Cell {
  readonly text: string;
  readonly value: unknown;
}

export interface Table {
  readonly title: string;
  /** What must be known to read it. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export const TABLE = "table";

/** Hands a table to the reporter. */
export async function report(info: TestInfo, table: Table): Promise<void> {
  await info.attach(TABLE, { body: JSON.stringify(table), contentType: "application/json" });
}

export const text = (text: string): Cell => ({ text, value: text });
export const nothing: Cell = { text: "", value: null };

export const number = (value: number, decimals = 0): Cell => ({
  text: value.toFixed(decimals),
  value,
});

/** The median, and where nine of ten lie. */
export function spread(values: readonly number[], decimals = 0): Cell {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;
  const [p5, median, p95] = [quantile(0.05), quantile(0.5), quantile(0.95)];
  const [low, middle, high] = [p5, median, p95].map((value) => value.toFixed(decimals));
  return { text: `${middle} (${low}–${high})`, value: { median, p5, p95 } };
}

export function markdown({ title, about, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, i) =>
    rows.some((row) => typeof row[i]?.value === "string") ? "---" : "---:",
  );
  return [
    `**${title}**\n`,
    `${about}\n`,
    line(columns),
    `|${rule.join("|")}|`,
    ...rows.map((row) => line(row.map(({ text }) => text))),
    "",
  ].join("\n");
}

export function json({ title, about, columns, rows }: Table): unknown {
  const named = rows.map((row) =>
    Object.fromEntries(columns.map((column, i) => [column, row[i]?.value])),
  );
  return { title, about, rows: named };
}
