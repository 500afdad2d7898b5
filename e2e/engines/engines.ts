/**
 * The engines beside Chromium, where they are on this machine, and how each is driven. `cargo xtask
 * test` installs them where it can.
 */

import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

export const ENGINES = ["Firefox", "WebKit"] as const;
export type EngineName = (typeof ENGINES)[number];

/** An engine that is here. */
export interface Engine {
  /** The program that drives it by WebDriver, and how it is told where to listen. */
  readonly driver: string;
  readonly args: (port: number) => readonly string[];
  /** What a session asks for. Each speaks English of the United States, with its dates. */
  readonly capabilities: (headless: boolean) => Readonly<Record<string, unknown>>;
  /** The X server that it draws on when nobody watches: without one it shows nothing at all. */
  readonly display?: string;
  /** Whether its driver tells of errors in the console. */
  readonly tellsErrors: boolean;
}

/** The engine, or what is missing of it and how to get that. */
export function find(name: EngineName): Engine | string {
  return { Firefox: firefox, WebKit: webkit }[name]();
}

function firefox(): Engine | string {
  const application = "/Applications/Firefox.app/Contents/MacOS/firefox";
  const browser = which("firefox-esr") ?? which("firefox") ?? which(application);
  const driver = which("geckodriver");
  if (!browser) return missing("firefox", "firefox-esr");
  if (!driver) return `there is no geckodriver; install it: cargo install --locked geckodriver`;
  if (isSnap(browser)) return `${browser} is a snap, which cannot be driven; install it otherwise`;
  return {
    driver,
    // Port 0 is any free one.
    args: (port) => ["--port", `${port}`, "--websocket-port", "0"],
    capabilities: (headless) => ({
      browserName: "firefox",
      webSocketUrl: true,
      "moz:firefoxOptions": {
        binary: browser,
        args: headless ? ["-headless"] : [],
        prefs: { "intl.accept_languages": "en-US", "intl.locale.requested": "en-US" },
      },
    }),
    tellsErrors: true,
  };
}

function webkit(): Engine | string {
  const driver = which("WebKitWebDriver");
  const browser = miniBrowser();
  const display = which("Xvfb");
  if (!driver || !browser) return missing("WebKitWebDriver", "webkit2gtk-driver xvfb");
  if (!display) return missing("Xvfb", "xvfb");
  return {
    driver,
    args: (port) => [`--port=${port}`],
    capabilities: () => ({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
    }),
    display,
    tellsErrors: false,
  };
}

/** A browser that WebKitGTK brings, beside its library. */
function miniBrowser(): string | undefined {
  for (const root of ["/usr/lib", "/usr/libexec"]) {
    for (const folder of [root, ...folders(root, /-linux-gnu/)]) {
      for (const library of folders(folder, /^webkit(2gtk|gtk)-/)) {
        const browser = which(join(library, "MiniBrowser"));
        if (browser) return browser;
      }
    }
  }
  return undefined;
}

function folders(parent: string, name: RegExp): string[] {
  try {
    const names = readdirSync(parent).filter((one) => name.test(one));
    return names.map((one) => join(parent, one));
  } catch {
    return [];
  }
}

const missing = (program: string, packages: string) =>
  `there is no ${program}; install it, on Debian: sudo apt-get install ${packages}`;

/** Where a program is, by its name or its path. */
function which(program: string): string | undefined {
  const folders = program.includes("/") ? [""] : (process.env.PATH ?? "").split(delimiter);
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Ubuntu's `firefox` is a script that starts a snap, which sees no profile but its own. */
const isSnap = (program: string) =>
  program.startsWith("/snap/") || readFileSync(program).subarray(0, 4096).includes("/snap/");
