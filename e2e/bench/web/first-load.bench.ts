/** How many bytes a first visit downloads. */

import { webOrigin } from "../../environment.ts";
import { expect, test } from "../../fixtures.ts";
import { downloads, FIRST_LOAD_MAX, firstLoad, kindOf } from "../../size.ts";
import { type Cell, nothing, number, report, text } from "./report.ts";

test("bytes of the first load", async ({ page, agenda }, info) => {
  const { kinds, total, files } = await firstLoad(webOrigin);
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  const all = await downloads(page);
  const counted = new Set(files.map(({ path }) => path));
  const came = (kind: string) =>
    all.filter((file) => counted.has(file.path) && (!kind || kindOf(file.path) === kind));
  const sum = (some: typeof all) => number(some.reduce((sum, { bytes }) => sum + bytes, 0));

  const rows: Cell[][] = [...kinds, ["", total] as const].map(([kind, { raw, gzip, brotli }]) => [
    text(kind || "the first load"),
    ...[raw, gzip, brotli].map((bytes) => number(bytes)),
    sum(came(kind)),
    kind ? nothing : { text: `≤ ${FIRST_LOAD_MAX} of Brotli`, value: FIRST_LOAD_MAX },
  ]);
  // Compressed already, or too small to be.
  const beside = all.filter(({ path }) => !counted.has(path));
  for (const { path, bytes } of beside) {
    rows.push([
      text(`beside it: ${path}`),
      number(bytes),
      nothing,
      nothing,
      number(bytes),
      nothing,
    ]);
  }
  await report(info, {
    title: "Bytes of the first load",
    about:
      "HTML, CSS, JavaScript and WebAssembly that the page needs to run, by the best that gzip " +
      "(9) and Brotli (11) do; what Chromium received of them, as the local run compresses " +
      "(Brotli 5: CloudFront does not say how hard it tries); and what else it downloaded.",
    columns: ["kind", "raw", "gzip", "Brotli", "received", "wanted"],
    rows,
  });
});
