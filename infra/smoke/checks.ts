import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Access } from "../lib/access.ts";
import { corsPolicy } from "../lib/cors.ts";
import { directives, headerRules } from "./header-rules.ts";
import { type RequestOptions, type Response, send } from "./http.ts";

/** What runs, and where. */
export interface Target {
  /** Without a trailing slash. */
  readonly web: string;
  readonly api: string;
  /** As in `config.json`; absent where everybody may do everything. */
  readonly signIn?: PageSignIn;
}

export interface PageSignIn {
  readonly access: Exclude<Access, "public">;
  readonly issuer: string;
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

/** `token` is a member's access token; without one no check writes where that needs one. */
export function checks(target: Target, token?: string): Check[] {
  const { signIn } = target;
  return [
    ...pageChecks(target),
    ...accessChecks(target),
    ...(signIn && token === undefined ? [] : eventChecks(target, signIn && token)),
  ];
}

/** The `signIn` of the page's `config.json`; a page without one is for `pageChecks` to refuse. */
export async function readSignIn(web: string): Promise<PageSignIn | undefined> {
  const { status, body } = await send(`${web}/config.json`);
  return status === 200 ? JSON.parse(body).signIn : undefined;
}

/** Who may call, without a token of anybody. */
export function accessChecks(target: Target): Check[] {
  const { web, signIn } = target;
  const guarded = signIn ? [...providerChecks(web, signIn), ...refusalChecks(target, signIn)] : [];
  return [...preflightChecks(target), ...guarded];
}

/** What the page needs of the provider before anybody signs in. */
function providerChecks(web: string, { issuer }: PageSignIn): Check[] {
  return [
    {
      name: "sign-in: the page may call the provider, whose discovery document is its own",
      run: async () => {
        const path = ".well-known/openid-configuration";
        const url = `${issuer.replace(/\/$/, "")}/${path}`;
        const document = await send(url, { headers: { origin: web } });
        expectStatus(document, 200);
        const found = JSON.parse(document.body);
        assert.equal(found.issuer, issuer);
        const { headers } = await send(`${web}/`);
        const allowed = directives(headers)["connect-src"] ?? [];
        for (const called of [url, found.token_endpoint]) {
          const { origin } = new URL(called);
          assert.ok(allowed.includes(origin), `connect-src lacks ${origin}`);
        }
      },
    },
  ];
}

/** What the gateway lets nobody do without a token; the page must be able to read that. */
function refusalChecks({ web, api }: Target, { access }: PageSignIn): Check[] {
  const call = (path: string, options: RequestOptions = {}) =>
    send(`${api}${path}`, { ...options, headers: { origin: web, ...options.headers } });
  const refused = async (path: string, options?: RequestOptions) => {
    const response = await call(path, options);
    expectStatus(response, 401);
    assert.equal(response.headers["access-control-allow-origin"], web);
  };
  return [
    {
      name: "without a token: create and delete are refused",
      run: async () => {
        const headers = { "content-type": "application/json" };
        await refused("/events", { method: "POST", headers, body: "{}" });
        await refused(`/events/${randomUUID()}`, { method: "DELETE" });
      },
    },
    access === "members"
      ? {
          name: "without a token: list and read are refused",
          run: async () => {
            await refused("/events");
            await refused(`/events/${randomUUID()}`);
          },
        }
      : {
          name: "without a token: everybody reads",
          run: async () => {
            expectStatus(await call("/events"), 200);
            expectStatus(await call(`/events/${randomUUID()}`), 404);
          },
        },
  ];
}

function preflightChecks({ web, api, signIn }: Target): Check[] {
  const policy = corsPolicy(signIn?.access ?? "public");
  return [
    {
      name: "preflight: the page is allowed what it sends",
      run: async () => {
        const { status, headers } = await preflight(api, web, policy.allowHeaders);
        assert.equal(status, 204);
        assert.equal(headers["access-control-allow-origin"], web);
        const allowed = (name: string) => words(headers[`access-control-allow-${name}`]);
        assert.deepEqual(allowed("methods"), words(policy.allowMethods.join()));
        assert.deepEqual(allowed("headers"), words(policy.allowHeaders.join()));
      },
    },
    {
      name: "preflight: another origin is not allowed",
      run: async () => {
        const { headers } = await preflight(api, "https://example.com", policy.allowHeaders);
        assert.equal(headers["access-control-allow-origin"], undefined);
      },
    },
  ];
}

/** To run in this order: later checks use the event that an earlier one creates. */
function eventChecks({ web, api }: Target, token: string | undefined): Check[] {
  const name = `Smoke test ${randomUUID()}`;
  const key = randomUUID();
  const date = "2099-12-31";
  let created: Event | undefined;

  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const call = (path: string, { headers, ...options }: RequestOptions = {}) =>
    send(`${api}${path}`, { ...options, headers: { origin: web, ...authorization, ...headers } });
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
export function pageChecks({ web, api, signIn }: Target): Check[] {
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
        assert.ok(holds(headers, { api, signIn }), JSON.stringify(headers));
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
        assert.deepEqual(JSON.parse(config.body), { apiUrl: api, ...(signIn && { signIn }) });
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

function preflight(api: string, origin: string, names: readonly string[]): Promise<Response> {
  return send(`${api}/events`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": names.join(),
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
