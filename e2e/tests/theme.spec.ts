import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures.ts";

const paper = { light: "rgb(244, 246, 241)", dark: "rgb(14, 21, 18)" };

/** What is drawn, and the colour that the browser's own bar takes. */
const shown = (page: Page) =>
  page.evaluate(() => ({
    paper: getComputedStyle(document.documentElement).backgroundColor,
    scheme: getComputedStyle(document.documentElement).colorScheme,
    bar: [...document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")]
      .filter((meta) => matchMedia(meta.media).matches)
      .map((meta) => meta.content),
  }));

const light = { paper: paper.light, bar: ["#f4f6f1"] };
const dark = { paper: paper.dark, bar: ["#0e1512"] };

test.use({ colorScheme: "dark" });

test("follows the system until the reader chooses, and remembers the choice", async ({
  page,
  agenda,
  expectAccessible,
}) => {
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  expect(await shown(page)).toEqual({ ...dark, scheme: "light dark" });
  const choice = page.getByRole("group", { name: "Theme" });
  await expect(choice.getByRole("radio", { name: "System" })).toBeChecked();
  await page.emulateMedia({ colorScheme: "light" });
  expect(await shown(page)).toEqual({ ...light, scheme: "light dark" });

  await choice.getByRole("radio", { name: "System" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(choice.getByRole("radio", { name: "Dark" })).toBeChecked();
  expect(await shown(page)).toEqual({ ...dark, scheme: "dark" });
  await expectAccessible();

  await page.reload();
  await expect(choice.getByRole("radio", { name: "Dark" })).toBeChecked();
  expect(await shown(page)).toEqual({ ...dark, scheme: "dark" });
  await page.emulateMedia({ colorScheme: "dark" });
  await choice.getByRole("radio", { name: "Light" }).click();
  expect(await shown(page)).toEqual({ ...light, scheme: "light" });
  await expectAccessible();

  await choice.getByRole("radio", { name: "System" }).click();
  expect(await shown(page)).toEqual({ ...dark, scheme: "light dark" });
});

test("never flashes the other theme", async ({ page, agenda }) => {
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  await page.getByRole("radio", { name: "Light" }).click();
  // Reads the color in every frame until the app is there. The app is held until the first frame,
  // whose color the app does not choose. Not before: the stylesheet may still be loading.
  await page.addInitScript(() => {
    const frame = () => new Promise(requestAnimationFrame);
    const papers: string[] = [];
    const watch = async () => {
      do {
        await frame();
        papers.push(getComputedStyle(document.documentElement).backgroundColor);
      } while (!document.getElementById("main"));
      return papers;
    };
    const instantiate = WebAssembly.instantiateStreaming;
    const firstFrame = frame();
    WebAssembly.instantiateStreaming = async (...source) => {
      await firstFrame;
      return await instantiate(...source);
    };
    Object.assign(window, { watched: watch() });
  });
  await page.reload();
  const papers = await page.evaluate<string[]>("watched");
  expect(new Set(papers)).toEqual(new Set([paper.light]));
});
