import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import type { Stage } from "../stages.ts";

const context = (name: string) => `$context.${name}`;

/**
 * One JSON object per request: enough to count requests, to measure latency and to find the
 * function's own log by request id. The query is left out for privacy, and the path too: clients
 * choose its length, up to 10 kB, and each kB of a log costs. The subject is the provider's id of
 * a member, and no name.
 */
export function accessLogFormat({ access, logSourceAddress }: Stage): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestId: context("requestId"),
      time: context("requestTime"),
      ...(logSourceAddress && { sourceAddress: context("identity.sourceIp") }),
      route: context("routeKey"),
      method: context("httpMethod"),
      ...(access !== "public" && { subject: context("authorizer.claims.sub") }),
      status: context("status"),
      responseLength: context("responseLength"),
      latencyMs: context("responseLatency"),
      integrationLatencyMs: context("integrationLatency"),
      integrationStatus: context("integrationStatus"),
      integrationError: context("integrationErrorMessage"),
      gatewayError: context("error.responseType"),
    }),
  );
}
