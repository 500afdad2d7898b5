/** The provider on the addresses of this machine that `localhost` stands for, and no others. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createProvider, type Settings } from "./provider.ts";

export interface Listening {
  readonly issuer: string;
  readonly servers: readonly Server[];
}

/** Port 0 is any free one. */
export async function listen(port: number, settings: Settings): Promise<Listening> {
  const first = createServer();
  const chosen = await bind(first, "127.0.0.1", port);
  const second = createServer();
  const servers = [first];
  try {
    await bind(second, "::1", chosen);
    servers.push(second);
  } catch (error) {
    // Some machines have no IPv6. A taken port is another program's, which a browser may reach.
    if (codeOf(error) === "EADDRINUSE") {
      first.close();
      throw taken(chosen);
    }
  }
  const issuer = `http://localhost:${chosen}`;
  const provider = createProvider(issuer, settings);
  const handle = provider.callback();
  for (const server of servers) server.on("request", handle);
  return { issuer, servers };
}

async function bind(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (error) {
    throw codeOf(error) === "EADDRINUSE" && host === "127.0.0.1" ? taken(port) : error;
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`${host} has no port`);
  return address.port;
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

const taken = (port: number) =>
  new Error(`port ${port} is taken: stop what uses it, or choose another with --port`);
