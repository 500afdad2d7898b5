import { expect, localToday, test } from "../fixtures.ts";

for (const [device, viewport, hasFont] of [
  ["a wide screen", { width: 1280, height: 800 }, true],
  ["the narrowest phone", { width: 320, height: 640 }, true],
  ["the narrowest phone, whose font does not load", { width: 320, height: 640 }, false],
] as const) {
  test.describe(`on ${device}`, () => {
    // A worker would have the font.
    test.use({ viewport, serviceWorkers: hasFont ? "allow" : "block" });
    test.beforeEach(async ({ page, allowConsoleErrors }) => {
      if (hasFont) return;
      allowConsoleErrors.push(/ERR_FAILED/);
      await page.route("**/*.woff2", (font) => font.abort());
    });

    test("every page is accessible", async ({
      page,
      api,
      tag,
      agenda,
      form,
      expectAccessible,
      expectFits,
    }) => {
      // A font changes sizes alone: the narrowest phone with its font has the rest.
      const check = hasFont ? expectAccessible : expectFits;
      // Long words must not make anything wider than the window.
      const name = `${tag} ${"Donaudampfschifffahrtsgesellschaft".repeat(3)}`;
      const today = await localToday(page);
      const { id } = await api.create({
        name,
        date: today,
        time: "19:30",
        location: "Rue ".repeat(40),
        description: `https://example.com/${"x".repeat(300)}\nمرحبا`,
      });
      const undated = await api.create({ name: `${tag} undated` });

      await agenda.open();
      await expect(agenda.event(name)).toBeVisible();
      await check();
      await agenda.askToDelete(name);
      await expect(agenda.dialog).toBeVisible();
      await check();
      await agenda.open();
      for (const part of ["Past", "No date yet"] as const) {
        await agenda.tab(part).click();
        await agenda.showAll();
        await check();
      }
      await expect(agenda.event(undated.name)).toBeVisible();
      await form.open();
      await check();
      await form.time.fill("19:30");
      await form.create.click();
      await expect(form.name).toBeFocused();
      await check();
      await page.goto(`/events/${id}`);
      await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
      await check();
      await page.goto("/nowhere");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
      await check();
    });
  });
}

test("the keyboard finds the content at once", async ({ page, agenda }) => {
  await agenda.open();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
