/** A change that is lost or garbled between the page and an API that is there is neither taken for a forbidden one nor done twice. */

import type { Page } from "@playwright/test";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expect } from "../fixtures.ts";
import { breakOn, broken, test } from "../wired.ts";

test.skip(!localBuild, noLocalBuild);

test("a change that was lost is sent again, and nobody speaks of permissions", async ({
  wired,
  page,
  api,
  form,
  tag,
  allowConsoleErrors,
}) => {
  // What the page asks in order to know has no route.
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
  await expect(page.getByText(`“Lost ${tag}” was created.`)).toBeVisible();
  expect(await api.listed(tag)).toHaveLength(1);
});

test.describe("what the server refuses though the page found nothing wrong", () => {
  const mistakes = [
    "Date must be a day of the calendar, years 0001 to 9999.",
    "Location must not contain the control character U+0009.",
  ] as const;

  test.beforeEach(async ({ wired, form, tag, page, allowConsoleErrors }) => {
    allowConsoleErrors.push(errorStatus(400));
    await form.open();
    await form.name.fill(`Garbled ${tag}`);
    await form.date.fill("2031-05-07");
    await form.location.fill("Hall seven");
    // Page and server refuse the same: only a body that changes on its way is right here and wrong there.
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

  test("is said where the event was, and can be sent again", async ({
    wired,
    page,
    api,
    form,
    tag,
    expectAccessible,
  }) => {
    for (const mistake of mistakes) await expect(rollback(page)).toContainText(mistake);
    await expectAccessible();
    expect(await api.listed(tag)).toEqual([]);
    await back(page).click();
    await expect(form.name).toHaveValue(`Garbled ${tag}`);

    wired.fault = undefined;
    await form.create.click();
    await expect(page.getByText(`“Garbled ${tag}” was created.`)).toBeVisible();
    expect(await api.listed(tag)).toHaveLength(1);
  });

  test("stands at its field, until that is edited", async ({ page, form, expectAccessible }) => {
    await back(page).click();
    await expect(form.date).toBeFocused();
    const fields = [form.date, form.location];
    for (const [i, field] of fields.entries()) {
      await expect(field).toHaveAttribute("aria-invalid", "true");
      await expect(field).toHaveAccessibleDescription(mistakes[i] as string);
    }
    await expect(form.name).not.toHaveAttribute("aria-invalid");
    await expectAccessible();

    await form.name.focus();
    await form.date.fill("2031-05-08");
    await expect(form.date).not.toHaveAttribute("aria-invalid");
    await expect(form.location).toHaveAccessibleDescription(mistakes[1]);
  });
});
