import { HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import type { Scope } from "./access.ts";

export type TableAction = "Query" | "PutItem" | "GetItem" | "DeleteItem";

export interface Route {
  /** Also the name of the handler's file, of its binary and of its function here. */
  readonly name: string;
  readonly method: HttpMethod;
  readonly path: string;
  /** The one action on the table that its function is granted. */
  readonly action: TableAction;
  /** What a token must allow, where the stage's `access` guards that. */
  readonly scope: Scope;
}

export const routes = [
  {
    name: "list-events",
    method: HttpMethod.GET,
    path: "/events",
    action: "Query",
    scope: "events/read",
  },
  {
    name: "create-event",
    method: HttpMethod.POST,
    path: "/events",
    action: "PutItem",
    scope: "events/write",
  },
  {
    name: "get-event",
    method: HttpMethod.GET,
    path: "/events/{id}",
    action: "GetItem",
    scope: "events/read",
  },
  {
    name: "delete-event",
    method: HttpMethod.DELETE,
    path: "/events/{id}",
    action: "DeleteItem",
    scope: "events/write",
  },
] as const satisfies readonly Route[];

export type RouteName = (typeof routes)[number]["name"];
