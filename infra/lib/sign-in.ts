import { type Access, guardedScopes } from "./access.ts";
import type { SignInSettings } from "./stages/membership.ts";

/** Where members sign in. */
export interface SignInProvider {
  /** Origins that the page calls. */
  readonly origins: readonly string[];
  /** Makes the page known to the provider, if that is the stack's own. */
  client(webOrigin: string): SignInClient;
}

/** What page and gateway know of the provider. */
export interface SignInClient {
  readonly issuer: string;
  readonly clientId: string;
  /** The claim `aud` of access tokens; of the user pool's, `client_id`. */
  readonly audience: string;
  /** What the page asks for. */
  readonly scopes: readonly string[];
  readonly resource?: string;
  /** Only of the user pool, whose sign-out is not that of OpenID Connect. */
  readonly cognitoLogoutUrl?: string;
}

/** A provider of its own that the stage names. */
export function namedProvider(access: Access, settings: SignInSettings): SignInProvider {
  const { issuer, clientId, resource, origins = [] } = settings;
  return {
    origins: [...new Set([new URL(issuer).origin, ...origins])],
    client: () => ({
      issuer,
      clientId,
      audience: resource ?? clientId,
      // Without `offline_access` many providers give no refresh token.
      scopes: ["openid", "email", "offline_access", ...guardedScopes(access)],
      ...(resource !== undefined && { resource }),
    }),
  };
}

/** `signIn` in the page's `config.json`. */
export function pageSettings(access: Access, client: SignInClient): object {
  const { issuer, clientId, scopes, resource, cognitoLogoutUrl } = client;
  return {
    access,
    issuer,
    clientId,
    scopes: scopes.join(" "),
    ...(resource !== undefined && { resource }),
    ...(cognitoLogoutUrl !== undefined && { cognitoLogoutUrl }),
  };
}
