/** A run whose page reaches the API through a proxy that can lose or change what it sends. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Api } from "./api.ts";
import { test as base } from "./fixtures.ts";
import { LocalRun } from "./local-run.ts";

/** What arrives of what a browser sends, or `"break"`: the connection breaks. */
export type Fault = (sent: Buffer) => Buffer | "break";

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
      page.on("data", (sent) => {
        const arrives = wired.fault ? wired.fault(sent) : sent;
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
