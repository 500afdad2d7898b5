/** The page before the app runs, and when it cannot run; and what it downloads. */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, get as httpGet, type IncomingMessage, type Server } from "node:http";
import { get as httpsGet } from "node:https";
import type { AddressInfo } from "node:net";
import { readAppName } from "../../infra/lib/app-name.ts";
import { apiOrigin, webOrigin } from "../environment.ts";
import { errorStatus, expect, test } from "../fixtures.ts";
import { downloads, FIRST_LOAD_MAX, filesOf, firstLoad, isRelease, kindOf } from "../size.ts";

test("says what it needs where there is no JavaScript", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: webOrigin });
  const page = await context.newPage();
  await page.goto("/");
  // Playwright's text locators ignore what is inside of it.
  const message = page.locator("noscript p");
  await expect(message).toBeVisible();
  await expect(message).toContainText("This page needs JavaScript and WebAssembly.");
  await expect(page.getByRole("link", { name: readAppName().title, exact: true })).toBeVisible();
  await context.close();
});

/** The site as it is, headers too, but for the files whose names match. */
async function siteWithout(pattern: RegExp): Promise<Server> {
  const site = createServer(async (request, response) => {
    const path = request.url ?? "/";
    if (pattern.test(path)) {
      response.writeHead(404).end();
      return;
    }
    const file = await fetch(`${webOrigin}${path}`);
    for (const name of ["content-type", "content-security-policy"]) {
      response.setHeader(name, file.headers.get(name) ?? "");
    }
    response.end(Buffer.from(await file.arrayBuffer()));
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  return site;
}

for (const [what, pattern] of [
  ["the WebAssembly", /\.wasm$/],
  ["its script", /frontend-\w+\.js$/],
  ["the script that starts it", /boot-\w+\.js$/],
] as const) {
  test(`says so when ${what} does not come`, async ({
    page,
    allowConsoleErrors,
    expectAccessible,
  }) => {
    allowConsoleErrors.push(errorStatus(404), /wasm|WebAssembly|fetch|MIME/i);
    const site = await siteWithout(pattern);
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await expect(page.getByRole("alert")).toContainText("This page could not start");
    await expect(page.getByRole("link", { name: "Reload the page" })).toBeVisible();
    await expectAccessible();
    site.close();
    site.closeAllConnections();
  });
}

for (const lacking of [
  "AbortSignal.timeout",
  "HTMLDialogElement.prototype.showModal",
  "Intl.RelativeTimeFormat",
  "WebAssembly",
  "WebAssembly.instantiate",
]) {
  test(`a browser without ${lacking} is told`, async ({ page, allowConsoleErrors }) => {
    allowConsoleErrors.push(/WebAssembly|wasm|not defined|undefined/i);
    await page.addInitScript(`delete ${lacking}`);
    await page.goto("/");
    await expect(page.getByRole("alert")).toContainText("this browser is too old");
    await expect(page.getByRole("link", { name: "Reload the page" })).toBeVisible();
  });
}

test("an app that fails after it began says so, and an extension is not it", async ({
  page,
  agenda,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(/of an extension/);
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  const broken = page.getByText("Something went wrong on this page.");
  await page.evaluate(() => {
    const error = new Error("of an extension");
    error.stack = "Error: of an extension\n    at chrome-extension://abc/content.js:1:1";
    dispatchEvent(new ErrorEvent("error", { error }));
    const reason = error;
    const promise = Promise.resolve();
    dispatchEvent(new PromiseRejectionEvent("unhandledrejection", { promise, reason }));
  });
  await expect(broken).toBeHidden();
  await page.evaluate((origin) => {
    const error = new Error("ours");
    error.stack = `Error: ours\n    at ${origin}/frontend.js:1:1`;
    dispatchEvent(new ErrorEvent("error", { error }));
  }, webOrigin);
  await expect(broken).toBeVisible();
});

test("nothing moves while it loads, and no other origin is called", async ({
  page,
  api,
  tag,
  agenda,
  form,
}) => {
  // On a day of its own: a list that goes on moves when more of it is asked for.
  const day = "1802-03-04";
  await api.create({ name: `${tag} event`, date: day, time: "19:30" });
  const origins = new Set<string>();
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Shift[]) {
        for (const { node, previousRect, currentRect } of entry.sources) {
          const what = node?.parentElement?.outerHTML.slice(0, 120);
          shifts.push(`${what} ${JSON.stringify([previousRect, currentRect])}`);
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const expectStill = async () =>
    expect(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts)).toEqual(
      [],
    );

  await agenda.open(`/?from=${day}&to=${day}`);
  await expect(agenda.event(`${tag} event`)).toBeVisible();
  await expectStill();
  await agenda.event(`${tag} event`).click();
  await expect(page.getByRole("heading", { level: 1, name: `${tag} event` })).toBeVisible();
  await expectStill();
  await form.open();
  await form.create.click();
  await expect(page.getByText("Name must not be empty.")).toBeVisible();
  await expectStill();
  expect([...origins].filter((origin) => ![webOrigin, apiOrigin].includes(origin))).toEqual([]);
});

interface Shift {
  readonly sources: readonly {
    readonly node?: Node;
    readonly previousRect: DOMRect;
    readonly currentRect: DOMRect;
  }[];
}

test("the first load is no larger than it may be", async () => {
  test.skip(!(await isRelease(webOrigin)), "a debug build is not for downloading");
  const { total, files } = await firstLoad(webOrigin);
  expect(total.brotli, JSON.stringify(files, null, 1)).toBeLessThanOrEqual(FIRST_LOAD_MAX);
});

test("what is counted as the first load is what a browser asks for", async ({ page, agenda }) => {
  const files = await filesOf(webOrigin);
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  const asked = (await downloads(page)).map(({ path }) => path);
  const isCounted = (path: string) => ["html", "css", "js", "wasm"].includes(kindOf(path));
  expect(asked.filter(isCounted).toSorted()).toEqual(files.map(({ path }) => path).toSorted());
});

test("the site sends Brotli to a browser that takes it", async () => {
  for (const { path, content } of await filesOf(webOrigin)) {
    const raw = content.length;
    const sent = await sizeSent(`${webOrigin}/${path}`);
    // CloudFront leaves small files as they are.
    if (raw < 1_000) expect(sent, path).toEqual({ encoding: undefined, bytes: raw });
    else expect(sent.encoding, path).toBe("br");
    expect(sent.bytes, path).toBeLessThanOrEqual(raw);
  }
});

/** `fetch` would decode it. */
async function sizeSent(url: string): Promise<{ encoding: string | undefined; bytes: number }> {
  const get = url.startsWith("https:") ? httpsGet : httpGet;
  const request = get(url, { headers: { "accept-encoding": "gzip, deflate, br, zstd" } });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const bytes = (await response.toArray()).reduce((sum, chunk) => sum + chunk.length, 0);
  return { encoding: response.headers["content-encoding"], bytes };
}

test("every file of the page has the hash that the page names", async () => {
  const html = await (await fetch(webOrigin)).text();
  const marked = [...html.matchAll(/(?:href|src)="?([^" >]+)"?[^>]*integrity="?(sha384-[^" >]+)/g)];
  expect(marked.length).toBeGreaterThan(2);
  for (const [, path, integrity] of marked) {
    const bytes = Buffer.from(await (await fetch(`${webOrigin}${path}`)).arrayBuffer());
    expect(`sha384-${createHash("sha384").update(bytes).digest("base64")}`).toBe(integrity);
  }
});
