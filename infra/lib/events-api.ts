import { HttpApi, HttpStage } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Construct } from "constructs";
import { corsPolicy } from "./cors.ts";
import type { EventsTable } from "./events-table.ts";
import { RouteFunction } from "./route-function.ts";
import { type RouteName, routes } from "./routes.ts";
import type { Stage } from "./stages.ts";

export interface EventsApiProps {
  readonly stage: Stage;
  readonly table: EventsTable;
  readonly code: Readonly<Record<RouteName, string>>;
  readonly allowedOrigins: string[];
}

/** The HTTP API: one function a route, and the gateway answers the preflights itself. */
export class EventsApi extends Construct {
  /** Without a trailing slash. */
  readonly origin: string;

  constructor(scope: Construct, id: string, props: EventsApiProps) {
    super(scope, id);
    const { stage, table, code, allowedOrigins } = props;

    const api = new HttpApi(this, "Http", {
      apiName: `events-${stage.name}`,
      createDefaultStage: false,
      corsPreflight: { ...corsPolicy, allowOrigins: allowedOrigins },
    });
    new HttpStage(this, "Stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: {
        rateLimit: stage.throttle.requestsPerSecond,
        burstLimit: stage.throttle.burst,
      },
    });
    for (const route of routes) {
      const handler = new RouteFunction(this, route.name, {
        stage,
        route,
        table,
        code: code[route.name],
        allowedOrigins,
      });
      api.addRoutes({
        path: route.path,
        methods: [route.method],
        integration: new HttpLambdaIntegration(route.name, handler.function),
      });
    }
    this.origin = stage.apiOrigin ?? api.apiEndpoint;
  }
}
