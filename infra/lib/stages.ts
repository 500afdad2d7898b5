import { PriceClass } from "aws-cdk-lib/aws-cloudfront";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Access } from "./access.ts";
import { checkOrigin } from "./cors.ts";
import { checkFeed, type Feed } from "./feed.ts";
import { type Bounds, checkBounds } from "./stages/bounds.ts";
import { checkDomains, type Domains } from "./stages/domains.ts";
import { checkMembership, type Membership } from "./stages/membership.ts";
import { checkNotifications, hasRecipients, type Notifications } from "./stages/notifications.ts";
import { UsageError } from "./usage-error.ts";

/** The settings in which one deployment of the stack may differ from another. */
export interface Stage extends Domains, Bounds, Feed, Membership, Notifications {
  readonly name: string;
  /** Origins that may call the API besides the page's own. */
  readonly extraOrigins: readonly string[];
  /** Which edge locations of CloudFront serve the page; more of them cost more. */
  readonly priceClass: PriceClass;
  /** Whether HSTS covers every subdomain of the page's host. Off: others may run those. */
  readonly hstsIncludeSubdomains?: boolean;
  /** Partition keys of the index `byDate`. May grow; must not shrink while there is data. */
  readonly shards: number;
  readonly functions: {
    readonly memoryMb: number;
    readonly timeoutSeconds: number;
    /** Concurrent executions reserved for each function, and its maximum. */
    readonly reservedConcurrency?: number;
    /** Whether X-Ray traces its invocations. */
    readonly tracing?: boolean;
  };
  readonly logRetention: RetentionDays;
  /**
   * Whether the access log has the IP address of the client, which is personal data. It is needed
   * to find out who abuses the API.
   */
  readonly logSourceAddress: boolean;
  /**
   * What becomes of the events when the stack is destroyed. `keep`: the table outlives the stack,
   * has point-in-time recovery, and is protected from deletion. `delete`: none of that.
   */
  readonly data: "keep" | "delete";
  /** Whether CloudFormation refuses to delete the stack. */
  readonly protectStack: boolean;
}

/** How long the gateway waits for a function: at most 30 in API Gateway, 29 in CDK. */
export const gatewayTimeoutSeconds = 29;

/** The ports of the stage `local`; 0 means any free port. */
export interface LocalPorts {
  readonly webPort: number | undefined;
  readonly apiPort: number | undefined;
}

const everywhere = {
  extraOrigins: [],
  priceClass: PriceClass.PRICE_CLASS_100,
  shards: 4,
  functions: { memoryMb: 512, timeoutSeconds: 10 },
  // The quota of a new account.
  accountConcurrency: 10,
  logSourceAddress: false,
} as const;

function local({ webPort = 8080, apiPort = 3000 }: LocalPorts): Stage {
  if (webPort === apiPort && webPort !== 0) {
    throw new UsageError(`-c webPort=${webPort} and -c apiPort=${apiPort}: must not be the same`);
  }
  return {
    ...everywhere,
    name: "local",
    access: "public",
    webOrigin: httpOrigin("localhost", webPort),
    apiOrigin: httpOrigin("localhost", apiPort),
    // To a browser the two spellings of this machine are two origins.
    extraOrigins: [httpOrigin("127.0.0.1", webPort)],
    // The quota of an AWS account, so that no lower limit affects a measurement.
    throttle: { requestsPerSecond: 10_000, burst: 5_000 },
    logRetention: RetentionDays.ONE_DAY,
    data: "delete",
    protectStack: false,
  };
}

/** For a few people who try something out. */
const dev: Stage = {
  ...everywhere,
  name: "dev",
  access: "members-write",
  // A visit of the page makes about three requests. A human creates less than one event a second.
  throttle: {
    requestsPerSecond: 20,
    burst: 40,
    routes: {
      "create-event": { requestsPerSecond: 5, burst: 10 },
      "delete-event": { requestsPerSecond: 5, burst: 10 },
    },
  },
  tableUnits: {
    // A get is a unit; an event is one to ten units to write.
    table: { read: 20, write: 20 },
    // A full page of the list is six units; one of a few events is two; a feed of 1,000 is 66.
    index: { read: 50, write: 20 },
  },
  logRetention: RetentionDays.ONE_WEEK,
  data: "delete",
  protectStack: false,
};

/** For some hundred people at a time: five times the reads of dev, twice the writes. */
const prod: Stage = {
  ...everywhere,
  name: "prod",
  access: "members-write",
  throttle: {
    requestsPerSecond: 100,
    burst: 200,
    routes: {
      "create-event": { requestsPerSecond: 10, burst: 20 },
      "delete-event": { requestsPerSecond: 10, burst: 20 },
    },
  },
  // The index gives 66 full pages of the list a second.
  tableUnits: { table: { read: 100, write: 40 }, index: { read: 400, write: 40 } },
  logRetention: RetentionDays.THREE_MONTHS,
  data: "keep",
  protectStack: true,
};

/** Those on AWS, as they stand here: not checked, and without the settings of a command line. */
export const stages: readonly Stage[] = [dev, prod];

/** The settings that the command line may change. */
export type Changes = Partial<
  Pick<Stage, "access" | "signIn" | "alarmEmail" | "alarmTopic" | "budget" | "accountConcurrency">
> & { readonly reservedConcurrency?: number };

/** `changed` holds the settings of the command line, which take precedence. */
export function stageNamed(name: string, ports: LocalPorts, changes: Changes = {}): Stage {
  if (name === "local") return changeStage(local(ports), changes);
  for (const [port, value] of Object.entries(ports)) {
    if (value !== undefined) {
      throw new UsageError(`-c ${port}=${value}: only the stage local has ports, not ${name}`);
    }
  }
  const stage = [...stages, preview(name)].find((stage) => stage?.name === name);
  if (!stage) throw new UsageError(`-c stage=${name}: must be local, dev, prod or pr-NUMBER`);
  refusePublic(stage, changes.access);
  return changeStage(stage, changes);
}

/** A stage on AWS is public where the command line says so: not by a copy of another stage. */
export function refusePublic({ name, access }: Stage, told: Access | undefined): void {
  if (access !== "public" || told !== undefined) return;
  throw new UsageError(
    `stage ${name}: access public: anyone with the URL can create and delete events; there is ` +
      "no sign-in. To accept that, say it with each deployment: -c access=public " +
      "(cargo xtask deploy --access public)",
  );
}

function changeStage(stage: Stage, { reservedConcurrency, ...changed }: Changes): Stage {
  return checkStage({
    ...stage,
    ...changed,
    functions: {
      ...stage.functions,
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
    },
  });
}

/** Refuses what AWS would refuse during the deployment, or would silently understand otherwise. */
export function checkStage(stage: Stage): Stage {
  const refuse = (setting: string, value: unknown, rule: string) => {
    throw new UsageError(`stage ${stage.name}: ${setting} ${value}: ${rule}`);
  };
  const whole = (setting: string, value: number, from: number, to: number) => {
    if (!Number.isInteger(value) || value < from || value > to) {
      refuse(setting, value, `must be a whole number from ${from} to ${to}`);
    }
  };
  const origin = (setting: string, value: string | undefined) => {
    const problem = value === undefined ? undefined : checkOrigin(value);
    if (problem !== undefined) refuse(setting, JSON.stringify(value), problem);
  };

  origin("webOrigin", stage.webOrigin);
  origin("apiOrigin", stage.apiOrigin);
  for (const extra of stage.extraOrigins) origin("extraOrigins", extra);
  for (const { setting, value, rule } of [
    ...checkDomains(stage),
    ...checkBounds(stage),
    ...checkMembership(stage.name, stage),
    ...checkFeed(stage),
    ...checkNotifications(stage),
  ]) {
    refuse(setting, value, rule);
  }
  whole("shards", stage.shards, 1, 64);
  whole("functions.memoryMb", stage.functions.memoryMb, 128, 10_240);
  // The function must time out before the gateway, so that its log says so.
  whole("functions.timeoutSeconds", stage.functions.timeoutSeconds, 1, gatewayTimeoutSeconds - 1);
  if (stage.protectStack && stage.data === "delete") {
    refuse("data", stage.data, "needs protectStack false: deleting the data takes both");
  }
  if (stage.data === "keep" && !hasRecipients(stage)) {
    throw new UsageError(
      `stage ${stage.name}: nobody would hear of failures and costs: set alarmEmail or ` +
        "alarmTopic, and budget, in infra/lib/stages.ts, or -c alarmEmail=ADDRESS " +
        "-c budgetUsd=AMOUNT (cargo xtask deploy --alarm-email ADDRESS --budget-usd AMOUNT)",
    );
  }
  return stage;
}

/** As a browser writes it: without the port if that is the default of http. */
function httpOrigin(host: string, port: number): string {
  return new URL(`http://${host}:${port}`).origin;
}

/** The stage `pr-N` of a pull request, like `dev` for a short time. */
function preview(name: string): Stage | undefined {
  if (!/^pr-[1-9]\d{0,6}$/.test(name)) return undefined;
  return { ...dev, name, logRetention: RetentionDays.ONE_DAY };
}
