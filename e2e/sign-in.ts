/** A run of a test's own with sign-in, and the real provider that its page signs in at. */

import type { Page } from "@playwright/test";
import type { Client } from "../infra/sign-in-local/client.ts";
import { Api } from "./api.ts";
import { test as base, expect } from "./fixtures.ts";
import { Assembly, freePorts, LocalRun } from "./local-run.ts";
import { Provider, type SignIn } from "./provider.ts";

interface Fixtures {
  provider: Provider;
  run: LocalRun;
  /** The page at the provider, for tests that sign in without it. */
  client: Client;
  account: Account;
}

interface WorkerFixtures {
  access: SignIn["access"];
  /** How long access tokens are valid. */
  seconds: number;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  access: ["members-write", { option: true, scope: "worker" }],
  seconds: [3600, { option: true, scope: "worker" }],

  assembly: [
    async ({ access }, use) => {
      const assembly = await Assembly.synthesize(await freePorts(), { access });
      await use(assembly);
      await assembly.delete();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  provider: [
    async ({ assembly, seconds }, use) => {
      const provider = await Provider.start(assembly, seconds);
      await use(provider);
      await provider.stop();
    },
    { auto: true },
  ],

  run: async ({ assembly }, use) => {
    const run = await LocalRun.start(assembly);
    await use(run);
    await run.stop();
  },

  baseURL: async ({ run }, use) => use(run.site),

  api: async ({ run, provider }, use) => {
    await use(new Api(run.api, await provider.token(`${run.site}/signed-in`)));
  },

  client: async ({ run, provider }, use) => {
    const scope = "openid email events/read events/write";
    await use({ ...provider.signIn, redirectUri: `${run.site}/signed-in`, scope });
  },

  account: async ({ page }, use) => use(new Account(page)),
});

export { expect };

/** Who signs in. */
export class Account {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get signIn() {
    return this.page.getByRole("banner").getByRole("button", { name: "Sign in" });
  }

  get signOut() {
    return this.page.getByRole("banner").getByRole("button", { name: "Sign out" });
  }

  /** Answers the provider's question. */
  async answer(email = "ada@example.org"): Promise<void> {
    await this.page.getByRole("textbox", { name: "E-mail address" }).fill(email);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await expect(this.signOut).toBeVisible();
  }

  async enter(email?: string): Promise<void> {
    await this.signIn.click();
    await this.answer(email);
  }
}

/** What the tab keeps of who is signed in. */
export const kept = (page: Page) => page.evaluate(() => sessionStorage.getItem("account"));
