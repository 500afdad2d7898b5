/**
 * A client of the provider without a browser: the authorization code flow with PKCE (RFC 7636), with
 * the provider's own question answered. For tests and for curl.
 */

import { createHash, randomBytes } from "node:crypto";

export interface Client {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scope: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** The parts of OpenID Connect Discovery that are used here. */
export interface Endpoints {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint: string;
  readonly end_session_endpoint: string;
  readonly jwks_uri: string;
}

/** What a browser keeps: cookies, by name. */
export class Cookies {
  private readonly values = new Map<string, string>();

  /** Sends a request without following its redirect. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.values].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), cookie };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const header of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (value) this.values.set(name, value);
      else this.values.delete(name);
    }
    return response;
  }
}

export async function discover(issuer: string): Promise<Endpoints> {
  return await json(await fetch(`${issuer}/.well-known/openid-configuration`));
}

/** Signs in with an e-mail address. */
export async function signIn(client: Client, email: string): Promise<Tokens> {
  const { code, verifier } = await authorize(client, email);
  return await json(await exchange(client, code, verifier));
}

/** Where a browser goes to sign in. */
export async function authorizationUrl(
  { issuer, clientId, redirectUri, resource, scope }: Client,
  state: string,
  verifier: string,
): Promise<string> {
  const { authorization_endpoint } = await discover(issuer);
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    resource,
    scope,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return `${authorization_endpoint}?${query}`;
}

/** The first half: a code, and the verifier that belongs to it. */
export async function authorize(
  client: Client,
  email: string,
  cookies = new Cookies(),
): Promise<{ code: string; verifier: string }> {
  const verifier = random();
  const state = random();
  let location = await authorizationUrl(client, state, verifier);
  while (!location.startsWith(`${client.redirectUri}?`)) {
    const isQuestion = new URL(location).pathname.startsWith("/sign-in/");
    const response = await cookies.fetch(
      location,
      isQuestion ? { method: "POST", body: new URLSearchParams({ email }) } : {},
    );
    const next = response.headers.get("location");
    if (next === null) {
      const asked = isQuestion ? `the address ${email}` : location;
      throw new Error(`the provider answered ${response.status} to ${asked}`);
    }
    location = new URL(next, location).href;
  }
  const answer = new URL(location).searchParams;
  const code = answer.get("code");
  // RFC 9207: the code is of this provider.
  if (code === null || answer.get("state") !== state || answer.get("iss") !== client.issuer) {
    throw new Error(`not signed in: ${answer}`);
  }
  return { code, verifier };
}

/** The second half: tokens for the code. */
export async function exchange(client: Client, code: string, verifier: string): Promise<Response> {
  return await callTokenEndpoint(client, {
    grant_type: "authorization_code",
    redirect_uri: client.redirectUri,
    code,
    code_verifier: verifier,
  });
}

export async function refresh(client: Client, refreshToken: string): Promise<Response> {
  return await callTokenEndpoint(client, {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  });
}

async function callTokenEndpoint(
  { issuer, clientId, resource }: Client,
  parameters: Record<string, string>,
): Promise<Response> {
  const { token_endpoint } = await discover(issuer);
  const body = new URLSearchParams({ client_id: clientId, resource, ...parameters });
  return await fetch(token_endpoint, { method: "POST", body });
}

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Enough for a state or a verifier. */
export const random = () => randomBytes(32).toString("base64url");
