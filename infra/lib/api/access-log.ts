import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";

const context = (name: string) => `$context.${name}`;

/**
 * One JSON object per request: enough to count requests, to measure latency and to find the
 * function's own log by request id. The client's address and the query are left out for privacy.
 */
export const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: context("requestId"),
    time: context("requestTime"),
    route: context("routeKey"),
    method: context("httpMethod"),
    path: context("path"),
    status: context("status"),
    responseLength: context("responseLength"),
    latencyMs: context("responseLatency"),
    integrationLatencyMs: context("integrationLatency"),
    integrationStatus: context("integrationStatus"),
    integrationError: context("integrationErrorMessage"),
    gatewayError: context("error.responseType"),
  }),
);
