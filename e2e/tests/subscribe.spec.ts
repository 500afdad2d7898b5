/** How a reader's own calendar gets to the feed of the API. */

import { apiOrigin } from "../environment.ts";
import { expect, test } from "../fixtures.ts";

test("offers the address of the feed, to open and to copy", async ({
  page,
  context,
  expectAccessible,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/");
  const address = `${apiOrigin}/events?format=ics`;
  const open = page.getByRole("link", { name: "Open in your calendar" });
  await expect(open).toBeHidden();
  await page.getByText("Subscribe", { exact: true }).press("Enter");
  await expect(open).toHaveAttribute("href", address.replace(/^https?:/, "webcal:"));
  const field = page.getByRole("textbox", { name: "Address of the feed" });
  await expect(field).toHaveValue(address);
  // The stage of this machine names no time zone.
  await expect(page.getByText("a calendar may take them for UTC")).toBeVisible();
  await expectAccessible();
  await page.getByRole("button", { name: "Copy address" }).press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Address copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);
  const feed = await fetch(await field.inputValue());
  expect(feed.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
});
