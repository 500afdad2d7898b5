import { CorsHttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { Duration } from "aws-cdk-lib/core";
import type { Access } from "./access.ts";

/** What a page of an allowed origin may send and read: exactly what this app's page needs. */
export function corsPolicy(access: Access) {
  const token = access === "public" ? [] : ["authorization"];
  return {
    allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.DELETE],
    allowHeaders: ["content-type", "idempotency-key", ...token],
    exposeHeaders: ["link", "location", "idempotency-replayed", "retry-after"],
    // The maximum of API Gateway.
    maxAge: Duration.days(1),
  };
}

/** The one list of allowed origins, for the gateway and for the functions. */
export function allowedOrigins(webOrigin: string, extraOrigins: readonly string[]): string[] {
  return [webOrigin, ...extraOrigins];
}

/**
 * Says what is wrong with an origin; `undefined` if nothing is. The API compares it byte by byte
 * with the `Origin` header (RFC 6454, section 6.2), so any other spelling would never match.
 */
export function checkOrigin(text: string): string | undefined {
  if (text.includes("*")) return "must name one origin, without a wildcard";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    return "must be an http or https origin, like https://example.org";
  }
  if (text !== url.origin) return `must be written as browsers send it: ${url.origin}`;
  // The functions get the origins as one comma-separated list.
  if (text.includes(",")) return "must not contain a comma";
  return undefined;
}
