import { type Access, accesses } from "../access.ts";
import { checkOrigin } from "../cors.ts";
import type { InvalidSetting } from "./domains.ts";

/** Who may do what, and where they sign in. */
export interface Membership {
  readonly access: Access;
  /**
   * A provider of OpenID Connect that members sign in at; absent: a user pool that the stack makes.
   * The stage `local` makes none.
   */
  readonly signIn?: SignInSettings;
  /** `open`: anybody becomes a member of the user pool. Otherwise its operator adds them. */
  readonly signUp?: "open";
}

/** Whether the stack makes the provider. */
export function makesUserPool({ access, signIn }: Membership): boolean {
  return access !== "public" && !signIn;
}

export interface SignInSettings {
  /** As in its discovery document and in the claim `iss` of its tokens, byte by byte. */
  readonly issuer: string;
  readonly clientId: string;
  /**
   * The resource indicator of the API (RFC 8707): the page asks for it, and access tokens have it
   * as `aud`. Absent: they have `clientId`.
   */
  readonly resource?: string;
  /** Origins of the provider that the page calls, besides the issuer's. */
  readonly origins?: readonly string[];
}

export function checkMembership(
  name: string,
  { access, signIn, signUp }: Membership,
): InvalidSetting[] {
  const invalid: InvalidSetting[] = [];
  const refuse = (setting: string, value: unknown, rule: string) =>
    invalid.push({ setting, value, rule });

  if (!accesses.includes(access)) refuse("access", access, `must be ${oneOf(accesses)}`);
  if (access === "public" && signIn) {
    refuse("signIn.issuer", signIn.issuer, `needs access ${oneOf(accesses.slice(1))}`);
  }
  if (access !== "public" && !signIn && name === "local") {
    refuse("access", access, "needs -c signInIssuer=URL and -c signInClientId=ID");
  }
  if (signUp !== undefined && (access === "public" || signIn)) {
    refuse("signUp", signUp, "needs a user pool of the stack: access, and no signIn");
  }
  if (!signIn) return invalid;

  const { issuer, clientId, resource, origins = [] } = signIn;
  const problem = checkIssuer(issuer);
  if (problem !== undefined) refuse("signIn.issuer", JSON.stringify(issuer), problem);
  for (const origin of origins) {
    const problem = checkOrigin(origin);
    if (problem !== undefined) refuse("signIn.origins", JSON.stringify(origin), problem);
  }
  for (const [setting, url] of [
    ["issuer", issuer],
    ...origins.map((origin) => ["origins", origin] as const),
  ] as const) {
    if (url.startsWith("http:") && !(name === "local" && isLoopback(url))) {
      refuse(`signIn.${setting}`, url, "must be https");
    }
  }
  // Visible ASCII characters (RFC 6749, appendix A.1).
  if (!/^[\x21-\x7e]+$/.test(clientId)) {
    refuse("signIn.clientId", JSON.stringify(clientId), "must be visible ASCII characters");
  }
  if (resource !== undefined && (!URL.canParse(resource) || resource.includes("#"))) {
    const rule = "must be an absolute URI without a fragment (RFC 8707)";
    refuse("signIn.resource", JSON.stringify(resource), rule);
  }
  return invalid;
}

/** OpenID Connect Discovery 1.0, section 3: a URL without query and fragment. */
function checkIssuer(issuer: string): string | undefined {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) return "must be an https URL";
  if (/[?#]/.test(issuer)) return "must have no query and no fragment";
  // An origin may stand with its slash or without.
  if (url.href !== issuer && url.href !== `${issuer}/`) {
    return `must be written as browsers write it: ${url.href}`;
  }
  return undefined;
}

function isLoopback(url: string): boolean {
  return ["localhost", "127.0.0.1"].includes(new URL(url).hostname);
}

function oneOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
