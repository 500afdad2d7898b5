/** Says at the end what was not run, and why: Playwright's own list leaves the reason out. */

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class SkippedReporter implements Reporter {
  private readonly lines: string[] = [];
  private readonly missing: readonly string[];

  /** `missing` are engines that are not here, with what to do. */
  constructor({ missing }: { missing: readonly string[] }) {
    this.missing = missing;
  }

  onTestEnd(test: TestCase, { status }: TestResult): void {
    if (status !== "skipped") return;
    const reason = test.annotations.find(({ type }) =>
      ["skip", "fixme"].includes(type),
    )?.description;
    const name = test.titlePath().filter(Boolean).join(" › ");
    this.lines.push(`  skipped: ${name}${reason ? `\n    it ${reason}` : ""}`);
  }

  onEnd(): void {
    for (const line of this.lines) console.log(line);
    for (const engine of this.missing) console.log(`  not run in ${engine}`);
  }
}
