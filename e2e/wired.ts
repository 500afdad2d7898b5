/** A run whose page reaches the API through a proxy that can lose or change what it sends. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Api } from "./api.ts";
import { test as base } from "./fixtures.ts";
import { LocalRun } from "./local-run.ts";

/** What arrives of what a browser sends, or `"break"`: the connection breaks. */
type Arrives = Buffer | "break";
export type Fault = (sent: Buffer) => Arrives | Promise<Arrives>;

interface Wired {
  readonly local: LocalRun;
  /** The fault of the proxy now. */
  fault: Fault | undefined;
}

/** Requests that begin so never arrive, and get no response. */
export const swallow =
  (start: string): Fault =>
  (sent) =>
    sent.includes(start) ? Buffer.alloc(0) : sent;

/** The connection breaks when a request begins so. */
export const breakOn =
  (start: string): Fault =>
  (sent) =>
    sent.includes(start) ? "break" : sent;

/** Requests that begin so are held until the test lets them go on, or breaks their connections. */
export class Hold {
  private readonly held: ((go: boolean) => void)[] = [];
  private readonly start: string | RegExp;
  /** How many were held. */
  count = 0;

  constructor(start: string | RegExp) {
    this.start = start;
  }

  readonly fault: Fault = (sent) => {
    const { start } = this;
    const text = sent.toString("latin1");
    if (!(typeof start === "string" ? text.includes(start) : start.test(text))) return sent;
    this.count += 1;
    return new Promise((resolve) => this.held.push((go) => resolve(go ? sent : "break")));
  };

  /** Lets those go on that are held now. */
  release(): void {
    for (const go of this.held.splice(0)) go(true);
  }

  break(): void {
    for (const go of this.held.splice(0)) go(false);
  }
}

/** Chromium's message about a broken connection. */
export const broken = /ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_CLOSED)/;

export const test = base.extend<{ wired: Wired }>({
  wired: async ({ assembly }, use) => {
    // The page calls the port that it was told; the API listens elsewhere.
    const local = await assembly.changed(
      (template) => {
        template.Outputs.ApiUrl.Value = "http://localhost:0";
      },
      () => LocalRun.start(assembly),
    );
    const wired: Wired = { local, fault: undefined };
    const sockets = new Set<Socket>();
    const wire = createServer((page) => {
      const api = connect(Number(new URL(local.api).port), "localhost");
      for (const socket of [page, api]) {
        sockets.add(socket);
        socket.on("error", () => socket.destroy());
      }
      page.on("data", async (sent) => {
        const arrives = wired.fault ? await wired.fault(sent) : sent;
        if (arrives === "break") page.resetAndDestroy();
        else api.write(arrives);
      });
      page.on("close", () => api.destroy());
      api.pipe(page);
    });
    wire.listen(assembly.ports.api, "localhost");
    await once(wire, "listening");
    await use(wired);
    wire.close();
    for (const socket of sockets) socket.destroy();
    await local.stop();
  },
  baseURL: async ({ wired }, use) => use(wired.local.site),
  api: async ({ wired }, use) => {
    await use(new Api(wired.local.api));
  },
});
