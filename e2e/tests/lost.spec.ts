/**
 * A call that is lost or garbled on its way to the API is not taken for one that is not allowed,
 * and is not done twice.
 */

import type { Page } from "@playwright/test";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expect, expectCreated } from "../fixtures.ts";
import { breakOn, broken, test } from "../wired.ts";

test.skip(!localBuild, noLocalBuild);

test("a call that was lost is sent again, and CORS is not mentioned", async ({
  wired,
  page,
  api,
  form,
  tag,
  allowConsoleErrors,
}) => {
  // The page's diagnosis calls a path without a route.
  allowConsoleErrors.push(broken, errorStatus(404));
  await form.open();
  await form.name.fill(`Lost ${tag}`);
  wired.fault = breakOn("POST /events ");
  await form.create.click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The server could not be reached");
  await expect(alert).not.toContainText("CORS");
  expect(await api.listed(tag)).toEqual([]);

  wired.fault = undefined;
  await alert.getByRole("button", { name: "Try again" }).click();
  await expectCreated(page, `Lost ${tag}`);
  expect(await api.listed(tag)).toHaveLength(1);
});

test.describe("what the server rejects though the page found no error", () => {
  const errors = [
    "Date must be a day of the calendar, years 0001 to 9999.",
    "Location must not contain the control character U+0009.",
  ] as const;

  test.beforeEach(async ({ wired, form, tag, page, allowConsoleErrors }) => {
    allowConsoleErrors.push(errorStatus(400));
    await form.open();
    await form.fill({ name: `Garbled ${tag}`, date: "2031-05-07", location: "Hall seven" });
    // Page and server have the same rules: only a body that changes on its way is valid here and
    // invalid there.
    wired.fault = (sent) => {
      const text = sent.toString("latin1");
      const garbled = text.replace("2031-05-07", "2031-05-77").replace("Hall seven", "Hall\\tseve");
      return Buffer.from(garbled, "latin1");
    };
    await form.create.click();
    await expect(rollback(page)).toBeVisible();
  });

  const rollback = (page: Page) => page.getByRole("region", { name: "Not created" });
  const back = (page: Page) => rollback(page).getByRole("link", { name: "Back to the form" });

  test("is shown where the event was, and can be sent again", async ({
    wired,
    page,
    api,
    form,
    tag,
    expectAccessible,
  }) => {
    for (const error of errors) await expect(rollback(page)).toContainText(error);
    await expectAccessible();
    expect(await api.listed(tag)).toEqual([]);
    await back(page).click();
    await expect(form.name).toHaveValue(`Garbled ${tag}`);

    wired.fault = undefined;
    await form.create.click();
    await expectCreated(page, `Garbled ${tag}`);
    expect(await api.listed(tag)).toHaveLength(1);
  });

  test("is shown at its field, until that is edited", async ({ page, form, expectAccessible }) => {
    await back(page).click();
    await expect(form.date).toBeFocused();
    const fields = [form.date, form.location];
    for (const [i, field] of fields.entries()) {
      await expect(field).toHaveAttribute("aria-invalid", "true");
      await expect(field).toHaveAccessibleDescription(errors[i] as string);
    }
    await expect(form.name).not.toHaveAttribute("aria-invalid");
    await expectAccessible();

    await form.name.focus();
    await form.date.fill("2031-05-08");
    await expect(form.date).not.toHaveAttribute("aria-invalid");
    await expect(form.location).toHaveAccessibleDescription(errors[1]);
  });
});
