import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { Duration } from "aws-cdk-lib/core";
import type { Construct } from "constructs";

/** Browser features that are off for every script that runs in the page. */
const disabledFeatures = [
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

export interface SecurityHeadersProps {
  /** Path of the built page; its inline scripts may run. */
  readonly indexHtml: string;
  /** CSP source of the API. */
  readonly api: string;
}

/** The security headers of every response of the site. */
export class SecurityHeaders extends ResponseHeadersPolicy {
  constructor(scope: Construct, id: string, { indexHtml, api }: SecurityHeadersProps) {
    const scripts = inlineScriptHashes(readFileSync(indexHtml, "utf8"));
    const header = (name: string, value: string) => ({ header: name, value, override: true });
    super(scope, id, {
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: contentSecurityPolicy(scripts, api),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(2 * 365),
          includeSubdomains: true,
          override: true,
        },
      },
      customHeadersBehavior: {
        customHeaders: [
          // As isolated as `require-corp`, which would also block the `no-cors` request by which
          // the page finds out that an API refuses its origin.
          header("cross-origin-embedder-policy", "credentialless"),
          header("cross-origin-opener-policy", "same-origin"),
          header("cross-origin-resource-policy", "same-origin"),
          header(
            "permissions-policy",
            disabledFeatures.map((feature) => `${feature}=()`).join(", "),
          ),
          header("x-dns-prefetch-control", "off"),
          header("x-permitted-cross-domain-policies", "none"),
        ],
      },
    });
  }
}

function contentSecurityPolicy(scriptHashes: string[], api: string): string {
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...scriptHashes].join(" "),
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${api}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** CSP sources of the inline scripts of a page, like the one by which trunk starts the app. */
export function inlineScriptHashes(html: string): string[] {
  // Browsers hash the parsed text, in which every line ends with a line feed.
  const scripts = html.replace(/\r\n?/g, "\n").matchAll(/<script\b([^>]*)>(.*?)<\/script\s*>/gis);
  return [...scripts]
    .filter(([, attributes = ""]) => !/\ssrc\s*=/i.test(attributes))
    .map(([, , code = ""]) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`);
}
