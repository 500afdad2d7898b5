/** The sign-in provider of `infra/sign-in-local`, and stages that use it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { signIn } from "../infra/sign-in-local/client.ts";
import type { Assembly } from "./local-run.ts";

/** What the stack is told of a provider. */
export interface SignIn {
  readonly access: "members-write" | "members";
  readonly issuer: string;
  readonly clientId: string;
  /** The audience of its access tokens. */
  readonly resource: string;
}

export class Provider {
  /** One for the stage of an assembly, at the port that its template names. */
  static async start(assembly: Assembly, accessTokenSeconds = 3600): Promise<Provider> {
    const { signIn } = assembly;
    if (!signIn) throw new Error("the stage has no sign-in");
    const provider = spawn(
      process.execPath,
      [
        ...["--import", "tsx", "main.ts", "--port", new URL(signIn.issuer).port],
        ...["--client-id", signIn.clientId, "--resource", signIn.resource],
        ...["--web-origin", `http://localhost:${assembly.ports.web}`],
        ...["--access-token-seconds", `${accessTokenSeconds}`],
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
    const { value } = await createInterface({ input: provider.stdout })
      [Symbol.asyncIterator]()
      .next();
    if (value === undefined) throw new Error(`the provider ended:\n${log}`);
    return new Provider(signIn, async () => {
      provider.stdin.end();
      await ended;
    });
  }

  readonly signIn: SignIn;
  readonly stop: () => Promise<void>;

  /** An access token for somebody, without a browser. */
  async token(redirectUri: string, email = "ada@example.org"): Promise<string> {
    const client = { ...this.signIn, redirectUri, scope: "openid email events/read events/write" };
    return (await signIn(client, email)).access_token;
  }

  private constructor(signIn: SignIn, stop: () => Promise<void>) {
    this.signIn = signIn;
    this.stop = stop;
  }
}
