/** What every test gets: see `Fixtures`. */

import { randomUUID } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import {
  test as base,
  type ConsoleMessage,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import { Api } from "./api.ts";

interface Fixtures {
  /** The real API. What a test makes with it is deleted after the test. */
  api: Api;
  /** A word that only this test uses: names that hold it are its own, so tests run side by side. */
  tag: string;
  agenda: AgendaPage;
  form: NewEventForm;
  /** Checks the page as it stands against WCAG 2.2 AA, in both themes, and that nothing of it is wider than it is. */
  expectAccessible: () => Promise<void>;
  /** The console errors that a test brings about on purpose; any other fails the test. */
  allowConsoleErrors: RegExp[];
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern.
  api: async ({}, use) => {
    const api = new Api();
    await use(api);
    await api.deleteAll();
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above.
  tag: async ({}, use) => {
    await use(randomUUID().slice(0, 8));
  },

  agenda: async ({ page }, use) => {
    await use(new AgendaPage(page));
  },

  form: async ({ page }, use) => {
    await use(new NewEventForm(page));
  },

  expectAccessible: async ({ page }, use) => {
    await use(async () => {
      await page.evaluate(drawAll);
      const before = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
      for (const colorScheme of before ? themes : themes.toReversed()) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(colorsSettled);
        const { violations } = await new AxeBuilder({ page }).withTags(wcag).analyze();
        expect(violations, colorScheme).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    });
  },

  allowConsoleErrors: [
    async ({ page }, use) => {
      const allowed: RegExp[] = [];
      const errors: string[] = [];
      page.on("console", (message: ConsoleMessage) => {
        if (message.type() === "error") errors.push(message.text());
      });
      page.on("pageerror", (error) => errors.push(`${error}`));
      await use(allowed);
      expect(errors.filter((error) => !allowed.some((pattern) => pattern.test(error)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

const themes = ["light", "dark"] as const;

const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is out of sight has the size that it will have: rows of a day that is not drawn lie upon the next day. */
function drawAll(): void {
  const style = new CSSStyleSheet();
  style.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [style];
}

/** Until no colour is on its way to that of another theme. Runs in the page. */
async function colorsSettled(): Promise<void> {
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map(({ finished }) => finished));
}

/** Chromium's words for an answer that is an error by its status. */
export const errorStatus = (status: number) => new RegExp(`status of ${status} `);
/** Chromium's words for a network that is gone. */
export const offline = /ERR_INTERNET_DISCONNECTED/;

export class AgendaPage {
  private readonly page: Page;
  readonly heading: Locator;
  readonly showMore: Locator;
  readonly filter: Locator;
  readonly from: Locator;
  readonly to: Locator;
  readonly dialog: Locator;

  constructor(page: Page) {
    this.page = page;
    this.heading = page.getByRole("heading", { level: 1, name: "Agenda", exact: true });
    this.showMore = page.getByRole("button", { name: "Show more events" });
    this.filter = page.getByRole("searchbox", { name: "Filter" });
    this.from = page.getByLabel("From");
    this.to = page.getByLabel("To", { exact: true });
    this.dialog = page.getByRole("dialog");
  }

  /** Opens the agenda with every page of the list: events of other tests may stand before ours. */
  async open(address = "/"): Promise<void> {
    await this.page.goto(address);
    await this.showAll();
  }

  /** One of the parts of the agenda. */
  tab(name: "Upcoming" | "Past" | "No date yet"): Locator {
    return this.page.getByRole("navigation", { name: "Agenda" }).getByRole("link", { name });
  }

  async showAll(): Promise<void> {
    await expect(this.heading).toBeVisible();
    const end = this.page
      .getByRole("status")
      .filter({ hasText: /^(\d+ of )?(\d+ events?|No events)$/ });
    for (;;) {
      await expect(this.showMore.or(end).first()).toBeVisible();
      if (await end.isVisible()) return;
      // It also comes by itself, and the button goes with the last page.
      await this.showMore.click({ timeout: 5_000 }).catch(() => undefined);
    }
  }

  event(name: string): Locator {
    return this.page.getByRole("link", { name, exact: true });
  }

  /** The names of all events that hold a word, in the order of the page. */
  names(tag: string): Locator {
    return this.page.getByRole("listitem").getByRole("link").filter({ hasText: tag });
  }

  async askToDelete(name: string): Promise<void> {
    await this.page.getByRole("button", { name: `Delete ${name}`, exact: true }).click();
  }
}

export class NewEventForm {
  private readonly page: Page;
  readonly name: Locator;
  readonly date: Locator;
  readonly time: Locator;
  readonly location: Locator;
  readonly description: Locator;
  readonly create: Locator;

  constructor(page: Page) {
    this.page = page;
    this.name = page.getByRole("textbox", { name: "Name" });
    this.date = page.getByLabel("Date");
    this.time = page.getByLabel("Time");
    this.location = page.getByRole("textbox", { name: "Location" });
    this.description = page.getByRole("textbox", { name: "Description" });
    this.create = page.getByRole("button", { name: "Create event" });
  }

  async open(): Promise<void> {
    await this.page.goto("/new");
    await expect(this.name).toBeVisible();
  }
}

/** The id of the event whose page is open. */
export async function openEventId(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/events\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname.slice("/events/".length);
}
