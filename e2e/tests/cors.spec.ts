/** The page and the API are two origins: what the page may do, and what other pages may not. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { apiOrigin, noRecord, recordFile, webOrigin } from "../environment.ts";
import { test as base, expect, expectDeleted } from "../fixtures.ts";

const test = base.extend<{ foreignOrigin: string }>({
  /** The origin of another site. */
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from it.
  foreignOrigin: async ({}, use) => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>Another site</title><link rel=icon href=data:,>");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    server.closeAllConnections();
  },
});

/** `fetch` would not send these headers as they are. */
async function preflight(origin: string, method: string, headers?: string) {
  const send = apiOrigin.startsWith("https:") ? httpsRequest : httpRequest;
  const request = send(`${apiOrigin}/events`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      ...(headers && { "access-control-request-headers": headers }),
    },
  });
  request.end();
  const [response] = (await once(request, "response")) as [
    { statusCode: number; headers: IncomingHttpHeaders; resume(): void },
  ];
  response.resume();
  return response;
}

/** The requests that the gateway of the local run received, with its responses, in order. */
async function recorded() {
  type Headers = Record<string, string[]>;
  interface Call {
    request: { method: string; target: string; headers: Headers };
    response: { status: number; headers: Headers };
  }
  const lines = (await readFile(recordFile ?? "", "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Call);
}

const list = (header: string | undefined) => header?.split(",").map((item) => item.trim()) ?? [];

test("the page calls another origin, and the browser asks it first", async ({
  page,
  api,
  tag,
  form,
}) => {
  // Playwright hides preflights; the browser itself tells of them.
  const browser = await page.context().newCDPSession(page);
  await browser.send("Network.enable");
  const preflights: { url: string; headers: Record<string, string> }[] = [];
  browser.on("Network.requestWillBeSent", ({ request }) => {
    if (request.method === "OPTIONS") preflights.push(request);
  });

  await form.open();
  await form.name.fill(`Crossing ${tag}`);
  const created = page.waitForResponse((response) => response.request().method() === "POST");
  await form.create.click();
  const response = await created;
  api.willDelete(((await response.json()) as { id: string }).id);

  expect(new URL(page.url()).origin).toBe(webOrigin);
  expect(new URL(response.url()).origin).toBe(apiOrigin);
  expect(apiOrigin).not.toBe(webOrigin);
  expect((await response.request().allHeaders()).origin).toBe(webOrigin);
  expect((await response.allHeaders())["access-control-allow-origin"]).toBe(webOrigin);
  expect(preflights).toContainEqual(
    expect.objectContaining({
      url: `${apiOrigin}/events`,
      headers: expect.objectContaining({
        Origin: webOrigin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key",
      }),
    }),
  );
});

test("the gateway responds to the preflight, and then lets the call through", async ({
  page,
  api,
  tag,
  agenda,
}) => {
  test.skip(!recordFile, noRecord);
  const name = `Recorded ${tag}`;
  const { id } = await api.create({ name, date: "2031-05-08" });
  await agenda.open();
  await agenda.delete(name);
  await expectDeleted(page, name);

  const calls = (await recorded()).filter(({ request }) => request.target === `/events/${id}`);
  expect(calls.map(({ request, response }) => [request.method, response.status])).toEqual([
    ["OPTIONS", 204],
    ["DELETE", 204],
  ]);
  for (const { request, response } of calls) {
    expect(request.headers.origin).toEqual([webOrigin]);
    expect(response.headers["access-control-allow-origin"]).toEqual([webOrigin]);
  }
  const [preflight] = calls;
  expect(preflight?.request.headers["access-control-request-method"]).toEqual(["DELETE"]);
});

test("the API lets exactly our page send what it sends", async () => {
  for (const method of ["GET", "POST", "DELETE"]) {
    const { statusCode, headers } = await preflight(
      webOrigin,
      method,
      "content-type,idempotency-key",
    );
    expect(statusCode).toBe(204);
    expect(headers["access-control-allow-origin"]).toBe(webOrigin);
    expect(list(headers["access-control-allow-methods"]).toSorted()).toEqual([
      "DELETE",
      "GET",
      "POST",
    ]);
    expect(list(headers["access-control-allow-headers"]).toSorted()).toEqual([
      "content-type",
      "idempotency-key",
    ]);
    expect(headers["access-control-max-age"]).toBe("86400");
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
  }
});

test("the API lets no other page do anything", async ({ foreignOrigin }) => {
  for (const origin of [foreignOrigin, "null", `${webOrigin}.example.com`, "https://example.com"]) {
    const { headers } = await preflight(origin, "POST", "content-type");
    const granted = Object.keys(headers).filter((name) => name.startsWith("access-control-"));
    expect(granted, origin).toEqual([]);
  }
});

test("a page of another site can neither read nor store nor delete anything", async ({
  page,
  api,
  tag,
  foreignOrigin,
  allowConsoleErrors,
}) => {
  allowConsoleErrors.push(/blocked by CORS policy/, /ERR_FAILED/, /status of 415/);
  const mine = await api.create({ name: `Mine ${tag}`, date: "2031-05-07" });
  await page.goto(foreignOrigin);

  const attempts = await page.evaluate(
    async ({ apiOrigin, tag, id }) => {
      /** What the page learns: an error, or how much of a response it may see. */
      const attempt = (url: string, init: RequestInit) =>
        fetch(apiOrigin + url, init).then(
          ({ type, status }) => `${type} ${status}`,
          (error: Error) => error.name,
        );
      const json = JSON.stringify({ name: `Stolen ${tag}` });
      const bodies: Record<string, RequestInit> = {
        json: { body: json, headers: { "content-type": "application/json" } },
        text: { body: json, headers: { "content-type": "text/plain" } },
        untyped: { body: new Blob([json]) },
      };
      const results: Record<string, string> = {};
      for (const mode of ["cors", "no-cors"] as const) {
        results[`${mode} list`] = await attempt("/events", { mode });
        results[`${mode} get`] = await attempt(`/events/${id}`, { mode });
        for (const [kind, init] of Object.entries(bodies)) {
          results[`${mode} ${kind}`] = await attempt("/events", { method: "POST", mode, ...init });
        }
      }
      results["cors delete"] = await attempt(`/events/${id}`, { method: "DELETE", mode: "cors" });
      results["no-cors delete"] = await attempt(`/events/${id}`, {
        method: "DELETE",
        mode: "no-cors",
      });
      return results;
    },
    { apiOrigin, tag, id: mine.id },
  );

  expect(attempts).toEqual({
    "cors list": "TypeError",
    "cors get": "TypeError",
    "cors json": "TypeError",
    "cors text": "TypeError",
    "cors untyped": "TypeError",
    "cors delete": "TypeError",
    // It is sent, but the page sees nothing of the response.
    "no-cors list": "opaque 0",
    "no-cors get": "opaque 0",
    "no-cors json": "opaque 0",
    "no-cors text": "opaque 0",
    "no-cors untyped": "opaque 0",
    // A browser sends no such request at all.
    "no-cors delete": "TypeError",
  });
  expect(await api.listed(tag)).toEqual([mine]);
});

test("the page runs under a policy that lets in nothing foreign", async ({ page, agenda }) => {
  const response = await page.goto("/");
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe-inline");
  expect(policy).not.toContain("'unsafe-eval'");
  await expect(agenda.heading).toBeVisible();
});
