import assert from "node:assert/strict";
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { authorize, Cookies, discover, exchange, refresh, signIn } from "../client.ts";
import { EMAIL, parts, RESOURCE, type Running, run, start, WEB_ORIGIN } from "./support.ts";

let provider: Running;
before(async () => {
  provider = await start();
});
after(async () => {
  assert.equal(await provider.stop(), 0);
});

const now = () => Math.floor(Date.now() / 1000);
const error = async (response: Response) => ((await response.json()) as { error: string }).error;

/** An authorization request of the page, changed. */
async function authorizationUrl(change: Record<string, string | undefined> = {}) {
  const { client, issuer } = provider;
  const { authorization_endpoint } = await discover(issuer);
  const parameters = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    resource: client.resource,
    scope: client.scope,
    state: "s",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
    ...change,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `${authorization_endpoint}?${new URLSearchParams(given as [string, string][])}`;
}

/** Begins to sign in; gives the provider's question. */
async function question(cookies: Cookies, change: Record<string, string | undefined> = {}) {
  const begun = await cookies.fetch(await authorizationUrl(change));
  return new URL(begun.headers.get("location") ?? "", provider.issuer).href;
}

test("the flow with PKCE gives tokens with the right claims", async () => {
  const tokens = await signIn(provider.client, EMAIL);
  const { header, claims } = parts(tokens.access_token);
  assert.equal(header.alg, "RS256");
  assert.equal(claims.iss, provider.issuer);
  assert.equal(claims.aud, RESOURCE);
  assert.equal(claims.client_id, "page");
  assert.equal(claims.scope, "events/write");
  assert.equal(claims.exp - claims.iat, 3600);
  assert.ok(Math.abs(claims.iat - now()) < 10);
  assert.equal(tokens.expires_in, 3600);

  const id = parts(tokens.id_token).claims;
  assert.equal(id.email, EMAIL);
  assert.equal(id.aud, "page");
  assert.equal(id.sub, claims.sub);
  assert.ok(!JSON.stringify(claims).includes(EMAIL), "the API does not learn the address");

  const { jwks_uri } = await discover(provider.issuer);
  const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: JsonWebKey[] };
  assert.deepEqual(
    keys.map(({ alg, kid, d }) => [alg, kid, d]),
    [["RS256", header.kid, undefined]],
  );
  const [signed, signature] = [/^.*(?=\.)/, /[^.]*$/].map(
    (of) => of.exec(tokens.access_token)?.[0],
  );
  const key = createPublicKey({ key: keys[0] as JsonWebKey, format: "jwk" });
  assert.ok(
    verify("sha256", Buffer.from(signed ?? ""), key, Buffer.from(signature ?? "", "base64url")),
  );
});

test("an address is the same account again, and another is another", async () => {
  const sub = async (email: string) =>
    parts((await signIn(provider.client, email)).access_token).claims.sub;
  const first = await sub(EMAIL);
  assert.equal(await sub(EMAIL.toUpperCase()), first);
  assert.notEqual(await sub("bob@example.org"), first);
});

test("a request without PKCE, or with its plain method, is refused", async () => {
  for (const change of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: "plain" },
  ]) {
    const response = await new Cookies().fetch(await authorizationUrl(change));
    const answer = new URL(response.headers.get("location") ?? "").searchParams;
    assert.equal(answer.get("error"), "invalid_request");
    assert.match(answer.get("error_description") ?? "", /PKCE|code_challenge/);
  }
});

test("the verifier of another request is refused", async () => {
  const { code } = await authorize(provider.client, EMAIL);
  const response = await exchange(provider.client, code, "x".repeat(43));
  assert.equal(response.status, 400);
  assert.equal(await error(response), "invalid_grant");
});

test("another redirect URI is refused on a page, not by a redirect", async () => {
  for (const redirect_uri of [
    "http://localhost:8081/signed-in",
    `${WEB_ORIGIN}/signed-in/`,
    `${WEB_ORIGIN}/signed-in?a=1`,
    "https://elsewhere.example/signed-in",
  ]) {
    const response = await new Cookies().fetch(await authorizationUrl({ redirect_uri }));
    assert.equal(response.status, 400, redirect_uri);
    assert.equal(response.headers.get("location"), null);
    assert.match(await response.text(), /redirect_uri/);
  }
});

test("a code is for one use, and its second ends what came from the first", async () => {
  const { code, verifier } = await authorize(provider.client, EMAIL);
  const tokens = (await (await exchange(provider.client, code, verifier)).json()) as {
    refresh_token: string;
  };
  const again = await exchange(provider.client, code, verifier);
  assert.equal(await error(again), "invalid_grant");
  assert.equal(await error(await refresh(provider.client, tokens.refresh_token)), "invalid_grant");
});

test("a refresh token is rotated, and the use of an old one ends the new one", async () => {
  const first = (await signIn(provider.client, EMAIL)).refresh_token;
  const response = await refresh(provider.client, first);
  const tokens = (await response.json()) as { refresh_token: string; access_token: string };
  assert.equal(response.status, 200);
  assert.notEqual(tokens.refresh_token, first);
  assert.equal(parts(tokens.access_token).claims.aud, RESOURCE);

  assert.equal(await error(await refresh(provider.client, first)), "invalid_grant");
  assert.equal(await error(await refresh(provider.client, tokens.refresh_token)), "invalid_grant");
});

test("a revoked refresh token is refused", async () => {
  const { refresh_token } = await signIn(provider.client, EMAIL);
  const { revocation_endpoint } = await discover(provider.issuer);
  const body = new URLSearchParams({ token: refresh_token, client_id: "page" });
  assert.equal((await fetch(revocation_endpoint, { method: "POST", body })).status, 200);
  assert.equal(await error(await refresh(provider.client, refresh_token)), "invalid_grant");
});

test("tokens are for the API alone", async () => {
  const response = await new Cookies().fetch(
    await authorizationUrl({ resource: "http://localhost:3001" }),
  );
  const answer = new URL(response.headers.get("location") ?? "").searchParams;
  assert.equal(answer.get("error"), "invalid_target");
});

test("a client that asks for consent gets it without a page", async () => {
  const cookies = new Cookies();
  await authorize(provider.client, EMAIL, cookies);
  let location = await authorizationUrl({ prompt: "consent" });
  for (let step = 0; step < 5 && !location.startsWith(WEB_ORIGIN); step += 1) {
    const response = await cookies.fetch(location);
    location = new URL(response.headers.get("location") ?? "", location).href;
  }
  assert.match(location, /[?&]code=/);
});

test("a session needs no second answer, until the page signs out", async () => {
  const cookies = new Cookies();
  const { code, verifier } = await authorize(provider.client, EMAIL, cookies);
  const tokens = (await (await exchange(provider.client, code, verifier)).json()) as {
    id_token: string;
    refresh_token: string;
  };
  const again = await cookies.fetch(await authorizationUrl());
  assert.match(again.headers.get("location") ?? "", /\/signed-in\?code=/);

  const { end_session_endpoint } = await discover(provider.issuer);
  const query = new URLSearchParams({
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: `${WEB_ORIGIN}/`,
  });
  const page = await cookies.fetch(`${end_session_endpoint}?${query}`);
  const html = await page.text();
  const inputs = [...html.matchAll(/name="(\w+)" value="([^"]*)"/g)];
  const [, action = ""] = /action="([^"]*)"/.exec(html) ?? [];
  const body = new URLSearchParams(
    inputs.map(([, name = "", value = ""]): [string, string] => [name, value]),
  );
  const ended = await cookies.fetch(action, { method: "POST", body });
  assert.equal(ended.headers.get("location"), `${WEB_ORIGIN}/`);

  assert.match(await question(cookies), /\/sign-in\//);
  assert.equal(await error(await refresh(provider.client, tokens.refresh_token)), "invalid_grant");
});

test("only a page with an ID token signs out without a press of the button", async () => {
  const cookies = new Cookies();
  await authorize(provider.client, EMAIL, cookies);
  const { end_session_endpoint } = await discover(provider.issuer);
  const asked = await cookies.fetch(`${end_session_endpoint}?client_id=page`);
  assert.doesNotMatch(await asked.text(), /<script/);

  const { id_token } = await signIn(provider.client, EMAIL);
  const told = await cookies.fetch(`${end_session_endpoint}?id_token_hint=${id_token}`);
  const policy = told.headers.get("content-security-policy") ?? "";
  assert.match(await told.text(), /<script>/);
  assert.match(policy, /script-src 'sha256-/);

  const foreign = new URLSearchParams({
    client_id: "page",
    post_logout_redirect_uri: "https://elsewhere.example/",
  });
  const response = await cookies.fetch(`${end_session_endpoint}?${foreign}`);
  assert.equal(response.status, 400);
});

test("the question refuses what is no address, and escapes what was typed", async () => {
  const cookies = new Cookies();
  const url = await question(cookies);
  const page = await cookies.fetch(url);
  const html = await page.text();
  assert.match(html, /<html lang="en">/);
  assert.match(html, /<title>Sign in · development accounts<\/title>/);
  assert.match(html, /<label for="email">/);
  assert.match(html, /development account on this computer/);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; script-src; style-src 'sha256-/);
  assert.match(policy, /frame-ancestors 'none'/);

  for (const email of [
    "",
    "ada",
    "a b@example.org",
    `"><b>@example.org`,
    `${"a".repeat(251)}@b.c`,
  ]) {
    const body = new URLSearchParams({ email });
    const refused = await cookies.fetch(url, { method: "POST", body });
    assert.equal(refused.status, 400, email);
    const text = await refused.text();
    assert.match(text, /role="alert"/);
    assert.match(text, /aria-invalid="true"/);
    assert.doesNotMatch(text, /"><b>/);
  }
  const long = new URLSearchParams({ email: EMAIL, more: "x".repeat(5_000) });
  assert.equal((await cookies.fetch(url, { method: "POST", body: long })).status, 413);
  // It answers only the browser that began.
  const body = new URLSearchParams({ email: EMAIL });
  assert.equal((await new Cookies().fetch(url, { method: "POST", body })).status, 400);
});

test("who cancels comes back to the page with an error", async () => {
  const cookies = new Cookies();
  const body = new URLSearchParams({ email: "", cancel: "" });
  const response = await cookies.fetch(await question(cookies), { method: "POST", body });
  const back = await cookies.fetch(response.headers.get("location") ?? "");
  const answer = new URL(back.headers.get("location") ?? "");
  assert.equal(answer.origin, WEB_ORIGIN);
  assert.equal(answer.searchParams.get("error"), "access_denied");
});

test("scripts of the page's origin read its answers, and no others", async () => {
  const endpoints = await discover(provider.issuer);
  const calls: [string, RequestInit][] = [
    [`${provider.issuer}/.well-known/openid-configuration`, {}],
    [endpoints.jwks_uri, {}],
    [
      endpoints.token_endpoint,
      { method: "POST", body: new URLSearchParams({ client_id: "page" }) },
    ],
    [
      endpoints.revocation_endpoint,
      { method: "POST", body: new URLSearchParams({ client_id: "page" }) },
    ],
    [
      endpoints.token_endpoint,
      { method: "OPTIONS", headers: { "access-control-request-method": "POST" } },
    ],
  ];
  for (const [url, init] of calls) {
    for (const origin of [WEB_ORIGIN, "https://elsewhere.example", "null"]) {
      const response = await fetch(url, { ...init, headers: { ...init.headers, origin } });
      const allowed = response.headers.get("access-control-allow-origin");
      assert.equal(allowed, origin === WEB_ORIGIN ? origin : null, `${url} ${origin}`);
    }
  }
});

test("it listens on this machine only, and under its own name", async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  for (const { address, internal, scopeid } of addresses) {
    if (internal || scopeid) continue;
    const socket = connect({ host: address, port: provider.port });
    const result = await new Promise((resolve) => {
      socket.once("connect", () => resolve("connected"));
      socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    socket.destroy();
    assert.equal(result, "ECONNREFUSED", address);
  }
  for (const host of [`127.0.0.1:${provider.port}`, "elsewhere.example"]) {
    const call = request({ port: provider.port, path: "/jwks", headers: { host } });
    const [response] = await once(call.end(), "response");
    assert.equal(response.statusCode, 421, host);
    assert.match(await text(response), new RegExp(`is at ${provider.issuer}`));
  }
});

test("an access token is valid for as long as told, and its renewal too", async (context) => {
  const short = await start("--access-token-seconds", "2");
  context.after(short.stop);
  const { access_token, refresh_token, expires_in } = await signIn(short.client, EMAIL);
  const { claims } = parts(access_token);
  assert.deepEqual([claims.exp - claims.iat, expires_in], [2, 2]);
  const renewed = (await (await refresh(short.client, refresh_token)).json()) as {
    access_token: string;
  };
  const again = parts(renewed.access_token).claims;
  assert.equal(again.exp - again.iat, 2);

  // Another run, another key, the same account.
  const other = parts((await signIn(provider.client, EMAIL)).access_token);
  assert.notEqual(other.header.kid, parts(access_token).header.kid);
  assert.equal(other.claims.sub, claims.sub);
});

test("a taken port and a wrong setting are one line and status 1", async () => {
  const page = ["--web-origin", WEB_ORIGIN, "--client-id", "page", "--resource", RESOURCE];
  for (const [settings, expected] of [
    [
      [...page, "--port", `${provider.port}`],
      `error: port ${provider.port} is taken: stop what uses it, or choose another with --port`,
    ],
    [
      [...page, "--access-token-seconds", "0"],
      "error: --access-token-seconds 0: must be a whole number from 1 to 86400",
    ],
    [
      [...page, "--web-origin", "http://localhost:8080/"],
      "error: --web-origin http://localhost:8080/: must be an origin like http://localhost:8080",
    ],
  ] as const) {
    const failing = run([...settings]);
    const [log, [status]] = await Promise.all([text(failing.stderr), once(failing, "exit")]);
    assert.equal(status, 1);
    assert.equal(log.trimEnd().split("\n").at(-1), expected);
  }
});
