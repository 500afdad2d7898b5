import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { corsPolicy } from "../lib/cors.ts";
import { headerRules } from "./header-rules.ts";
import { type RequestOptions, type Response, send } from "./http.ts";

/** Where the app runs. */
export interface Origins {
  /** Without a trailing slash. */
  readonly web: string;
  readonly api: string;
}

export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

interface Event {
  readonly id: string;
  readonly name: string;
}

/** How long a list may lag behind a write: reads of the index are eventually consistent. */
const listTimeoutMs = 20_000;

export function checks(origins: Origins): Check[] {
  return [...pageChecks(origins), ...apiChecks(origins)];
}

/** To run in this order: later checks use the event that an earlier one creates. */
function apiChecks({ web, api }: Origins): Check[] {
  const name = `Smoke test ${randomUUID()}`;
  const key = randomUUID();
  const date = "2099-12-31";
  let created: Event | undefined;

  const call = (path: string, { headers, ...options }: RequestOptions = {}) =>
    send(`${api}${path}`, { ...options, headers: { origin: web, ...headers } });
  const create = () =>
    call("/events", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ name, date }),
    });
  const id = () => {
    assert.ok(created, "no event was created");
    return created.id;
  };
  const expectListed = async (wanted: boolean) => {
    const deadline = Date.now() + listTimeoutMs;
    for (;;) {
      const found = await inList(call, date, id());
      if (found === wanted) return;
      assert.ok(Date.now() < deadline, `the list ${wanted ? "lacks" : "still has"} the event`);
      await wait(500);
    }
  };

  return [
    {
      name: "preflight: the page is allowed what it sends",
      run: async () => {
        const { status, headers } = await preflight(api, web);
        assert.equal(status, 204);
        assert.equal(headers["access-control-allow-origin"], web);
        const allowed = (name: string) => words(headers[`access-control-allow-${name}`]);
        assert.deepEqual(allowed("methods"), words(corsPolicy("public").allowMethods.join()));
        assert.deepEqual(allowed("headers"), words(corsPolicy("public").allowHeaders.join()));
      },
    },
    {
      name: "preflight: another origin is not allowed",
      run: async () => {
        const { headers } = await preflight(api, "https://example.com");
        assert.equal(headers["access-control-allow-origin"], undefined);
      },
    },
    {
      name: "create",
      run: async () => {
        const response = await create();
        expectStatus(response, 201);
        created = JSON.parse(response.body) as Event;
        assert.equal(created.name, name);
        assert.equal(response.headers.location, `/events/${created.id}`);
        assert.equal(response.headers["access-control-allow-origin"], web);
      },
    },
    {
      name: "create again with the same key: the same event",
      run: async () => {
        const response = await create();
        expectStatus(response, 201);
        assert.equal(response.headers["idempotency-replayed"], "true");
        assert.equal(JSON.parse(response.body).id, id());
      },
    },
    {
      name: "read",
      run: async () => {
        const response = await call(`/events/${id()}`);
        expectStatus(response, 200);
        assert.deepEqual(JSON.parse(response.body), created);
      },
    },
    { name: "list: the event is in it", run: () => expectListed(true) },
    {
      name: "delete",
      run: async () => {
        expectStatus(await call(`/events/${id()}`, { method: "DELETE" }), 204);
        expectStatus(await call(`/events/${id()}`), 404);
      },
    },
    { name: "list: the event is gone", run: () => expectListed(false) },
  ];
}

/** What CloudFront serves; it calls no API. */
export function pageChecks({ web, api }: Origins): Check[] {
  return [
    {
      name: "the page loads and is revalidated",
      run: async () => {
        const page = await send(`${web}/`);
        expectPage(page);
        expectRevalidated(page);
      },
    },
    ...headerRules.map(({ source, name, holds }) => ({
      name: `headers (${source}): ${name}`,
      run: async () => {
        // With an origin, so that a server that allows every origin shows it.
        const { headers } = await send(`${web}/`, { headers: { origin: "https://example.com" } });
        assert.ok(holds(headers, api), JSON.stringify(headers));
      },
    })),
    {
      name: "every hashed file of the page loads and is cached for a year",
      run: async () => {
        const { body } = await send(`${web}/`);
        const files = new Set(body.match(/\/[\w-]+-[0-9a-f]{12,16}(_bg)?\.(js|wasm|css|svg)/g));
        assert.ok(files.size > 0, "the page has no hashed files");
        for (const file of files) {
          const { status, headers } = await send(`${web}${file}`);
          assert.equal(status, 200, file);
          assert.match(headers["cache-control"] ?? "", /max-age=31536000.*immutable/, file);
        }
      },
    },
    {
      name: "the URL of an event serves the page, and a missing file is 404",
      run: async () => {
        expectPage(await send(`${web}/events/${randomUUID()}`));
        expectStatus(await send(`${web}/missing-${randomUUID()}.js`), 404);
      },
    },
    {
      name: "config.json names the API and is revalidated",
      run: async () => {
        const config = await send(`${web}/config.json`);
        expectStatus(config, 200);
        assert.deepEqual(JSON.parse(config.body), { apiUrl: api });
        expectRevalidated(config);
      },
    },
  ];
}

/** Whether the event is on any page of the list of one day. */
async function inList(
  call: (path: string) => Promise<Response>,
  date: string,
  id: string,
): Promise<boolean> {
  let path: string | undefined = `/events?from=${date}&to=${date}`;
  const seen = new Set<string>();
  while (path !== undefined) {
    assert.ok(!seen.has(path), `the list links back to ${path}`);
    seen.add(path);
    const page: Response = await call(path);
    expectStatus(page, 200);
    if ((JSON.parse(page.body) as Event[]).some((event) => event.id === id)) return true;
    path = /<([^>]+)>;\s*rel="next"/.exec(String(page.headers.link ?? ""))?.[1];
  }
  return false;
}

function preflight(api: string, origin: string): Promise<Response> {
  return send(`${api}/events`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,idempotency-key",
    },
  });
}

/** The members of a comma-separated header, in lower case, sorted. */
function words(header: unknown): string[] {
  return String(header ?? "")
    .split(/,\s*/)
    .map((word) => word.toLowerCase())
    .sort();
}

function expectPage(response: Response): void {
  expectStatus(response, 200);
  assert.match(response.headers["content-type"] ?? "", /^text\/html/);
}

function expectStatus({ status, body }: Response, wanted: number): void {
  assert.equal(status, wanted, `${status} instead of ${wanted}: ${body.slice(0, 200)}`);
}

function expectRevalidated({ headers }: Response): void {
  assert.match(headers["cache-control"] ?? "", /no-cache/);
}
