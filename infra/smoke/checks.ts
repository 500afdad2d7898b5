import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { corsPolicy } from "../lib/cors.ts";
import { headerRules } from "./header-rules.ts";
import { type Answer, type Options, send } from "./http.ts";

export interface App {
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

/** How long a list may lag behind a create or a delete: the index is read eventually consistent. */
const patienceMs = 20_000;

/** What is tried, in this order: later checks use what earlier ones made. */
export function checks({ web, api }: App): Check[] {
  const name = `Smoke test ${randomUUID()}`;
  const key = randomUUID();
  const date = "2099-12-31";
  let created: Event | undefined;

  const call = (path: string, { headers, ...options }: Options = {}) =>
    send(`${api}${path}`, { ...options, headers: { origin: web, ...headers } });
  const create = () =>
    call("/events", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ name, date }),
    });
  const id = () => {
    assert.ok(created, "there is no event to go on with");
    return created.id;
  };
  const listed = async (wanted: boolean) => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = await inList(call, date, id());
      if (found === wanted) return;
      assert.ok(Date.now() < deadline, `the list ${wanted ? "lacks" : "still has"} the event`);
      await wait(500);
    }
  };

  return [
    {
      name: "the page is there",
      run: async () => {
        const page = await send(`${web}/`);
        expectStatus(page, 200);
        assert.match(page.headers["content-type"] ?? "", /^text\/html/);
        expectRevalidated(page);
      },
    },
    ...headerRules.map(({ source, name, holds }) => ({
      name: `headers (${source}): ${name}`,
      run: async () => {
        const { headers } = await send(`${web}/`);
        assert.ok(holds(headers, api), JSON.stringify(headers));
      },
    })),
    {
      name: "every file that the page names is there, and is kept for ever",
      run: async () => {
        const { body } = await send(`${web}/`);
        const files = new Set(body.match(/\/[\w-]+-[0-9a-f]{12,16}(_bg)?\.(js|wasm|css|svg)/g));
        assert.ok(files.size > 0, "the page names no files");
        for (const file of files) {
          const answer = await send(`${web}${file}`);
          assert.equal(answer.status, 200, file);
          assert.match(answer.headers["cache-control"] ?? "", /max-age=31536000.*immutable/, file);
        }
      },
    },
    {
      name: "the address of an event is the page, and a missing file is missing",
      run: async () => {
        expectStatus(await send(`${web}/events/${randomUUID()}`), 200);
        expectStatus(await send(`${web}/missing-${randomUUID()}.js`), 404);
      },
    },
    {
      name: "config.json names the API, and is asked for anew each time",
      run: async () => {
        const config = await send(`${web}/config.json`);
        expectStatus(config, 200);
        assert.deepEqual(JSON.parse(config.body), { apiUrl: api });
        expectRevalidated(config);
      },
    },
    {
      name: "preflight: the page may send what it sends",
      run: async () => {
        const { status, headers } = await preflight(api, web);
        assert.equal(status, 204);
        assert.equal(headers["access-control-allow-origin"], web);
        assert.deepEqual(words(headers["access-control-allow-methods"]), [
          ...corsPolicy.allowMethods.map((method) => method.toLowerCase()).sort(),
        ]);
        assert.deepEqual(words(headers["access-control-allow-headers"]), [
          ...corsPolicy.allowHeaders.toSorted(),
        ]);
      },
    },
    {
      name: "preflight: another page may nothing",
      run: async () => {
        const { headers } = await preflight(api, "https://example.com");
        assert.equal(headers["access-control-allow-origin"], undefined);
      },
    },
    {
      name: "create",
      run: async () => {
        const answer = await create();
        expectStatus(answer, 201);
        created = JSON.parse(answer.body) as Event;
        assert.equal(created.name, name);
        assert.equal(answer.headers.location, `/events/${created.id}`);
        assert.equal(answer.headers["access-control-allow-origin"], web);
      },
    },
    {
      name: "create again with the same key: still one event",
      run: async () => {
        const answer = await create();
        expectStatus(answer, 201);
        assert.equal(answer.headers["idempotency-replayed"], "true");
        assert.equal(JSON.parse(answer.body).id, id());
      },
    },
    {
      name: "read",
      run: async () => {
        const answer = await call(`/events/${id()}`);
        expectStatus(answer, 200);
        assert.deepEqual(JSON.parse(answer.body), created);
      },
    },
    { name: "list: it is there", run: () => listed(true) },
    {
      name: "delete",
      run: async () => {
        expectStatus(await call(`/events/${id()}`, { method: "DELETE" }), 204);
        expectStatus(await call(`/events/${id()}`), 404);
      },
    },
    { name: "list: it is gone", run: () => listed(false) },
  ];
}

/** Follows the list of one day to its end. */
async function inList(
  call: (path: string) => Promise<Answer>,
  date: string,
  id: string,
): Promise<boolean> {
  let path: string | undefined = `/events?from=${date}&to=${date}`;
  while (path !== undefined) {
    const page: Answer = await call(path);
    expectStatus(page, 200);
    if ((JSON.parse(page.body) as Event[]).some((event) => event.id === id)) return true;
    path = /<([^>]+)>;\s*rel="next"/.exec(String(page.headers.link ?? ""))?.[1];
  }
  return false;
}

function preflight(api: string, origin: string): Promise<Answer> {
  return send(`${api}/events`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,idempotency-key",
    },
  });
}

function words(header: string | undefined): string[] {
  return (header ?? "")
    .split(/,\s*/)
    .map((word) => word.toLowerCase())
    .sort();
}

function expectStatus({ status, body }: Answer, wanted: number): void {
  assert.equal(status, wanted, `${status} instead of ${wanted}: ${body.slice(0, 200)}`);
}

function expectRevalidated({ headers }: Answer): void {
  assert.match(headers["cache-control"] ?? "", /no-cache/);
}
