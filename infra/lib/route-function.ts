import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EventsTable } from "./events-table.ts";
import type { Route } from "./routes.ts";
import type { Stage } from "./stages.ts";

export interface RouteFunctionProps {
  readonly stage: Stage;
  readonly route: Route;
  readonly table: EventsTable;
  /** An archive, or a directory, with the executable `bootstrap`. */
  readonly code: string;
  readonly allowedOrigins: readonly string[];
  /** Further environment variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The function of one route, with its own role and log group. */
export class RouteFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: RouteFunctionProps) {
    super(scope, id);
    const { stage, route, table, code, allowedOrigins, variables } = props;
    const { memoryMb, timeoutSeconds, reservedConcurrency, tracing = false } = stage.functions;

    const logGroup = new LogGroup(this, "Log", {
      retention: stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not AWSLambdaBasicExecutionRole: it allows writes to every log group of the account.
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);

    this.function = new LambdaFunction(this, "Function", {
      description: `${route.method} ${route.path}`,
      runtime: Runtime.PROVIDED_AL2023,
      architecture: Architecture.ARM_64,
      handler: "bootstrap",
      code: Code.fromAsset(code),
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      ...(reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: reservedConcurrency,
      }),
      ...(tracing && { tracing: Tracing.ACTIVE }),
      environment: { ALLOWED_ORIGINS: allowedOrigins.join(","), ...variables },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
    table.grant(this.function, route.action);

    Validations.of(this.function).acknowledge({
      id: "Serverless-LambdaDLQ",
      reason:
        "The gateway invokes it synchronously, so the client sees a failure. A dead-letter queue " +
        "is for asynchronous invocations.",
    });
    if (tracing) {
      Validations.of(role).acknowledge({
        id: "AwsSolutions-IAM5[Resource::*]",
        reason:
          "X-Ray has no resource-level permissions for sending traces (X-Ray Developer Guide).",
      });
    } else {
      Validations.of(this.function).acknowledge({
        id: "Serverless-LambdaTracing",
        reason:
          "Off unless the stage sets tracing: each trace costs, and a function makes one call to " +
          "one table. The logs have the durations.",
      });
    }
  }
}
