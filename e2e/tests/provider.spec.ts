/** The pages of the local sign-in provider, in a browser. */

import type { Page } from "@playwright/test";
import {
  authorizationUrl,
  type Client,
  discover,
  random,
  signIn,
} from "../../infra/sign-in-local/client.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expect } from "../fixtures.ts";
import { test } from "../sign-in.ts";

test.skip(!localBuild, noLocalBuild);

const EMAIL = "ada@example.org";

/** Goes to the provider, as the page sends a browser there. */
async function open(page: Page, client: Client): Promise<void> {
  await page.goto(await authorizationUrl(client, random(), random()));
}

/** Says who one is. */
async function answer(page: Page, site: string, email = EMAIL) {
  await page.getByRole("textbox", { name: "E-mail address" }).fill(email);
  const button = page.getByRole("button", { name: "Sign in" });
  return await comesBack(page, site, () => button.click());
}

/** The browser comes back to the page, with these parameters. */
async function comesBack(page: Page, site: string, press: () => Promise<void>) {
  const back = page.waitForRequest((request) => request.url().startsWith(`${site}/signed-in?`));
  await press();
  return new URL((await back).url()).searchParams;
}

test("one types in any address, by keyboard alone", async ({
  page,
  run,
  client,
  expectAccessible,
}) => {
  await open(page, client);
  await expect(page).toHaveTitle("Sign in · development accounts");
  const email = page.getByRole("textbox", { name: "E-mail address" });
  await expect(email).toBeFocused();
  await expect(email).toHaveAccessibleDescription(/development account on this computer/);
  await expectAccessible();
  await page.keyboard.type(EMAIL);
  const back = await comesBack(page, run.site, () => page.keyboard.press("Enter"));
  expect(back.get("code")).toBeTruthy();
  expect(back.get("iss")).toBe(client.issuer);
});

test("what is no address is told, and the next one is taken", async ({
  page,
  run,
  client,
  expectAccessible,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(errorStatus(400));
  await open(page, client);
  const email = page.getByRole("textbox", { name: "E-mail address" });
  // Past the browser's own check.
  await page.locator("form").evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
  });
  await email.fill("ada");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("That is no e-mail address.");
  await expect(email).toHaveValue("ada");
  await expectAccessible();
  expect((await answer(page, run.site)).get("code")).toBeTruthy();
});

test("Cancel leads back", async ({ page, run, client }) => {
  await open(page, client);
  const cancel = page.getByRole("button", { name: "Cancel" });
  const back = await comesBack(page, run.site, () => cancel.click());
  expect(back.get("error")).toBe("access_denied");
});

test("signing out takes no press with an ID token, and one without", async ({
  page,
  run,
  client,
  expectAccessible,
}) => {
  const { end_session_endpoint } = await discover(client.issuer);
  const { id_token } = await signIn(client, EMAIL);
  const out = (hint: Record<string, string>) =>
    `${end_session_endpoint}?${new URLSearchParams({
      ...hint,
      client_id: client.clientId,
      post_logout_redirect_uri: `${run.site}/`,
    })}`;
  for (const hint of [{ id_token_hint: id_token }, {}]) {
    await open(page, client);
    await answer(page, run.site);
    // It may go on by itself before it has loaded.
    await page.goto(out(hint), { waitUntil: "commit" });
    if (!("id_token_hint" in hint)) {
      await expectAccessible();
      await page.getByRole("button", { name: "Sign out" }).click();
    }
    await page.waitForURL(`${run.site}/`);
  }
  // Nobody is signed in any more: the provider asks again.
  await open(page, client);
  await expect(page.getByRole("textbox")).toBeVisible();
});

test("an error says what to do, and leads back", async ({
  page,
  run,
  client,
  expectAccessible,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(errorStatus(400));
  const redirectUri = "https://elsewhere.example/signed-in";
  await page.goto(await authorizationUrl({ ...client, redirectUri }, random(), random()));
  await expect(page.getByRole("heading", { name: "Sign-in failed" })).toBeVisible();
  await expectAccessible();
  await page.getByRole("link", { name: run.site }).click();
  await page.waitForURL(`${run.site}/`);
});
