/** Signing in and out in the page, at a certified provider, and what may go wrong with it. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expectCreated, expectDeleted, pageHeading } from "../fixtures.ts";
import type { LocalRun } from "../local-run.ts";
import { Provider } from "../provider.ts";
import { Account, expect, kept, test } from "../sign-in.ts";
import { storeAll } from "../table.ts";

test.skip(!localBuild, noLocalBuild);

const posts = async (run: LocalRun) =>
  (await run.record()).filter(({ request }) => request.method === "POST");

test("a person signs in, creates, deletes and signs out", async ({
  page,
  run,
  account,
  agenda,
  form,
  tag,
  expectAccessible,
}) => {
  await page.goto("/");
  await expect(account.signIn).toBeVisible();
  await expectAccessible();
  await account.enter();
  await expect(page).toHaveURL(`${run.site}/`);
  await expect(page.getByRole("banner")).toContainText("ada@example.org");
  await expectAccessible();

  await page.getByRole("link", { name: "New event" }).first().click();
  await form.send({ name: `Choir ${tag}`, date: "2031-05-07" });
  await expectCreated(page, `Choir ${tag}`);
  await agenda.delete(`Choir ${tag}`);
  await expectDeleted(page, `Choir ${tag}`);

  await account.signOut.click();
  await expect(account.signIn).toBeVisible();
  await expect(page).toHaveURL(`${run.site}/`);
  expect(await kept(page)).toBeNull();
  // The provider has forgotten, too: it asks again.
  await account.signIn.click();
  await expect(page.getByRole("textbox", { name: "E-mail address" })).toBeVisible();

  // The token goes to guarded routes and to no others.
  for (const { request } of await run.record()) {
    const isChange = request.method === "POST" || request.method === "DELETE";
    const { authorization = [] } = request.headers;
    expect(authorization.length, `${request.method} ${request.target}`).toBe(isChange ? 1 : 0);
  }
});

test("a draft becomes an event after the sign-in, once", async ({
  page,
  run,
  account,
  form,
  tag,
  expectAccessible,
}) => {
  await form.open();
  await form.fill({ name: `Choir ${tag}`, date: "2031-05-07", location: "Hall" });
  await expectAccessible();
  await page.getByRole("button", { name: "Sign in and create event" }).click();
  await account.answer();
  await expectCreated(page, `Choir ${tag}`);
  await expect(page.getByRole("link", { name: `Choir ${tag}` })).toBeVisible();
  expect(await posts(run)).toHaveLength(1);
});

test("a deletion goes on after the sign-in", async ({
  page,
  run,
  api,
  account,
  agenda,
  tag,
  expectAccessible,
}) => {
  await api.create({ name: `Gone ${tag}`, date: "2031-05-07" });
  await page.goto(`/?q=${tag}`);
  await agenda.askToDelete(`Gone ${tag}`);
  await expectAccessible();
  await agenda.dialog.getByRole("button", { name: "Sign in and delete event" }).click();
  await account.answer();
  await expectDeleted(page, `Gone ${tag}`);
  await expect(page).toHaveURL(`${run.site}/?q=${tag}`);
  await expect(agenda.event(`Gone ${tag}`)).toHaveCount(0);
});

test("the reader comes back to the same rows", async ({ page, run, api, account, agenda, tag }) => {
  const names = Array.from({ length: 250 }, (_, i) => `${tag} no-${i + 1}`);
  const day = (i: number) => new Date(Date.UTC(2040, 0, 2 + i / 3)).toISOString().slice(0, 10);
  await storeAll(
    run.table,
    { ...(await api.create({ name: tag, date: "2040-01-01" })), date: "2040-01-01" },
    names.map((name, i) => ({ name, date: day(i) })),
  );
  await page.goto("/?from=2040-01-01&to=2041-12-31");
  const row = agenda.event(`${tag} no-190`);
  await expect(async () => {
    await page.mouse.wheel(0, 20_000);
    await expect(row).toBeVisible({ timeout: 500 });
  }).toPass();
  await row.evaluate((row) => scrollBy(0, row.getBoundingClientRect().top - 300));
  await account.signIn.evaluate((button: HTMLElement) => button.click());
  await account.answer();
  await expect(page).toHaveURL(/from=2040-01-01&to=2041-12-31$/);
  await expect(row).toBeInViewport();
  const top = await row.evaluate((row) => row.getBoundingClientRect().top);
  expect(Math.abs(top - 300)).toBeLessThan(3);
});

test("nothing but the tab has a token", async ({ page, run, account, form, tag }) => {
  const seen: string[] = [];
  page.on("console", (message) => seen.push(message.text()));
  page.on("request", (request) => {
    if (!request.isNavigationRequest()) seen.push(request.url());
  });
  await page.goto("/");
  await account.enter();
  await form.open();
  await form.send({ name: `Choir ${tag}`, date: "2031-05-07" });
  await expectCreated(page, `Choir ${tag}`);
  const account_ = JSON.parse((await kept(page)) ?? "");
  seen.push(
    page.url(),
    await page.evaluate(() => JSON.stringify({ ...localStorage })),
    await page.evaluate(async () => {
      const texts: string[] = [];
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          texts.push(request.url, (await (await cache.match(request))?.text()) ?? "");
        }
      }
      return texts.join("\n");
    }),
    run.log(),
  );
  for (const name of ["accessToken", "refreshToken", "idToken"]) {
    const token: string = account_[name];
    expect(token.length, name).toBeGreaterThan(20);
    expect(seen.filter((text) => text.includes(token))).toEqual([]);
    expect(seen.filter((text) => text.includes(token.split(".").at(-1) ?? ""))).toEqual([]);
  }
});

test("a token that is refused leads to a sign-in, and the same key is sent again", async ({
  page,
  run,
  assembly,
  provider,
  account,
  form,
  tag,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(errorStatus(401), errorStatus(400));
  await page.goto("/");
  await account.enter();
  await provider.stop();
  // It has new keys, and knows nobody.
  const next = await Provider.start(assembly);
  try {
    await page.evaluate(() => {
      const account = JSON.parse(sessionStorage.getItem("account") ?? "");
      const [header, claims, signature] = account.accessToken.split(".");
      account.accessToken = [header, claims, signature.replace(/^./, "-")].join(".");
      sessionStorage.setItem("account", JSON.stringify(account));
    });
    await form.open();
    await form.send({ name: `Choir ${tag}`, date: "2031-05-07" });
    await expect(page.getByText("You are not signed in")).toBeVisible();
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await account.answer();
    await expectCreated(page, `Choir ${tag}`);
    const sent = await posts(run);
    expect(sent.map(({ response }) => response.status)).toEqual([401, 201]);
    expect(new Set(sent.map(({ request }) => request.headers["idempotency-key"]?.[0])).size).toBe(
      1,
    );
  } finally {
    await next.stop();
  }
});

test("signing out in one tab does so in every tab", async ({ page, context, account }) => {
  await page.goto("/");
  await account.enter();
  const other = await context.newPage();
  await other.goto("/");
  const second = new Account(other);
  // A new tab has no token. The provider knows who it is, and does not ask.
  await second.signIn.click();
  await expect(second.signOut).toBeVisible();
  await account.signOut.click();
  await expect(account.signIn).toBeVisible();
  await expect(second.signIn).toBeVisible();
  expect(await kept(other)).toBeNull();
});

test("two tabs sign in side by side", async ({ page, context, account }) => {
  const other = await context.newPage();
  const second = new Account(other);
  for (const tab of [page, other]) await tab.goto("/");
  await account.signIn.click();
  await second.signIn.click();
  await account.answer("ada@example.org");
  await second.answer("grace@example.org");
  await expect(page.getByRole("banner")).toContainText("ada@example.org");
  await expect(other.getByRole("banner")).toContainText("grace@example.org");
});

test.describe("the way back from the provider", () => {
  const refused = async (page: Page) => {
    await expect(pageHeading(page, "Not signed in")).toBeVisible();
    expect(await kept(page)).toBeNull();
    // The code is not left in the address.
    expect(new URL(page.url()).search).toBe("");
  };

  /** What the browser asks the provider for a code. */
  const tokenRequests = (page: Page) => {
    const requests: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/token")) requests.push(request.url());
    });
    return requests;
  };

  test("a forged state is refused, and its code is sent nowhere", async ({
    page,
    account,
    expectAccessible,
  }) => {
    const requests = tokenRequests(page);
    await page.goto("/");
    // Without a sign-in that was begun, and with one.
    await page.goto("/signed-in?code=forged&state=forged");
    await refused(page);
    await page.goto("/");
    await account.signIn.click();
    await expect(page.getByRole("textbox", { name: "E-mail address" })).toBeVisible();
    await page.goto("/signed-in?code=forged&state=forged");
    await refused(page);
    await expectAccessible();
    expect(requests).toEqual([]);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await account.answer();
  });

  test("a code works once", async ({ page, context, account, allowConsoleErrors }) => {
    allowConsoleErrors.push(errorStatus(400));
    let back = "";
    page.on("request", (request) => {
      if (request.url().includes("/signed-in?")) back = request.url();
    });
    await page.goto("/");
    await account.enter();
    expect(back).toContain("code=");
    // Opened twice in the tab: who is signed in stays so.
    await page.goto(back);
    await expect(pageHeading(page, "Agenda")).toBeVisible();
    await expect(account.signOut).toBeVisible();
    // In another tab.
    const other = await context.newPage();
    await other.goto(back);
    await refused(other);
  });

  test("a code of another sign-in is refused", async ({ page, account, allowConsoleErrors }) => {
    allowConsoleErrors.push(errorStatus(400));
    await page.goto("/");
    await account.signIn.click();
    const question = page.getByRole("textbox", { name: "E-mail address" });
    await expect(question).toBeVisible();
    // The right state, and a code that the provider never gave.
    await page.route(/\/token$/, async (route) => {
      const body = new URLSearchParams(route.request().postData() ?? "");
      body.set("code", "stolen");
      await route.continue({ postData: `${body}` });
    });
    await question.fill("ada@example.org");
    await page.getByRole("button", { name: "Sign in" }).click();
    await refused(page);
  });

  test("an answer that is an error says so", async ({ page, account }) => {
    await page.goto("/new");
    await account.signIn.click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await refused(page);
  });

  test("a foreign page can neither embed it nor post to it", async ({
    page,
    run,
    provider,
    allowConsoleErrors,
  }) => {
    allowConsoleErrors.push(/frame-ancestors|X-Frame-Options|status of 4\d\d/);
    const { issuer } = provider.signIn;
    const evil = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(
        `<iframe src="${run.site}/signed-in?code=a&state=b"></iframe><iframe src="${issuer}/auth">
         </iframe><form method="post" action="${run.site}/signed-in"><button>post</button></form>`,
      );
    }).listen(0, "127.0.0.1");
    await once(evil, "listening");
    try {
      await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
      for (const frame of page.frames().slice(1)) {
        expect(await frame.locator("body").innerText()).not.toContain("Sign");
      }
      const answer = page.waitForResponse((response) => response.request().method() === "POST");
      await page.getByRole("button", { name: "post" }).click();
      expect((await answer).status()).toBeGreaterThanOrEqual(400);
    } finally {
      evil.close();
    }
  });
});

test("a clock that is wrong by ten minutes does not matter", async ({
  page,
  account,
  form,
  tag,
}) => {
  for (const minutes of [-10, 10]) {
    await page.clock.install({ time: Date.now() + minutes * 60_000 });
    await page.goto("/");
    await account.enter();
    await form.open();
    await form.send({ name: `Choir ${minutes} ${tag}`, date: "2031-05-07" });
    await expectCreated(page, `Choir ${minutes} ${tag}`);
    await account.signOut.click();
    await expect(account.signIn).toBeVisible();
  }
});

test("the sign-in is offered once the site says that it has one", async ({
  page,
  account,
  agenda,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(/ERR_FAILED/);
  await page.route("**/config.json", (route) => route.abort());
  await page.goto("/");
  const again = page.getByRole("alert").getByRole("button", { name: "Try again" });
  await expect(again).toBeVisible();
  await expect(account.signIn).toHaveCount(0);
  await page.unrouteAll();
  await again.click();
  await expect(page.getByText("No upcoming events")).toBeVisible();
  await expect(account.signIn).toBeVisible();
  await expect(agenda.heading).toBeVisible();
});

test("a browser that keeps nothing says so", async ({ page, account }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "sessionStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  });
  await page.goto("/");
  await account.signIn.click();
  await expect(page.getByText("This browser keeps nothing for this site")).toBeVisible();
});

test("a provider that is down is told, before and in the middle", async ({
  page,
  assembly,
  provider,
  account,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(/ERR_CONNECTION_REFUSED/);
  await page.goto("/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Choir");
  await account.signIn.click();
  const question = page.getByRole("textbox", { name: "E-mail address" });
  await question.fill("ada@example.org");
  await page.route(/\/token$/, async (route) => {
    await provider.stop();
    await route.continue();
  });
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(pageHeading(page, "Not signed in")).toBeVisible();
  await page.unrouteAll();
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The sign-in service could not be reached")).toBeVisible();

  const next = await Provider.start(assembly);
  try {
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await account.answer();
    await page.goto("/new");
    await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Choir");
  } finally {
    await next.stop();
  }
});
