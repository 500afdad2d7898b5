/** A browser as a person uses it: by roles, names and keys, in every engine alike. */

import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import {
  Builder,
  Capabilities,
  error as errors,
  type WebDriver,
  type WebElement,
} from "selenium-webdriver";
import logInspector from "selenium-webdriver/bidi/logInspector.js";
import { freePorts } from "../local-run.ts";
import type { Engine } from "./engines.ts";
import { Group } from "./group.ts";

/** Where elements of a role may be: the engine itself says which of them have it. */
const CANDIDATES = {
  alert: "[role=alert]",
  button: "button",
  columnheader: "[role=columnheader], th",
  dialog: "dialog",
  grid: "[role=grid], table",
  gridcell: "[role=gridcell], td",
  heading: "h1, h2, h3",
  link: "a[href]",
  navigation: "nav",
  region: "section",
  searchbox: "[type=search]",
  status: "[role=status], output",
  textbox: "input, textarea",
};

export type Role = keyof typeof CANDIDATES;

/** What has this role and this name, perhaps in something else. */
export type Target = readonly [role: Role, name?: string | RegExp, within?: Target];

/** Longer than anything ever takes, also on a busy machine. */
const PATIENCE = 15_000;

export class Browser {
  static async start(engine: Engine, headless: boolean): Promise<Browser> {
    const groups: Group[] = [];
    const stop = async () => {
      for (const group of groups.toReversed()) await group.stop();
    };
    try {
      const env: Record<string, string> = { LC_ALL: "en_US.UTF-8", LANGUAGE: "en_US" };
      if (headless && engine.display) {
        const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
        const server = await Group.start(engine.display, args);
        groups.push(server);
        const [display] = await once(server.third, "data");
        env.DISPLAY = `:${`${display}`.trim()}`;
      }
      const { web: port } = await freePorts();
      const group = await Group.start(engine.driver, engine.args(port), env);
      groups.push(group);
      const url = `http://127.0.0.1:${port}`;
      await listens(url, group);
      const capabilities = new Capabilities({ ...engine.capabilities(headless) });
      const driver = await new Builder()
        .disableEnvironmentOverrides()
        .usingServer(url)
        .withCapabilities(capabilities)
        .build();
      await driver.manage().window().setRect({ x: 0, y: 0, width: 1280, height: 1000 });
      const browser = new Browser(driver, async () => {
        await driver.quit();
        await stop();
      });
      if (engine.tellsErrors) {
        const inspector = await logInspector(driver);
        await inspector.onLog(({ level, text }) => {
          if (level === "error") browser.errors.push(`${text}`);
        });
      }
      return browser;
    } catch (error) {
      const logs = groups.map(({ log }) => log).join("\n");
      await stop();
      throw new Error(`${engine.driver} starts no browser:\n${logs}`, { cause: error });
    }
  }

  /** The errors in the console so far. */
  readonly errors: string[] = [];
  readonly driver: WebDriver;
  readonly stop: () => Promise<void>;

  private constructor(driver: WebDriver, stop: () => Promise<void>) {
    this.driver = driver;
    this.stop = stop;
  }

  async open(url: string): Promise<void> {
    await this.driver.get(url);
  }

  /** All of these that are to be seen now. */
  async all(...[role, name, within]: Target): Promise<WebElement[]> {
    const [root] = within ? await this.all(...within) : [null];
    if (root === undefined) return [];
    // Null while another page comes.
    const candidates = await this.driver.executeScript<WebElement[] | null>(
      visible,
      root,
      CANDIDATES[role],
    );
    const found: WebElement[] = [];
    for (const element of candidates ?? []) {
      const its = name === undefined || matches(await element.getAccessibleName(), name);
      if (its && (await element.getAriaRole()) === role) found.push(element);
    }
    return found;
  }

  /** Waits until the one that is to be seen is there. */
  async find(...target: Target): Promise<WebElement> {
    let found: WebElement[] = [];
    await this.until(`one ${describe(target)}`, async () => {
      found = await this.all(...target);
      return found.length === 1;
    });
    return found[0] as WebElement;
  }

  /** Waits until none of these is to be seen. */
  async gone(...target: Target): Promise<void> {
    await this.until(
      `no ${describe(target)}`,
      async () => (await this.all(...target)).length === 0,
    );
  }

  async click(...target: Target): Promise<void> {
    await (await this.find(...target)).click();
  }

  /** Presses keys one after the other, where the focus is. */
  async type(...keys: string[]): Promise<void> {
    await this.driver
      .actions()
      .sendKeys(...keys)
      .perform();
  }

  /** Presses a key while another is held. */
  async chord(held: string, key: string): Promise<void> {
    await this.driver.actions().keyDown(held).sendKeys(key).keyUp(held).perform();
  }

  /** Waits until what has the focus has this role and this name. */
  async focused(role: Role, name: string | RegExp): Promise<void> {
    await this.until(`the focus on ${describe([role, name])}`, async () => {
      const element = this.driver.switchTo().activeElement();
      const its = [await element.getAriaRole(), await element.getAccessibleName()] as const;
      return its[0] === role && matches(its[1], name);
    });
  }

  /** Waits until the page shows this text. */
  async shows(text: string): Promise<void> {
    await this.until(`the text “${text}”`, async () => (await this.text()).includes(text));
  }

  /** The text that the page shows; none while another page comes. */
  async text(): Promise<string> {
    const text = await this.driver.executeScript<string | null>("return document.body?.innerText");
    return text ?? "";
  }

  /** Waits for a condition; an element that the page replaces meanwhile is looked for again. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const isSo = async () => {
      try {
        return await condition();
      } catch (error) {
        const { NoSuchElementError, StaleElementReferenceError } = errors;
        if (error instanceof NoSuchElementError) return false;
        if (error instanceof StaleElementReferenceError) return false;
        throw error;
      }
    };
    try {
      await this.driver.wait(isSo, PATIENCE, undefined, 50);
    } catch (error) {
      if (!(error instanceof errors.TimeoutError)) throw error;
      const url = await this.driver.getCurrentUrl();
      throw new Error(`there is not ${what} at ${url}, which shows:\n${await this.text()}`);
    }
  }
}

/** Runs in the page. */
function visible(root: Element | null, selector: string): Element[] {
  return [...(root ?? document).querySelectorAll(selector)].filter((element) =>
    element.checkVisibility({ visibilityProperty: true }),
  );
}

const matches = (text: string, wanted: string | RegExp) =>
  typeof wanted === "string" ? text === wanted : wanted.test(text);

const describe = ([role, name, within]: Target): string =>
  `${role} ${name ?? ""}${within ? ` in ${describe(within)}` : ""}`;

/** Waits until a driver takes calls. */
async function listens(url: string, group: Group): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end && !group.hasEnded; ) {
    const answered = await fetch(`${url}/status`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await setTimeout(20);
  }
  throw new Error("the driver does not listen");
}
