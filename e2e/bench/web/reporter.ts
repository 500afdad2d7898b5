/**
 * Prints the tables, and the progress on standard error. `BENCH_JSON` names a file for the tables,
 * too.
 */

import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestResult, TestStep } from "@playwright/test/reporter";
import { json, markdown, TABLE, type Table } from "./report.ts";

export default class BenchReporter implements Reporter {
  private readonly tables: Table[] = [];

  onTestBegin(test: TestCase): void {
    console.error(`${test.title} …`);
  }

  onStepBegin(_test: TestCase, _result: TestResult, { category, title }: TestStep): void {
    if (category === "test.step") console.error(`  ${title}`);
  }

  onTestEnd(test: TestCase, { attachments, errors, status }: TestResult): void {
    for (const { name, body } of attachments) {
      if (name !== TABLE || !body) continue;
      const table = JSON.parse(body.toString()) as Table;
      this.tables.push(table);
      console.log(markdown(table));
    }
    if (status !== "passed") console.error(`${test.title}: ${status}`);
    for (const { message, stack } of errors) console.error(stack ?? message);
  }

  onError({ message, stack }: { message?: string; stack?: string }): void {
    console.error(stack ?? message);
  }

  onEnd(): void {
    const file = process.env.BENCH_JSON;
    if (file) writeFileSync(file, JSON.stringify(this.tables.map(json)));
  }

  printsToStdio(): boolean {
    return true;
  }
}
