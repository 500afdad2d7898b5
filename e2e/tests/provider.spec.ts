/** The pages of the local sign-in provider, in a browser. */

import type { Page } from "@playwright/test";
import { authorizationUrl, discover, random } from "../../infra/sign-in-local/client.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { errorStatus, expect } from "../fixtures.ts";
import { EMAIL, type Provider, test } from "../sign-in.ts";

test.skip(!localBuild, noLocalBuild);

/** Goes to the provider, as the page sends a browser there. */
async function open(page: Page, { client }: Provider): Promise<void> {
  await page.goto(await authorizationUrl(client, random(), random()));
}

/** The browser comes back to the page, with these parameters. */
async function comesBack(page: Page, site: string, press: () => Promise<void>) {
  const back = page.waitForRequest((request) => request.url().startsWith(`${site}/signed-in?`));
  await press();
  return new URL((await back).url()).searchParams;
}

test("one types in any address, by keyboard alone", async ({
  page,
  local,
  provider,
  expectAccessible,
}) => {
  await open(page, provider);
  await expect(page).toHaveTitle("Sign in · development accounts");
  const email = page.getByRole("textbox", { name: "E-mail address" });
  await expect(email).toBeFocused();
  await expect(email).toHaveAccessibleDescription(/development account on this computer/);
  await expectAccessible();
  await page.keyboard.type(EMAIL);
  const answer = await comesBack(page, local.site, () => page.keyboard.press("Enter"));
  expect(answer.get("code")).toBeTruthy();
  expect(answer.get("iss")).toBe(provider.client.issuer);
});

test("what is no address is told, and the next one is taken", async ({
  page,
  local,
  provider,
  expectAccessible,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(errorStatus(400));
  await open(page, provider);
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
  await email.fill(EMAIL);
  const signIn = page.getByRole("button", { name: "Sign in" });
  const answer = await comesBack(page, local.site, () => signIn.click());
  expect(answer.get("code")).toBeTruthy();
});

test("Cancel leads back", async ({ page, local, provider }) => {
  await open(page, provider);
  const cancel = page.getByRole("button", { name: "Cancel" });
  const answer = await comesBack(page, local.site, () => cancel.click());
  expect(answer.get("error")).toBe("access_denied");
});

test("signing out takes no press with an ID token, and one without", async ({
  page,
  local,
  provider,
  expectAccessible,
}) => {
  const { issuer, clientId } = provider.client;
  const { end_session_endpoint } = await discover(issuer);
  const { id_token } = await provider.signIn();
  const out = (hint: Record<string, string>) =>
    `${end_session_endpoint}?${new URLSearchParams({
      ...hint,
      client_id: clientId,
      post_logout_redirect_uri: `${local.site}/`,
    })}`;
  for (const hint of [{ id_token_hint: id_token }, {}]) {
    await open(page, provider);
    await page.getByRole("textbox").fill(EMAIL);
    const signIn = page.getByRole("button", { name: "Sign in" });
    await comesBack(page, local.site, () => signIn.click());
    // It may go on by itself before it has loaded.
    await page.goto(out(hint), { waitUntil: "commit" });
    if (!("id_token_hint" in hint)) {
      await expectAccessible();
      await page.getByRole("button", { name: "Sign out" }).click();
    }
    await page.waitForURL(`${local.site}/`);
  }
  // Nobody is signed in any more: the provider asks again.
  await open(page, provider);
  await expect(page.getByRole("textbox")).toBeVisible();
});

test("an error says what to do, and leads back", async ({
  page,
  local,
  provider,
  expectAccessible,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(errorStatus(400));
  const { client } = provider;
  const redirectUri = "https://elsewhere.example/signed-in";
  await page.goto(await authorizationUrl({ ...client, redirectUri }, random(), random()));
  await expect(page.getByRole("heading", { name: "Sign-in failed" })).toBeVisible();
  await expectAccessible();
  await page.getByRole("link", { name: local.site }).click();
  await page.waitForURL(`${local.site}/`);
});
