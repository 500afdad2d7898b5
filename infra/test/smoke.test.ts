import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { nameHasHash } from "../lib/site/files.ts";
import { accessChecks, checks, pageChecks, readSignIn, type Target } from "../smoke/checks.ts";
import recorded from "./recorded/cloudfront.json" with { type: "json" };
import { headersOf, siteFiles } from "./support.ts";

const api = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
const signIn = {
  access: "members-write",
  issuer: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a1B2c3D4e",
} as const;
const [missing, ...rest] = recorded.responses.toReversed();
const found = rest.toReversed();

/** The site of `siteFiles`, as CloudFront responds: `head` is that of each file which is there. */
async function serve(
  head: object,
  change: (response: ServerResponse, path: string) => void = () => {},
): Promise<{ web: string; stop: () => void }> {
  const files: Record<string, string> = {
    ...siteFiles,
    "config.json": JSON.stringify({ apiUrl: api, signIn }),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const isPage = !path.slice(path.lastIndexOf("/")).includes(".");
    const name = isPage ? "index.html" : path.slice(1);
    const content = files[name];
    response.statusCode = content === undefined ? (missing?.status ?? 0) : 200;
    const own = content === undefined ? missing?.headers : { ...head, ...headersOfFile(name) };
    for (const [header, value] of Object.entries({ ...own, ...headersOf("prod") })) {
      response.setHeader(header, value ?? "");
    }
    change(response, path);
    response.end(content ?? missing?.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    web,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** As the uploads set them. */
function headersOfFile(name: string): Record<string, string> {
  return {
    "content-type": name.endsWith(".html") ? "text/html" : "application/json",
    "cache-control": nameHasHash(name) ? "public, max-age=31536000, immutable" : "no-cache",
  };
}

/** The names of the checks that fail. */
async function failures(web: string): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of pageChecks({ web, api, signIn })) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

for (const { for: what, headers } of found) {
  test(`the smoke test takes a site whose files are sent like ${what}`, async (t) => {
    const { web, stop } = await serve(headers);
    t.after(stop);
    assert.deepEqual(await failures(web), []);
  });
}

const defects: [what: string, change: (response: ServerResponse, path: string) => void, RegExp][] =
  [
    [
      "a server with a version",
      (response) => response.setHeader("server", "nginx/1.29.3"),
      /none names a framework or a version/,
    ],
    [
      "a missing file that is found",
      (response) => {
        response.statusCode = 200;
      },
      /a missing file is 404/,
    ],
    [
      "hashed files that are revalidated",
      (response) => response.setHeader("cache-control", "no-cache"),
      /cached for a year/,
    ],
    [
      "a page that is cached",
      (response) => response.setHeader("cache-control", "public, max-age=31536000, immutable"),
      /the page loads and is revalidated/,
    ],
    [
      "no policy",
      (response) => response.removeHeader("content-security-policy"),
      /content-security-policy/,
    ],
  ];

for (const [what, change, name] of defects) {
  test(`the smoke test finds ${what}`, async (t) => {
    const { web, stop } = await serve(found[0]?.headers ?? {}, change);
    t.after(stop);
    assert.match((await failures(web)).join("\n"), name);
  });
}

type Guarded = "members-write" | "members";
type Change = (answer: Answer, method: string, path: string) => void;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The page, the gateway and the provider of a stage, as far as nobody has signed in. */
async function serveGuarded(access: Guarded, change: Change = () => {}) {
  /** The token of each call by the page that creates an event. */
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    const origin = `http://${headers.host}`;
    const cors = headers.origin === origin ? { "access-control-allow-origin": origin } : {};
    const answer: Answer = { status: 404, headers: { ...cors }, body: "{}" };
    if (path === "/") {
      answer.status = 200;
      answer.headers = { "content-security-policy": `connect-src 'self' ${origin}` };
    } else if (path === "/config.json") {
      answer.status = 200;
      answer.body = JSON.stringify({ apiUrl: origin, signIn: { access, issuer: origin } });
    } else if (path === "/.well-known/openid-configuration") {
      answer.status = 200;
      answer.body = JSON.stringify({ issuer: origin, token_endpoint: `${origin}/token` });
    } else if (method === "OPTIONS") {
      answer.status = 204;
      answer.headers["access-control-allow-methods"] = "GET,POST,DELETE";
      answer.headers["access-control-allow-headers"] = "content-type,idempotency-key,authorization";
    } else if (method !== "GET" || access === "members") {
      answer.status = 401;
    } else if (path === "/events") {
      answer.status = 200;
    }
    if (headers["idempotency-key"] !== undefined) tokens.push(headers.authorization);
    change(answer, method, path);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signIn = await readSignIn(web);
  assert.deepEqual(signIn, { access, issuer: web });
  const target: Target = { web, api: web, signIn };
  return { target, tokens, stop: () => server.close() };
}

async function accessFailures(target: Target): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of accessChecks(target)) await run().catch(() => failed.push(name));
  return failed;
}

const holes: [what: string, access: Guarded, Change, RegExp][] = [
  [
    "a preflight that does not allow the token",
    "members-write",
    ({ headers }, method) => {
      if (method === "OPTIONS") headers["access-control-allow-headers"] = "content-type";
    },
    /the page is allowed what it sends/,
  ],
  [
    "a create that needs no token",
    "members-write",
    (answer, method) => {
      if (method === "POST") answer.status = 400;
    },
    /create and delete are refused/,
  ],
  [
    "a delete that needs no token",
    "members",
    (answer, method) => {
      if (method === "DELETE") answer.status = 404;
    },
    /create and delete are refused/,
  ],
  [
    "a refusal that the page cannot read",
    "members-write",
    (answer) => {
      if (answer.status === 401) answer.headers = {};
    },
    /create and delete are refused/,
  ],
  [
    "a list that needs no token",
    "members",
    (answer, method, path) => {
      if (method === "GET" && path === "/events") answer.status = 200;
    },
    /list and read are refused/,
  ],
  [
    "a list that needs a token",
    "members-write",
    (answer, _, path) => {
      if (path === "/events") answer.status = 401;
    },
    /everybody reads/,
  ],
  [
    "a provider of another name",
    "members-write",
    (answer, _, path) => {
      if (path.startsWith("/.well-known/")) answer.body = answer.body.replace("127.0.0.1", "::1");
    },
    /the page may call the provider/,
  ],
  [
    "a provider whose tokens the page may not fetch",
    "members-write",
    (answer, _, path) => {
      if (path.startsWith("/.well-known/")) {
        answer.body = answer.body.replace(
          /"token_endpoint":"[^"]*"/,
          '"token_endpoint":"https://t"',
        );
      }
    },
    /the page may call the provider/,
  ],
];

for (const access of ["members-write", "members"] as const) {
  test(`the smoke test takes a stage that lets nobody in without a token: ${access}`, async (t) => {
    const { target, stop } = await serveGuarded(access);
    t.after(stop);
    assert.deepEqual(await accessFailures(target), []);
  });
}

for (const [what, access, change, name] of holes) {
  test(`the smoke test finds ${what}`, async (t) => {
    const { target, stop } = await serveGuarded(access, change);
    t.after(stop);
    assert.match((await accessFailures(target)).join("\n"), name);
  });
}

test("the smoke test creates an event only with a token, which it sends", async (t) => {
  const { target, tokens, stop } = await serveGuarded("members-write");
  t.after(stop);
  const create = async (token?: string) => {
    const check = checks(target, token).find(({ name }) => name === "create");
    await check?.run().catch(() => {});
    return tokens.splice(0);
  };
  assert.deepEqual(await create(), []);
  assert.deepEqual(await create("TOKEN"), ["Bearer TOKEN"]);
});
