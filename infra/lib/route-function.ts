import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EventsTable } from "./events-table.ts";
import type { Route } from "./routes.ts";
import type { Stage } from "./stages.ts";

export interface RouteFunctionProps {
  readonly stage: Stage;
  readonly route: Route;
  readonly table: EventsTable;
  /** Directory with the executable `bootstrap`. */
  readonly code: string;
  readonly allowedOrigins: readonly string[];
}

/** The function of one route, with a role and a log of its own. */
export class RouteFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: RouteFunctionProps) {
    super(scope, id);
    const { stage, route, table, code, allowedOrigins } = props;

    const logGroup = new LogGroup(this, "Log", {
      retention: stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // AWSLambdaBasicExecutionRole would let it write to every log of the account.
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
      memorySize: stage.functions.memoryMb,
      timeout: Duration.seconds(stage.functions.timeoutSeconds),
      environment: { ALLOWED_ORIGINS: allowedOrigins.join(",") },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
    table.allow(this.function, route.action);
  }
}
