/**
 * Every origin on every call, in every run: as deployed, without the gateway's half of CORS, and
 * without both halves. And some origins on every call with and without a token, in each kind of
 * access.
 *
 * The expected headers are computed below from the contract, not copied from a run. Against a
 * deployed app there is only the first run; each row in which AWS differs is printed.
 */

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { apiOrigin, localBuild, noLocalBuild, webOrigin } from "../environment.ts";
import { expect, test } from "../fixtures.ts";
import { Assembly, freePorts, type Half, LocalRun, type Template } from "../local-run.ts";
import { Provider } from "../provider.ts";

/** (a) both halves, (b) the functions' half alone, (c) neither. */
const runs: Record<string, Half[]> = {
  "(a)": [],
  "(b)": ["gateway-cors"],
  "(c)": ["gateway-cors", "allowed-origins"],
};

/** How the stack is broken, so that routes respond with the other classes of status. */
const conditions: Record<"well" | "no table" | "throttled", (template: Template) => void> = {
  well: () => {},
  "no table": (template) => {
    for (const { Properties } of resources(template, "AWS::Lambda::Function")) {
      const variables = Properties.Environment?.Variables;
      if (variables?.TABLE_NAME) variables.TABLE_NAME = "gone";
    }
  },
  throttled: (template) => {
    for (const { Properties } of resources(template, "AWS::ApiGatewayV2::Stage")) {
      Properties.DefaultRouteSettings = { ThrottlingBurstLimit: 0, ThrottlingRateLimit: 0 };
    }
  },
};
type Condition = keyof typeof conditions;

/** Who may do what: the methods of the calls that need a token. */
const accesses = {
  public: [],
  "members-write": ["POST", "DELETE"],
  members: ["GET", "POST", "DELETE"],
} as const satisfies Record<string, readonly string[]>;
type Access = keyof typeof accesses;

/** A run: what is left of CORS, how the stack is broken, who may do what, and what is sent. */
interface Run {
  readonly name: keyof typeof runs;
  readonly condition: Condition;
  readonly access: Access;
  readonly token?: { readonly kind: "good" | "bad"; readonly value: string };
}

function resources(template: Template, type: string): Template[] {
  return Object.values<Template>(template.Resources).filter((resource) => resource.Type === type);
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** A function's status when all is well. Without one there is no route: the gateway's 404. */
  readonly status?: number;
}

const json = { "content-type": "application/json" };
const keyed = { ...json, "idempotency-key": randomUUID() };
const unknownId = randomUUID();

const createKeyed = {
  method: "POST",
  path: "/events",
  headers: keyed,
  body: '{"name":"Matrix"}',
};

/** `stored` is an event that stays, `deletable` one that may be deleted. */
function calls(access: Access, stored: string, deletable: string): Call[] {
  // Where only members read there is no feed.
  const feed = access === "members" ? 400 : 200;
  return [
    { method: "GET", path: "/events?limit=1", status: 200 },
    { method: "GET", path: "/events?limit=0", status: 400 },
    { method: "GET", path: "/events?format=ics&from=9999-01-01", status: feed },
    // The same key each time: one event, however many rows.
    { ...createKeyed, status: 201 },
    { method: "POST", path: "/events", headers: json, body: '{"name', status: 400 },
    { method: "POST", path: "/events", headers: { "content-type": "text/plain" }, status: 415 },
    { method: "POST", path: "/events", headers: keyed, body: '{"name":"Else"}', status: 422 },
    { method: "GET", path: `/events/${stored}`, status: 200 },
    { method: "GET", path: `/events/${unknownId}`, status: 404 },
    { method: "DELETE", path: `/events/${deletable}`, status: 204 },
    { method: "DELETE", path: `/events/${unknownId}`, status: 404 },
    { method: "GET", path: "/nothing" },
    { method: "PUT", path: "/events" },
    { method: "HEAD", path: "/events" },
    // Not a preflight: it does not ask for a method.
    { method: "OPTIONS", path: "/events" },
    preflight("GET", "/events"),
    preflight("POST", "/events", "content-type,idempotency-key"),
    preflight("GET", `/events/${stored}`),
    preflight("DELETE", `/events/${stored}`),
    preflight("GET", "/nothing"),
    preflight("PUT", "/events"),
  ];
}

/** Those of which a broken stack makes something else: one of each route, and what has none. */
function callsWhenBroken(stored: string): Call[] {
  return [
    { method: "GET", path: "/events", status: 500 },
    { method: "GET", path: "/events?format=ics", status: 500 },
    { method: "POST", path: "/events", headers: json, body: '{"name":"Matrix"}', status: 500 },
    { method: "GET", path: `/events/${stored}`, status: 500 },
    { method: "DELETE", path: `/events/${stored}`, status: 500 },
    { method: "GET", path: "/nothing" },
    { method: "PUT", path: "/events" },
    preflight("POST", "/events", "content-type"),
    preflight("DELETE", `/events/${stored}`),
  ];
}

function preflight(method: string, path: string, headers?: string): Call {
  return {
    method: "OPTIONS",
    path,
    headers: {
      "access-control-request-method": method,
      ...(headers && { "access-control-request-headers": headers }),
    },
  };
}

type Origin = string | string[] | undefined;

/** Those for which answers with and without a token are compared. */
const fewOriginsBeside = (allowed: string[]): Origin[] => [
  ...allowed,
  "https://example.com",
  "null",
  undefined,
];

function originsBeside([first = "", ...others]: string[]): Origin[] {
  const { protocol, hostname, port } = new URL(first);
  const otherPort = port === "1" ? 2 : Number(port || 443) - 1;
  return [
    first,
    ...others,
    "https://example.com",
    `${first}.evil.test`,
    `${protocol}//evil.test:${port || 443}`,
    first.replace("//", "//evil-"),
    first.replace("//", "//evil."),
    first.replace(/^https?/, (scheme) => (scheme === "https" ? "http" : "https")),
    `${protocol}//${hostname}:${otherPort}`,
    first.slice(0, -1),
    `${first}0`,
    first.toUpperCase(),
    first.replace(hostname, hostname.toUpperCase()),
    `${first}/`,
    "*",
    "null",
    "",
    `${first}, ${first}`,
    `${first} ${first}`,
    [first, first],
    [first, "https://example.com"],
    undefined,
  ];
}

interface CorsResponse {
  readonly status: number;
  /** `access-control-*` and `vary`; lists in the order of the alphabet. */
  readonly cors: Record<string, string>;
}

const exposed = "idempotency-replayed,link,location,retry-after";

/** What the contract says. */
function expected(
  halves: { gateway: boolean; functions: boolean },
  { condition, access, token }: Run,
  { method, headers, status }: Call,
  allowed: string | undefined,
): CorsResponse {
  if (halves.gateway && method === "OPTIONS") {
    const asks = headers?.["access-control-request-method"] !== undefined;
    const granted = asks &&
      allowed && {
        "access-control-allow-origin": allowed,
        "access-control-allow-methods": "DELETE,GET,POST",
        "access-control-allow-headers": [
          ...(access === "public" ? [] : ["authorization"]),
          ...["content-type", "idempotency-key"],
        ].join(),
        "access-control-max-age": "86400",
      };
    return { status: 204, cors: granted || {} };
  }
  const hasRoute = status !== undefined;
  const guarded: readonly string[] = accesses[access];
  const denied = hasRoute && guarded.includes(method) && token?.kind !== "good";
  const byFunction = hasRoute && condition !== "throttled" && !denied;
  const named = allowed && (halves.gateway || (byFunction && halves.functions));
  return {
    status: condition === "throttled" ? 429 : denied ? 401 : (status ?? 404),
    cors: {
      ...(named && {
        "access-control-allow-origin": allowed,
        "access-control-expose-headers": exposed,
      }),
      ...((byFunction || (named && halves.gateway)) && { vary: "origin" }),
    },
  };
}

const agents = {
  "http:": new Agent({ keepAlive: true, maxSockets: 8 }),
  // The stage of a deployed app may throttle calls that are made at the same time.
  "https:": new HttpsAgent({ keepAlive: true, maxSockets: 1 }),
};

/** As it is: `fetch` would not send these headers. */
async function send(
  api: string,
  call: Call,
  origin?: Origin,
): Promise<CorsResponse & { body: string }> {
  const url = new URL(api + call.path);
  const secure = url.protocol === "https:";
  const headers: OutgoingHttpHeaders = { ...call.headers };
  // Node types it as one value; here it may be two headers.
  if (origin !== undefined) headers["origin" as string] = origin;
  const request = (secure ? httpsRequest : httpRequest)(url, {
    method: call.method,
    agent: agents[secure ? "https:" : "http:"],
    headers,
  });
  request.end(call.body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let body = "";
  for await (const part of response) body += part;
  const cors = Object.entries(response.headersDistinct)
    .filter(([name]) => name === "vary" || name.startsWith("access-control-"))
    // A header that came twice is not the same as one with two values.
    .map(([name, values = []]) => [name, values.map(sorted).join(" & ")] as const)
    .map(([name, value]) => [name, name === "vary" ? value.toLowerCase() : value]);
  return { status: response.statusCode ?? 0, cors: Object.fromEntries(cors.toSorted()), body };
}

function sorted(list: string): string {
  const items = list.split(",").map((item) => item.trim());
  return items.toSorted().join(",");
}

const bearer = (token: string | undefined) => (token ? { authorization: `Bearer ${token}` } : {});

const withToken = (call: Call, token: string | undefined): Call => ({
  ...call,
  headers: { ...call.headers, ...bearer(token) },
});

/** Creates an event with a token that is good; gives its id. */
async function create(api: string, token?: string, headers = json): Promise<string> {
  const call = { method: "POST", path: "/events", headers, body: '{"name":"Matrix"}' };
  return (JSON.parse((await send(api, withToken(call, token))).body) as { id: string }).id;
}

interface Difference {
  readonly row: string;
  readonly expected: CorsResponse;
  readonly actual: CorsResponse;
}

/** Sends every row of one run; returns how many there were, and those that differ. */
async function compare(
  api: string,
  run: Run,
  allowedOrigins: string[],
  origins = originsBeside(allowedOrigins),
  good?: string,
): Promise<{ rows: number; differences: Difference[] }> {
  const { name, condition, access, token } = run;
  const without = runs[name] ?? [];
  const halves = {
    gateway: !without.includes("gateway-cors"),
    functions: !without.includes("allowed-origins"),
  };
  const isWell = condition === "well";
  const events = [undefined, ...origins].map(() => (isWell ? create(api, good) : unknownId));
  const [stored = unknownId, ...deletable] = await Promise.all(events);
  const compareOne = async (call: Call, origin: Origin): Promise<Difference | undefined> => {
    const allowed = allowedOrigins.find((one) => one === origin);
    const should = expected(halves, run, call, allowed);
    // A browser sends none with a preflight.
    const sent = call.method === "OPTIONS" ? call : withToken(call, token?.value);
    const { status, cors } = await send(api, sent, origin);
    const actual = { status, cors };
    const text = ({ status, cors }: CorsResponse) =>
      JSON.stringify([status, Object.entries(cors).toSorted()]);
    if (text(actual) === text(should)) return undefined;
    const asked = call.headers?.["access-control-request-method"];
    const what = `${call.method} ${call.path}${asked ? ` (asks for ${asked})` : ""}`;
    const who = `${access}, ${token?.kind ?? "no"} token`;
    const from = JSON.stringify(origin ?? "nowhere");
    const row = `${name} ${condition}, ${who}: ${what} from ${from}`;
    return { row, expected: should, actual };
  };
  // The key belongs to its content before others try it: rows are sent side by side.
  const keyedId = isWell && (await create(api, good, keyed));
  const rows = await Promise.all(
    origins.flatMap((origin, i) => {
      const all = isWell
        ? calls(access, stored, deletable[i] ?? unknownId)
        : callsWhenBroken(stored);
      return all.map((call) => compareOne(call, origin));
    }),
  );
  if (keyedId) {
    const left = [keyedId, stored, ...deletable];
    const calls = left.map((id) => withToken({ method: "DELETE", path: `/events/${id}` }, good));
    await Promise.all(calls.map((call) => send(api, call)));
  }
  return { rows: rows.length, differences: rows.filter((difference) => difference !== undefined) };
}

function print(rows: number, where: string, differences: Difference[]): string {
  const lines = differences.flatMap(({ row, expected, actual }) => [
    `  ${row}`,
    `    expected ${JSON.stringify(expected)}`,
    `    actual   ${JSON.stringify(actual)}`,
  ]);
  return [
    `CORS matrix: ${rows} rows against ${where}, ${differences.length} differ`,
    ...lines,
  ].join("\n");
}

test.describe("in all three local runs", () => {
  test.skip(!localBuild, noLocalBuild);

  test("every origin on every call gets exactly the headers of the contract", async ({
    assembly,
  }) => {
    // The page is not served: any port will do for the API.
    const allowed = ["localhost", "127.0.0.1"].map(
      (host) => `http://${host}:${assembly.ports.web}`,
    );
    const anyPort = (template: Template) => {
      template.Outputs.ApiUrl.Value = "http://localhost:0";
    };
    const results: Awaited<ReturnType<typeof compare>>[] = [];
    for (const condition of Object.keys(conditions) as Condition[]) {
      const change = (template: Template) => {
        anyPort(template);
        conditions[condition](template);
      };
      const locals = await assembly.changed(change, () =>
        Promise.all(
          Object.entries(runs).map(async ([run, without]) => {
            const local = await LocalRun.start(assembly, { without, site: false });
            return { run, local };
          }),
        ),
      );
      for (const { run, local } of locals) {
        const whole = { name: run, condition, access: "public" } as const;
        results.push(await compare(local.api, whole, allowed));
      }
      await Promise.all(locals.map(({ local }) => local.stop()));
    }
    const rows = results.reduce((sum, { rows }) => sum + rows, 0);
    const differences = results.flatMap(({ differences }) => differences);
    console.log(print(rows, "local runs", differences));
    expect(rows).toBe(2_574);
    expect(differences).toEqual([]);
  });

  test("with a good token, a bad one and none, in each kind of access", async () => {
    test.setTimeout(300_000);
    const ports = await freePorts();
    const allowed = ["localhost", "127.0.0.1"].map((host) => `http://${host}:${ports.web}`);
    const origins = fewOriginsBeside(allowed);
    const assemblies = {
      public: await Assembly.synthesize(ports),
      "members-write": await Assembly.synthesize(ports, { access: "members-write" }),
      members: await Assembly.synthesize(ports, { access: "members" }),
    };
    const provider = await Provider.start(assemblies.members);
    const results: Awaited<ReturnType<typeof compare>>[] = [];
    try {
      const redirectUri = `${allowed[0]}/signed-in`;
      const good = await provider.token(redirectUri);
      const another = await provider.token(redirectUri, "eve@example.org");
      // A signature that belongs to other claims.
      const bad = another.replace(/[^.]*$/, good.split(".").at(-1) ?? "");
      const tokens = [
        undefined,
        { kind: "good", value: good },
        { kind: "bad", value: bad },
      ] as const;
      for (const access of Object.keys(accesses) as Access[]) {
        for (const [name, without] of Object.entries(runs)) {
          const local = await LocalRun.start(assemblies[access], { without, site: false });
          for (const token of tokens) {
            const run = { name, condition: "well", access, ...(token && { token }) } as const;
            results.push(await compare(local.api, run, allowed, origins, good));
          }
          await local.stop();
        }
      }
    } finally {
      await provider.stop();
    }
    await Promise.all(Object.values(assemblies).map((assembly) => assembly.delete()));
    const rows = results.reduce((sum, { rows }) => sum + rows, 0);
    const differences = results.flatMap(({ differences }) => differences);
    console.log(print(rows, "local runs with and without tokens", differences));
    expect(rows).toBe(2_835);
    expect(differences).toEqual([]);
  });
});

test("the app under test responds as the contract says, or the difference is printed", async () => {
  test.setTimeout(300_000);
  const run = { name: "(a)", condition: "well", access: "public" } as const;
  const { rows, differences } = await compare(apiOrigin, run, [webOrigin]);
  const report = print(rows, apiOrigin, differences);
  console.log(report);
  await test.info().attach("differences", { body: report, contentType: "text/plain" });
  // All of it is printed; only who may read a response is a matter of safety.
  const who = ({ cors }: CorsResponse) => cors["access-control-allow-origin"];
  expect(differences.filter(({ actual, expected }) => who(actual) !== who(expected))).toEqual([]);
});
