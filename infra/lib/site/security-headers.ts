import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { Duration, Names, Stack } from "aws-cdk-lib/core";
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
  /** CSP source of the API. */
  readonly api: string;
  readonly signInOrigins: readonly string[];
  /** Whether HSTS covers every subdomain of the page's host, whoever runs it. */
  readonly hstsIncludeSubdomains: boolean;
}

/**
 * The security headers of every response of the site. None of them depends on a build, so a cached
 * page runs under the headers of any other release.
 */
export class SecurityHeaders extends ResponseHeadersPolicy {
  constructor(scope: Construct, id: string, props: SecurityHeadersProps) {
    const { api, signInOrigins, hstsIncludeSubdomains } = props;
    const header = (name: string, value: string) => ({ header: name, value, override: true });
    super(scope, id, {
      responseHeadersPolicyName: regionalName(scope, 128),
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: contentSecurityPolicy([api, ...signInOrigins]),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(2 * 365),
          includeSubdomains: hstsIncludeSubdomains,
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

/**
 * A name for a CloudFront resource, whose names are global to the account: with the region, so that
 * another region may have the same stage.
 */
export function regionalName(scope: Construct, maxLength: number): string {
  const name = Names.uniqueResourceName(scope, {
    maxLength: maxLength - longestRegion - 1,
    separator: "-",
  });
  return `${name}-${Stack.of(scope).region}`;
}

/** That of `ap-southeast-2`, with room for longer ones. */
const longestRegion = 18;

function contentSecurityPolicy(called: readonly string[]): string {
  return [
    "default-src 'none'",
    // No hash of an inline script: it would change with each build, and page and policy of two
    // releases meet in caches and while a release takes place.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${called.join(" ")}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
