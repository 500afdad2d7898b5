/** Runs of a stage with sign-in, and the provider that its page signs in at. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { type Client, signIn, type Tokens } from "../infra/sign-in-local/client.ts";
import { Api } from "./api.ts";
import { test as base } from "./fixtures.ts";
import { Assembly, freePorts, LocalRun, type Membership, type Ports } from "./local-run.ts";

/** Any address is an account. */
export const EMAIL = "ada@example.org";

/** Of the page, of the API that its tokens are for, and of the provider. */
type SignInPorts = Ports & { readonly signIn: number };

interface Settings {
  readonly ports: SignInPorts;
  readonly accessTokenSeconds?: number;
}

/** The settings of a stage whose members sign in at the provider of these ports. */
export function membership(access: Membership["access"], { api, signIn }: SignInPorts): Membership {
  return {
    access,
    issuer: `http://localhost:${signIn}`,
    clientId: "page",
    resource: `http://localhost:${api}`,
  };
}

/** A real provider (`infra/sign-in-local`) on a port of its own, with a process of its own. */
export class Provider {
  static async start(settings: Settings): Promise<Provider> {
    const provider = new Provider(settings);
    await provider.start();
    return provider;
  }

  readonly client: Client;
  private readonly settings: Settings;
  /** Ends the process, if there is one. */
  stop: () => Promise<void> = async () => {};

  private constructor(settings: Settings) {
    this.settings = settings;
    const { issuer, clientId, resource } = membership("members-write", settings.ports);
    const redirectUri = `http://localhost:${settings.ports.web}/signed-in`;
    const scope = "openid email events/read events/write";
    this.client = { issuer, clientId, resource, redirectUri, scope };
  }

  /** Starts it, again after a `stop`: with new keys, and without the sessions from before. */
  async start(): Promise<void> {
    const { ports, accessTokenSeconds = 3_600 } = this.settings;
    const { clientId, resource } = this.client;
    const origins = ["localhost", "127.0.0.1"].map((host) => `http://${host}:${ports.web}`);
    const provider = spawn(
      process.execPath,
      [
        ...["--import", "tsx", "main.ts", "--port", `${ports.signIn}`, "--client-id", clientId],
        ...["--resource", resource, "--access-token-seconds", `${accessTokenSeconds}`],
        ...origins.flatMap((origin) => ["--web-origin", origin]),
      ],
      {
        cwd: resolve(import.meta.dirname, "../infra/sign-in-local"),
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    const ended = once(provider, "exit");
    let log = "";
    provider.stderr.on("data", (text) => {
      log += text;
    });
    const lines = createInterface({ input: provider.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    if (value === undefined) throw new Error(`the provider ended:\n${log}`);
    this.stop = async () => {
      provider.stdin.end();
      await ended;
      this.stop = async () => {};
    };
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Signs in without a browser. */
  async signIn(email = EMAIL): Promise<Tokens> {
    return await signIn(this.client, email);
  }

  /** An access token that may do all. */
  async token(email = EMAIL): Promise<string> {
    return (await this.signIn(email)).access_token;
  }
}

interface Fixtures {
  /** How long access tokens are valid. */
  accessTokenSeconds: number;
  /** Each test has a run of its own. */
  provider: Provider;
  /** The page and the API of a test's own, with sign-in. */
  local: LocalRun;
}

interface WorkerFixtures {
  access: Membership["access"];
  ports: SignInPorts;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  access: ["members-write", { option: true, scope: "worker" }],

  ports: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from it.
    async ({}, use) => use(await freePorts()),
    { scope: "worker" },
  ],

  assembly: [
    async ({ access, ports }, use) => {
      const settings = { membership: membership(access, ports) };
      const assembly = await Assembly.synthesize(ports, settings);
      await use(assembly);
      await assembly.delete();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  accessTokenSeconds: [3_600, { option: true }],

  provider: [
    async ({ ports, accessTokenSeconds }, use) => {
      const provider = await Provider.start({ ports, accessTokenSeconds });
      await use(provider);
      await provider.stop();
    },
    { auto: true },
  ],

  local: async ({ assembly }, use) => {
    const local = await LocalRun.start(assembly);
    await use(local);
    await local.stop();
  },

  baseURL: async ({ local }, use) => use(local.site),

  api: async ({ local, provider }, use) => {
    await use(new Api(local.api, () => provider.token()));
  },
});
