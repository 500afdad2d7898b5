// Signs in at the site's OpenID Connect provider: code flow with PKCE (RFC 7636, RFC 9700), by a
// library that is certified for it. Loaded when somebody signs in or out, or a token is renewed.
//
// Tokens are in the session storage of this tab, and nowhere else.

import * as oauth from "oauth4webapi";

/** What the app reads: see `sign_in.rs`. */
const ACCOUNT = "account";
/** The sign-in that is under way: what only this tab may know of it. */
const BEGUN = "sign-in";
/** When somebody signed out here last, for all tabs. */
const ENDED = "signed-out";

/** A clock of the reader's may be wrong by so many seconds. */
const CLOCK_TOLERANCE = 15 * 60;
/** How long one call of the provider may take, in milliseconds. */
const PATIENCE = 15_000;

const redirectUri = () => `${location.origin}/signed-in`;

/** What the provider is called with, and what it says of itself. */
async function provider() {
  const { signIn } = await (await fetch("/config.json")).json();
  const issuer = new URL(signIn.issuer);
  const options = () => ({
    signal: AbortSignal.timeout(PATIENCE),
    // A development provider on this machine.
    [oauth.allowInsecureRequests]: ["localhost", "127.0.0.1"].includes(issuer.hostname),
  });
  const found = await oauth.discoveryRequest(issuer, options());
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: signIn.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE };
  return { signIn, server, client, options };
}

/** Goes to the provider. `state` is the app's, for `finish` to give back. */
export async function begin(state) {
  const { signIn, server } = await provider();
  const begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    app: state,
  };
  sessionStorage.setItem(BEGUN, JSON.stringify(begun));
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: signIn.clientId,
    redirect_uri: redirectUri(),
    scope: signIn.scopes,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: "S256",
    ...resource(signIn),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Which API the token is for (RFC 8707), where the provider wants to be told. */
const resource = ({ resource }) => (resource ? { resource } : {});

/**
 * The way back from the provider, at the address where it led. Gives the state of `begin`. The code
 * works once, and so does what this tab knows of it.
 */
export async function finish(address) {
  const begun = JSON.parse(sessionStorage.getItem(BEGUN));
  sessionStorage.removeItem(BEGUN);
  if (!begun) throw new Error("no sign-in was begun in this tab");
  const { signIn, server, client, options } = await provider();
  const url = new URL(address);
  const parameters = oauth.validateAuthResponse(server, client, url, begun.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri(),
    begun.verifier,
    { ...options(), additionalParameters: resource(signIn) },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: begun.nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response, options());
  const { sub, email, name } = oauth.getValidatedIdTokenClaims(tokens);
  keep({ name: email ?? name ?? sub }, tokens);
  return begun.app;
}

/** Calls that need it at the same time wait for one renewal: a refresh token works once. */
let renewing;

/** Asks for another access token. The account is gone when the provider gives none any more. */
export function renew() {
  renewing ??= renewNow().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renewNow() {
  const account = JSON.parse(sessionStorage.getItem(ACCOUNT));
  if (!account?.refreshToken) return forget();
  const { signIn, server, client, options } = await provider();
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    oauth.None(),
    account.refreshToken,
    { ...options(), additionalParameters: resource(signIn) },
  );
  try {
    const tokens = await oauth.processRefreshTokenResponse(server, client, response);
    // The reader may have signed out meanwhile.
    if (sessionStorage.getItem(ACCOUNT)) keep(account, tokens);
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError) || error.status >= 500) throw error;
    forget();
  }
}

/** Signs out here, in every other tab, and at the provider. */
export async function end() {
  const { refreshToken, idToken } = JSON.parse(sessionStorage.getItem(ACCOUNT)) ?? {};
  forget();
  localStorage.setItem(ENDED, Date.now());
  const { signIn, server, client, options } = await provider();
  if (refreshToken && server.revocation_endpoint) {
    // A provider that does not answer must not keep the reader from its own sign-out.
    await oauth
      .revocationRequest(server, client, oauth.None(), refreshToken, options())
      .catch(() => {});
  }
  const home = `${location.origin}/`;
  const { cognitoLogoutUrl, clientId } = signIn;
  const to = cognitoLogoutUrl ?? server.end_session_endpoint;
  if (!to) return;
  const url = new URL(to);
  const parameters = cognitoLogoutUrl
    ? { client_id: clientId, logout_uri: home }
    : { client_id: clientId, post_logout_redirect_uri: home, id_token_hint: idToken };
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value);
  }
  location.assign(url);
}

function keep(account, tokens) {
  const lifetime = tokens.expires_in ?? 300;
  sessionStorage.setItem(
    ACCOUNT,
    JSON.stringify({
      ...account,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token ?? account.refreshToken,
      idToken: tokens.id_token ?? account.idToken,
      since: account.since ?? Date.now(),
      // By this machine's clock, right or wrong.
      expires: Math.round(Date.now() + lifetime * 1000),
    }),
  );
}

function forget() {
  sessionStorage.removeItem(ACCOUNT);
}
