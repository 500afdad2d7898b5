import { PriceClass } from "aws-cdk-lib/aws-cloudfront";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { checkOrigin } from "./cors.ts";
import { checkDomains, type Domains } from "./stages/domains.ts";
import { UsageError } from "./usage-error.ts";

/** Everything in which one deployment of the stack may differ from another. */
export interface Stage extends Domains {
  readonly name: string;
  /**
   * Whether anybody who has the address may create and delete events. There is no sign-in, so a stage
   * that does not say yes cannot be deployed at all.
   */
  readonly publicWrites: boolean;
  /** Origins that may call the API, beside the page's own. */
  readonly extraOrigins: readonly string[];
  /** From which of CloudFront's places the page is served: more of them cost more. */
  readonly priceClass: PriceClass;
  /** Partitions of the index `byDate`: may grow, and must never shrink while there is data. */
  readonly shards: number;
  readonly functions: {
    readonly memoryMb: number;
    readonly timeoutSeconds: number;
    /** Copies of each function kept for it, and the most that run; a new account has too few to reserve any. */
    readonly reservedConcurrency?: number;
    /** X-Ray traces of its calls. */
    readonly tracing?: boolean;
  };
  /** Of the whole API: what anybody on the internet can make it cost. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  readonly logRetention: RetentionDays;
  /** The data outlives the stack, can be restored to any second, and cannot be deleted by mistake. */
  readonly keepData: boolean;
  /** ARN of the SNS topic that is told of alarms; absent: they show on the dashboard alone. */
  readonly alarmTopic?: string;
}

/** As long as the gateway waits for a function: API Gateway takes 30 at most, and the library one less. */
export const gatewayTimeoutSeconds = 29;

/** Of the `local` stage; 0 is any free port. */
export interface LocalPorts {
  readonly webPort: number | undefined;
  readonly apiPort: number | undefined;
}

const everywhere = {
  extraOrigins: [],
  priceClass: PriceClass.PRICE_CLASS_100,
  shards: 4,
  functions: { memoryMb: 512, timeoutSeconds: 10 },
} as const;

function local({ webPort = 8080, apiPort = 3000 }: LocalPorts): Stage {
  if (webPort === apiPort && webPort !== 0) {
    throw new UsageError(`-c webPort=${webPort} and -c apiPort=${apiPort}: must not be the same`);
  }
  return {
    ...everywhere,
    name: "local",
    publicWrites: true,
    webOrigin: httpOrigin("localhost", webPort),
    apiOrigin: httpOrigin("localhost", apiPort),
    // A browser takes the two spellings of this machine for two origins.
    extraOrigins: [httpOrigin("127.0.0.1", webPort)],
    // What an AWS account allows: measurements here should meet no limit of ours.
    throttle: { requestsPerSecond: 10_000, burst: 5_000 },
    logRetention: RetentionDays.ONE_DAY,
    keepData: false,
  };
}

const dev: Stage = {
  ...everywhere,
  name: "dev",
  publicWrites: true,
  throttle: { requestsPerSecond: 50, burst: 100 },
  logRetention: RetentionDays.ONE_WEEK,
  keepData: false,
};

const prod: Stage = {
  ...everywhere,
  name: "prod",
  // Say yes here, or with `-c publicWrites=true`, once you mean it.
  publicWrites: false,
  throttle: { requestsPerSecond: 500, burst: 1_000 },
  logRetention: RetentionDays.THREE_MONTHS,
  keepData: true,
};

/** `changed` is what the command line says other than the data above. */
export function stageNamed(
  name: string,
  ports: LocalPorts,
  changed: Partial<Pick<Stage, "publicWrites">> = {},
): Stage {
  if (name === "local") return checkStage({ ...local(ports), ...changed });
  for (const [port, value] of Object.entries(ports)) {
    if (value !== undefined) {
      throw new UsageError(`-c ${port}=${value}: only the stage local has ports, not ${name}`);
    }
  }
  const stage = [dev, prod].find((stage) => stage.name === name);
  if (!stage) throw new UsageError(`-c stage=${name}: must be local, dev or prod`);
  return checkStage({ ...stage, ...changed });
}

/** Refuses what AWS would refuse an hour later, or would take for something else than was meant. */
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

  if (!stage.publicWrites) {
    throw new UsageError(
      `stage ${stage.name}: there is no sign-in, so anybody who has the address can create and delete events. ` +
        `If you want that, say publicWrites: true in infra/lib/stages.ts or -c publicWrites=true (cargo xtask deploy --public-writes)`,
    );
  }
  origin("webOrigin", stage.webOrigin);
  origin("apiOrigin", stage.apiOrigin);
  for (const extra of stage.extraOrigins) origin("extraOrigins", extra);
  for (const { setting, value, rule } of checkDomains(stage)) refuse(setting, value, rule);
  whole("shards", stage.shards, 1, 64);
  whole("functions.memoryMb", stage.functions.memoryMb, 128, 10_240);
  // A function must be the first to give up: it can still say so in words.
  whole("functions.timeoutSeconds", stage.functions.timeoutSeconds, 1, gatewayTimeoutSeconds - 1);
  whole("functions.reservedConcurrency", stage.functions.reservedConcurrency ?? 1, 1, 1_000);
  whole("throttle.requestsPerSecond", stage.throttle.requestsPerSecond, 1, 10_000);
  whole("throttle.burst", stage.throttle.burst, 1, 5_000);
  if (
    stage.alarmTopic !== undefined &&
    !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/.test(stage.alarmTopic)
  ) {
    refuse("alarmTopic", stage.alarmTopic, "must be the ARN of an SNS topic");
  }
  return stage;
}

/** As a browser writes it: without the port, when that is http's own. */
function httpOrigin(host: string, port: number): string {
  return new URL(`http://${host}:${port}`).origin;
}
