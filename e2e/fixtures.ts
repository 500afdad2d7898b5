/** What every test gets: see `Fixtures`. */

import { randomUUID } from "node:crypto";
import {
  test as base,
  type ConsoleMessage,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import axe from "axe-core";
import { Api, type NewEvent } from "./api.ts";
import { Assembly, freePorts } from "./local-run.ts";

interface Fixtures {
  /** The real API. What a test makes with it is deleted after the test. */
  api: Api;
  /** A word that only this test uses: names that hold it are its own, so tests run side by side. */
  tag: string;
  agenda: AgendaPage;
  form: NewEventForm;
  /**
   * Checks the page as it is now against WCAG 2.2 AA, in both themes, and that nothing of it is
   * wider than the window.
   */
  expectAccessible: () => Promise<void>;
  /** Checks what of it depends on the layout alone: the size of targets, and the width. */
  expectFits: () => Promise<void>;
  /** The console errors that a test causes on purpose; any other fails the test. */
  allowConsoleErrors: RegExp[];
}

interface WorkerFixtures {
  /**
   * The stack of the stage `local`, with free ports of this machine. Synthesizing takes seconds,
   * so there is one for all tests of a worker, which run one after the other: each starts a local
   * run of its own from it, and stops that run at its end.
   */
  assembly: Assembly;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  assembly: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from it.
    async ({}, use) => {
      const assembly = await Assembly.synthesize(await freePorts());
      await use(assembly);
      await assembly.delete();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: as above.
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
      const isDark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
      const [now, other] = isDark ? (["dark", "light"] as const) : (["light", "dark"] as const);
      // The other theme changes nothing but colors.
      for (const [colorScheme, run] of [
        [other, colorRules],
        [now, wcag],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(colorsSettled);
        expect(await violations(page, run), colorScheme).toEqual([]);
      }
      expect(await overflow(page)).toBe(0);
    });
  },

  expectFits: async ({ page }, use) => {
    await use(async () => {
      await page.evaluate(drawAll);
      expect(await violations(page, layoutRules)).toEqual([]);
      expect(await overflow(page)).toBe(0);
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

const wcag: axe.RunOnly = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
/** The rules of `wcag` whose result depends on colors. */
const colorRules: axe.RunOnly = { type: "rule", values: ["color-contrast", "link-in-text-block"] };
/** The rules of `wcag` whose result depends on sizes. */
const layoutRules: axe.RunOnly = { type: "rule", values: ["target-size"] };

async function violations(page: Page, runOnly: axe.RunOnly): Promise<axe.Result[]> {
  const isLoaded = await page.evaluate(() => "axe" in window);
  if (!isLoaded) await page.evaluate(axe.source);
  return await page.evaluate(async (runOnly) => {
    const { run } = Reflect.get(window, "axe") as typeof axe;
    return (await run({ runOnly, resultTypes: ["violations"] })).violations;
  }, runOnly);
}

/** By how many pixels the page is wider than the window. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/**
 * Has everything laid out: what is out of sight would have an estimated size, and the rows of a day
 * would lie upon the next day. Runs in the page.
 */
function drawAll(): void {
  const style = new CSSStyleSheet();
  style.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [style];
}

/** Waits until no color changes any more after a switch of the theme. Runs in the page. */
async function colorsSettled(): Promise<void> {
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map(({ finished }) => finished));
}

/** Chromium's message about a response whose status is an error. */
export const errorStatus = (status: number) => new RegExp(`status of ${status} `);
/** Chromium's message without a network. */
export const offline = /ERR_INTERNET_DISCONNECTED/;

/** The date of the reader's today, `YYYY-MM-DD`. */
export const localToday = (page: Page) =>
  page.evaluate(() => new Date().toLocaleDateString("sv-SE"));

/** Waits until the worker has kept a whole shell and controls this page. */
export async function shellKept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { serviceWorker } = navigator;
    if (!serviceWorker.controller) {
      await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve));
    }
    const { active } = await serviceWorker.ready;
    if (active && active.state !== "activated") {
      await new Promise((resolve) => active.addEventListener("statechange", resolve));
    }
  });
}

/** The page says that it created the event. */
export const expectCreated = (page: Page, name: string) =>
  expect(page.getByText(`“${name}” was created.`)).toBeVisible();

/** The page says that it deleted the event. */
export const expectDeleted = (page: Page, name: string) =>
  expect(page.getByRole("status").filter({ hasText: `“${name}” was deleted.` })).toBeVisible();

/** A page has this heading: its content is there. */
export const pageHeading = (page: Page, name: string | RegExp) =>
  page.getByRole("heading", { level: 1, name });

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

  /** Presses the dialog's button to delete. */
  async confirm(): Promise<void> {
    await this.dialog.getByRole("button", { name: "Delete event" }).click();
  }

  async delete(name: string): Promise<void> {
    await this.askToDelete(name);
    await this.confirm();
  }
}

export class NewEventForm {
  private readonly page: Page;
  readonly name: Locator;
  readonly date: Locator;
  readonly time: Locator;
  readonly endTime: Locator;
  readonly location: Locator;
  readonly description: Locator;
  readonly create: Locator;

  constructor(page: Page) {
    this.page = page;
    this.name = page.getByRole("textbox", { name: "Name" });
    this.date = page.getByLabel("Date");
    this.time = page.getByLabel(/^Time/);
    this.endTime = page.getByLabel("End time");
    this.location = page.getByRole("textbox", { name: "Location" });
    this.description = page.getByRole("textbox", { name: "Description" });
    this.create = page.getByRole("button", { name: "Create event" });
  }

  async open(): Promise<void> {
    await this.page.goto("/new");
    await expect(this.name).toBeVisible();
  }

  async fill(event: Partial<NewEvent>): Promise<void> {
    for (const field of ["name", "date", "time", "endTime", "location", "description"] as const) {
      const value = event[field];
      if (value !== undefined) await this[field].fill(value);
    }
  }

  /** Fills the form that is open and sends it. */
  async send(event: Partial<NewEvent>): Promise<void> {
    await this.fill(event);
    await this.create.click();
  }
}

/** The id of the event whose page is open. */
export async function openEventId(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/events\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname.slice("/events/".length);
}
