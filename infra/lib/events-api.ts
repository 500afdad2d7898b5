import {
  ApiMapping,
  type CfnStage,
  HttpApi,
  HttpStage,
  IpAddressType,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { guardedScopes } from "./access.ts";
import { accessLogFormat } from "./api/access-log.ts";
import { ApiDomain } from "./api/domain.ts";
import { corsPolicy } from "./cors.ts";
import type { EventsTable } from "./events-table.ts";
import { feedVariables } from "./feed.ts";
import { RouteFunction } from "./route-function.ts";
import { type RouteName, routes } from "./routes.ts";
import type { SignInClient } from "./sign-in.ts";
import { rateOf } from "./stages/bounds.ts";
import { customDomain } from "./stages/domains.ts";
import { gatewayTimeoutSeconds, type Stage } from "./stages.ts";

export interface EventsApiProps {
  readonly stage: Stage;
  readonly table: EventsTable;
  readonly code: Readonly<Record<RouteName, string>>;
  readonly allowedOrigins: string[];
  /** Absent where everybody may do everything. */
  readonly signIn: SignInClient | undefined;
  readonly pageOrigin: string;
}

/** The HTTP API: one function per route. The gateway answers preflights itself. */
export class EventsApi extends Construct {
  /** Without a trailing slash. */
  readonly origin: string;
  readonly gateway: HttpApi;
  readonly functions: Readonly<Record<RouteName, LambdaFunction>>;
  /** One JSON object per request: `accessLogFormat`. */
  readonly accessLog: LogGroup;

  constructor(scope: Construct, id: string, props: EventsApiProps) {
    super(scope, id);
    const { stage, table, code, allowedOrigins, pageOrigin, signIn } = props;
    const { stackName } = Stack.of(this);
    const domain = customDomain(stage, "api");

    this.gateway = new HttpApi(this, "Http", {
      apiName: stackName,
      createDefaultStage: false,
      ipAddressType: IpAddressType.DUAL_STACK,
      corsPreflight: { ...corsPolicy(stage.access), allowOrigins: allowedOrigins },
      // With a custom domain, that is the only way in.
      disableExecuteApiEndpoint: domain !== undefined,
    });
    this.accessLog = new LogGroup(this, "AccessLog", {
      // A log under this prefix adds nothing to the account's resource policy, whose size is
      // limited (API Gateway Developer Guide, "Configure logging for HTTP APIs").
      logGroupName: `/aws/vendedlogs/${stackName}/api`,
      retention: stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const defaultStage = new HttpStage(this, "Stage", {
      httpApi: this.gateway,
      stageName: "$default",
      autoDeploy: true,
      throttle: {
        rateLimit: stage.throttle.requestsPerSecond,
        burstLimit: stage.throttle.burst,
      },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: accessLogFormat(stage),
      },
    });
    if (domain) {
      new ApiMapping(this, "Mapping", {
        api: this.gateway,
        domainName: new ApiDomain(this, "Domain", domain).domainName,
        stage: defaultStage,
      });
    }

    const authorizer =
      signIn && new HttpJwtAuthorizer("SignIn", signIn.issuer, { jwtAudience: [signIn.audience] });
    const scopes = guardedScopes(stage.access);
    this.functions = Object.fromEntries(
      routes.map((route) => {
        const handler = new RouteFunction(this, route.name, {
          stage,
          route,
          table,
          code: code[route.name],
          allowedOrigins,
          variables: route.name === "list-events" ? feedVariables(stage, pageOrigin) : {},
        });
        const added = this.gateway.addRoutes({
          path: route.path,
          methods: [route.method],
          integration: new HttpLambdaIntegration(route.name, handler.function, {
            timeout: Duration.seconds(gatewayTimeoutSeconds),
          }),
          // Without a scope, an ID token would do: it has the audience too.
          ...(authorizer &&
            scopes.includes(route.scope) && { authorizer, authorizationScopes: [route.scope] }),
        });
        // API Gateway refuses settings of a route that does not exist yet.
        defaultStage.node.addDependency(...added);
        return [route.name, handler.function];
      }),
    ) as Record<RouteName, LambdaFunction>;
    if (stage.throttle.routes) {
      (defaultStage.node.defaultChild as CfnStage).routeSettings = routeSettings(stage);
    }
    const unguarded = {
      public: "The stage says that everybody reads and writes.",
      "members-write": "The stage says that everybody reads. What writes has an authorizer.",
      members: undefined,
    }[stage.access];
    if (unguarded !== undefined) {
      Validations.of(this.gateway).acknowledge({ id: "AwsSolutions-APIG4", reason: unguarded });
    }
    this.origin = stage.apiOrigin ?? this.gateway.apiEndpoint;
  }
}

/** By route key; a property of the type Json, which CDK does not convert. */
function routeSettings(stage: Stage): object {
  return Object.fromEntries(
    routes.map(({ name, method, path }) => {
      const { requestsPerSecond, burst } = rateOf(stage, name);
      const settings = { ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst };
      return [`${method} ${path}`, settings];
    }),
  );
}
