/** The site under test at an address of the test's own, with some files changed. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webOrigin } from "./environment.ts";

export interface SiteCopy {
  readonly origin: string;
  /** From now on it takes requests and never answers. */
  silence(): void;
  stop(): void;
}

/** `change` gives the text to send in the place of a file, or `undefined` to leave it as it is. */
export async function copySite(
  change: (path: string, text: string) => string | undefined,
): Promise<SiteCopy> {
  let isSilent = false;
  const server = createServer(async (request, response) => {
    if (isSilent) return;
    const path = request.url ?? "/";
    const file = await fetch(`${webOrigin}${path}`);
    const body = Buffer.from(await file.arrayBuffer());
    response.statusCode = file.status;
    response.setHeader("content-type", file.headers.get("content-type") ?? "");
    response.setHeader("cache-control", "no-cache");
    response.end(change(path, body.toString()) ?? body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    silence() {
      isSilent = true;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
