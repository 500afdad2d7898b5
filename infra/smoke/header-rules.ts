import type { IncomingHttpHeaders } from "node:http";
import { checkOrigin } from "../lib/cors.ts";

/** One requirement of a public checklist on the headers of a page. */
export interface HeaderRule {
  /** In the words of the source. */
  readonly name: string;
  readonly source: keyof typeof sources;
  /** Whether the headers of the page meet it. */
  readonly holds: (headers: IncomingHttpHeaders, page: Page) => boolean;
}

/** What the page calls. */
export interface Page {
  readonly api: string;
  readonly signIn?: { readonly issuer: string } | undefined;
}

export const sources = {
  OWASP: "https://owasp.org/www-project-secure-headers/",
  Observatory: "https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring",
} as const;

const is = (name: string, value: string) => (headers: IncomingHttpHeaders) =>
  headers[name] === value;

/** The directives of a content security policy, by name. */
export function directives(headers: IncomingHttpHeaders): Record<string, string[]> {
  const policy = String(headers["content-security-policy"] ?? "");
  return Object.fromEntries(
    policy
      .split(";")
      .map((directive) => directive.trim().split(/\s+/))
      .map(([name = "", ...values]) => [name, values]),
  );
}

const only = (directive: string, value: string) => (headers: IncomingHttpHeaders) =>
  directives(headers)[directive]?.join(" ") === value;

/** Whether a CSP source matches an origin: it is the same, or `https://*.` and a parent domain. */
export function covers(source: string, origin: string): boolean {
  if (source === origin) return true;
  const [scheme, name] = source.split("://*.");
  return name !== undefined && origin.startsWith(`${scheme}://`) && origin.endsWith(`.${name}`);
}

/**
 * Whether a `Server` value has a version: after a slash (RFC 9110, section 10.2.4), or a number of
 * its own. The digit of `AmazonS3`, which CloudFront passes on, is part of a name.
 */
const namesVersion = (server: string) => /\/|\b\d/.test(server);

const hstsSeconds = (headers: IncomingHttpHeaders) =>
  Number(/max-age=(\d+)/.exec(headers["strict-transport-security"] ?? "")?.[1] ?? 0);

/**
 * OWASP's list of features to disable. The stack has the same list; this one stays independent of
 * it, so that a feature which the stack loses is found.
 */
const features = [
  "accelerometer",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "publickey-credentials-get",
  "screen-wake-lock",
  "usb",
  "xr-spatial-tracking",
];

export const headerRules: readonly HeaderRule[] = [
  {
    source: "OWASP",
    // OWASP adds `includeSubDomains`: here a setting of the stage, hstsIncludeSubdomains.
    name: "Strict-Transport-Security, a year or more",
    holds: (headers) => hstsSeconds(headers) >= 31_536_000,
  },
  { source: "OWASP", name: "X-Frame-Options: deny", holds: is("x-frame-options", "DENY") },
  {
    source: "OWASP",
    name: "X-Content-Type-Options: nosniff",
    holds: is("x-content-type-options", "nosniff"),
  },
  {
    source: "OWASP",
    name: "Content-Security-Policy: base-uri",
    holds: only("base-uri", "'none'"),
  },
  {
    source: "OWASP",
    name: "Content-Security-Policy: form-action",
    holds: only("form-action", "'self'"),
  },
  {
    source: "OWASP",
    name: "Content-Security-Policy: frame-ancestors",
    holds: only("frame-ancestors", "'none'"),
  },
  {
    source: "OWASP",
    name: "X-Permitted-Cross-Domain-Policies: none",
    holds: is("x-permitted-cross-domain-policies", "none"),
  },
  {
    source: "OWASP",
    name: "Referrer-Policy: no-referrer",
    holds: is("referrer-policy", "no-referrer"),
  },
  {
    source: "OWASP",
    // OWASP says `require-corp`; lib/site/security-headers.ts has the reason for the difference.
    name: "Cross-Origin-Embedder-Policy: credentialless",
    holds: is("cross-origin-embedder-policy", "credentialless"),
  },
  {
    source: "OWASP",
    name: "Cross-Origin-Opener-Policy: same-origin",
    holds: is("cross-origin-opener-policy", "same-origin"),
  },
  {
    source: "OWASP",
    name: "Cross-Origin-Resource-Policy: same-origin",
    holds: is("cross-origin-resource-policy", "same-origin"),
  },
  {
    source: "OWASP",
    name: "X-DNS-Prefetch-Control: off",
    holds: is("x-dns-prefetch-control", "off"),
  },
  {
    source: "OWASP",
    name: "Permissions-Policy: no device, location or payment features",
    holds: (headers) => {
      const policy = String(headers["permissions-policy"] ?? "").split(/,\s*/);
      return features.every((feature) => policy.includes(`${feature}=()`));
    },
  },
  {
    source: "OWASP",
    name: "headers to remove: none names a framework or a version",
    holds: (headers) =>
      ["x-powered-by", "x-aspnet-version", "x-generator", "x-runtime"].every(
        (name) => headers[name] === undefined,
      ) && !namesVersion(String(headers.server ?? "")),
  },
  {
    source: "Observatory",
    name: "content-security-policy: default-src 'none' and nothing unsafe (+10)",
    holds: (headers) =>
      only("default-src", "'none'")(headers) &&
      !Object.values(directives(headers))
        .flat()
        .some((value) => /^'unsafe-|^\*$|^https?:$/.test(value)),
  },
  {
    source: "Observatory",
    // By hash is as safe, but would change the policy with each build.
    name: "content-security-policy: scripts only from this origin",
    holds: only("script-src", "'self' 'wasm-unsafe-eval'"),
  },
  {
    source: "Observatory",
    name: "content-security-policy: the page may call its API, its sign-in and no other host",
    holds: (headers, { api, signIn }) => {
      const [self, source = "", ...others] = directives(headers)["connect-src"] ?? [];
      // A provider may have its endpoints on several origins.
      const provider = signIn
        ? others.includes(new URL(signIn.issuer).origin) && !others.some(checkOrigin)
        : others.length === 0;
      return self === "'self'" && covers(source, api) && provider;
    },
  },
  {
    source: "Observatory",
    name: "cookies: none",
    holds: (headers) => headers["set-cookie"] === undefined,
  },
  {
    source: "Observatory",
    name: "cross-origin-resource-sharing: not for the page",
    holds: (headers) => headers["access-control-allow-origin"] === undefined,
  },
  {
    source: "Observatory",
    name: "referrer-policy: private (+5)",
    holds: is("referrer-policy", "no-referrer"),
  },
  {
    source: "Observatory",
    name: "strict-transport-security: half a year or more",
    holds: (headers) => hstsSeconds(headers) >= 15_768_000,
  },
  {
    source: "Observatory",
    name: "x-content-type-options: nosniff",
    holds: is("x-content-type-options", "nosniff"),
  },
  {
    source: "Observatory",
    name: "x-frame-options: by the policy's frame-ancestors (+5)",
    holds: only("frame-ancestors", "'none'"),
  },
  {
    source: "Observatory",
    name: "cross-origin-resource-policy: same-origin (+10)",
    holds: is("cross-origin-resource-policy", "same-origin"),
  },
];
