import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";

const context = (name: string) => `$context.${name}`;

/**
 * One JSON object a request: enough to count, to time, and to find the function's own log by its request id.
 * Nothing of who asked, and nothing of what: neither address nor query.
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
