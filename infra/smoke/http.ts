import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends exactly these headers; `fetch` forbids `Origin` and those of a preflight. */
export async function send(
  url: string,
  { method = "GET", headers, body }: RequestOptions = {},
): Promise<Response> {
  const start = url.startsWith("https:") ? httpsRequest : httpRequest;
  const request = start(url, { method, headers: headers ?? {}, timeout: 35_000 });
  request.on("timeout", () => request.destroy(new Error("no response within 35 s")));
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
}
