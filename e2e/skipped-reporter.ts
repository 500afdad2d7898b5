/** Says at the end which tests were skipped, and why: Playwright's own list leaves the reason out. */

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class SkippedReporter implements Reporter {
  private readonly lines: string[] = [];

  onTestEnd(test: TestCase, { status }: TestResult): void {
    if (status !== "skipped") return;
    const reason = test.annotations.find(({ type }) => type === "skip")?.description;
    const name = test.titlePath().filter(Boolean).join(" › ");
    this.lines.push(`  skipped: ${name}${reason ? `\n    it ${reason}` : ""}`);
  }

  onEnd(): void {
    for (const line of this.lines) console.log(line);
  }
}
