/**
 * An OpenID Connect provider (`oidc-provider`) with one public client, the page. It follows RFC
 * 9700: authorization code with PKCE, exact redirect URIs, refresh tokens that rotate. Whoever sits
 * at this machine signs in as anyone. All it knows is in memory.
 */

import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import {
  type ClientMetadata,
  errors,
  type Grant,
  type JWKS,
  type KoaContextWithOIDC,
  Provider,
  type ResourceServer,
} from "oidc-provider";
import { Accounts } from "./accounts.ts";
import { guard } from "./guard.ts";
import { errorPage, signedOutPage, signOutPage } from "./pages.ts";
import { signInPage } from "./sign-in.ts";

export interface Settings {
  /** The origins of the page. */
  readonly webOrigins: readonly string[];
  readonly clientId: string;
  /** The API: what access tokens are for (RFC 8707). */
  readonly resource: string;
  readonly accessTokenSeconds: number;
}

const API_SCOPES = "events/read events/write";
const OPENID_SCOPES = ["openid", "email", "offline_access"];

const HOUR = 3_600;
const TWO_WEEKS = 14 * 24 * HOUR;

export function createProvider(issuer: string, settings: Settings): Provider {
  const { webOrigins } = settings;
  const { host, port } = new URL(issuer);
  const accounts = new Accounts();
  const provider = new Provider(issuer, {
    clients: [client(settings)],
    jwks: signingKey(),
    cookies: {
      keys: [randomBytes(32).toString("base64url")],
      // A browser sends the cookies of a host to all of its ports.
      names: {
        session: `session-${port}`,
        interaction: `interaction-${port}`,
        resume: `resume-${port}`,
      },
    },
    pkce: { required: () => true },
    scopes: OPENID_SCOPES,
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    clientBasedCORS: (_, origin) => webOrigins.includes(origin),
    findAccount: (_, sub) => accounts.find(sub),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
    loadExistingGrant: (context) => grant(context, settings),
    renderError: (context, { error, error_description }) => {
      context.body = errorPage(error_description ?? error, webOrigins);
    },
    ttl: {
      AccessToken: settings.accessTokenSeconds,
      Grant: TWO_WEEKS,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: TWO_WEEKS,
      Session: TWO_WEEKS,
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => resourceServer(resource, settings),
      },
      revocation: {
        enabled: true,
        allowedPolicy: async (_, { clientId }, token) => token.clientId === clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = signOutPage(context, form);
        },
        postLogoutSuccessSource: (context) => {
          context.body = signedOutPage(webOrigins);
        },
      },
    },
  });
  provider.use(guard(host, webOrigins));
  provider.use(signInPage(provider, accounts));
  return provider;
}

function client({ webOrigins, clientId }: Settings): ClientMetadata {
  return {
    client_id: clientId,
    // A page keeps no secret (RFC 9700, section 2.1.1: PKCE takes its place).
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    redirect_uris: webOrigins.map((origin) => `${origin}/signed-in`),
    post_logout_redirect_uris: webOrigins.map((origin) => `${origin}/`),
  };
}

/** A key that nobody has after the end. */
function signingKey(): JWKS {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID() };
  return { keys: [{ ...key, use: "sig", alg: "RS256" }] } as JWKS;
}

function resourceServer(resource: string, settings: Settings): ResourceServer {
  if (resource !== settings.resource) throw new errors.InvalidTarget();
  return {
    scope: API_SCOPES,
    audience: resource,
    accessTokenTTL: settings.accessTokenSeconds,
    accessTokenFormat: "jwt",
    jwt: { sign: { alg: "RS256" } },
  };
}

/** Who signs in agrees to all that the page may ask for: there is no page that asks again. */
async function grant(
  { oidc }: KoaContextWithOIDC,
  { clientId, resource }: Settings,
): Promise<Grant | undefined> {
  const known = oidc.session?.grantIdFor(clientId);
  if (known) return oidc.provider.Grant.find(known);
  const accountId = oidc.session?.accountId;
  if (!accountId) return undefined;
  const grant = new oidc.provider.Grant({ clientId, accountId });
  grant.addOIDCScope(OPENID_SCOPES.join(" "));
  grant.addResourceScope(resource, API_SCOPES);
  await grant.save();
  return grant;
}
