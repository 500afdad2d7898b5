/** A run of a test's own with sign-in, and the real provider that its page signs in at. */

import type { Client } from "../infra/sign-in-local/client.ts";
import { Api } from "./api.ts";
import { test as base } from "./fixtures.ts";
import { Assembly, freePorts, LocalRun } from "./local-run.ts";
import { Provider, type SignIn } from "./provider.ts";

interface Fixtures {
  provider: Provider;
  run: LocalRun;
  /** The page at the provider, for tests that sign in without it. */
  client: Client;
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
});
