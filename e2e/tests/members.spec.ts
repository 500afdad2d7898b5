/** A stage on which everything needs a sign-in. */

import { localBuild, noLocalBuild } from "../environment.ts";
import { expect, test } from "../sign-in.ts";

test.skip(!localBuild, noLocalBuild);
test.use({ access: "members" });

test("nothing is read before the sign-in, and all of it afterwards", async ({
  page,
  run,
  api,
  account,
  tag,
  expectAccessible,
}) => {
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2031-05-07" });
  const calls = (await run.record()).length;
  for (const address of ["/", "/calendar?month=2031-05", `/events/${id}`]) {
    await page.goto(address);
    await expect(page.getByText("You are not signed in")).toBeVisible();
    await expectAccessible();
  }
  // No call is made that would be refused.
  expect(await run.record()).toHaveLength(calls);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await account.answer();
  await expect(page).toHaveURL(`${run.site}/events/${id}`);
  await expect(page.getByRole("heading", { level: 1, name: `Choir ${tag}` })).toBeVisible();
});

test("a token is renewed once for calls that wait for it together", async ({
  page,
  run,
  account,
}) => {
  await page.goto("/");
  await account.enter();
  await expect(page.getByText("No upcoming events")).toBeVisible();
  // It is about to end.
  await page.evaluate(() => {
    const account = JSON.parse(sessionStorage.getItem("account") ?? "");
    sessionStorage.setItem("account", JSON.stringify({ ...account, expires: Date.now() }));
  });
  const renewals: string[] = [];
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/token$/, async (route) => {
    renewals.push(route.request().postData() ?? "");
    await held;
    await route.continue();
  });
  await page.reload();
  await expect.poll(() => renewals.length).toBe(1);
  await page.getByRole("link", { name: "Calendar" }).click();
  await expect(page.getByText("Loading events…")).toBeVisible();
  answer();
  await expect(page.getByText("No events this month")).toBeVisible();
  await page.locator(".wordmark").click();
  await expect(page.getByText("No upcoming events")).toBeVisible();
  expect(renewals).toHaveLength(1);
  const tokens = (await run.record()).map(({ request }) => request.headers.authorization?.[0]);
  expect(new Set(tokens.filter(Boolean)).size).toBe(2);
});

test("what was for members is gone after the sign-out, in other tabs too", async ({
  page,
  context,
  api,
  account,
  tag,
}) => {
  await api.create({ name: `Choir ${tag}`, date: "2031-05-07" });
  await page.goto("/");
  await account.enter();
  const choir = page.getByRole("link", { name: `Choir ${tag}` });
  await expect(choir).toBeVisible();
  const other = await context.newPage();
  await other.goto("/");
  await other.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("link", { name: `Choir ${tag}` })).toBeVisible();
  await account.signOut.click();
  await expect(account.signIn).toBeVisible();
  await expect(other.getByText("You are not signed in")).toBeVisible();
  expect(await other.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(tag);
  await expect(choir).toHaveCount(0);
});

test("there is no feed, and the page says why", async ({ page, expectAccessible }) => {
  await page.goto("/");
  await page.getByText("Subscribe", { exact: true }).click();
  await expect(page.getByText("a calendar cannot sign in: there is no feed")).toBeVisible();
  await expectAccessible();
});
