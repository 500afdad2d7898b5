import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { checkOrigin } from "./cors.ts";
import { UsageError } from "./usage-error.ts";

/** Everything in which one deployment of the stack may differ from another. */
export interface Stage {
  readonly name: string;
  /** Where the page is; absent: at the name that CloudFront gives. */
  readonly webOrigin?: string;
  /** Where the API is; absent: at the name that API Gateway gives. */
  readonly apiOrigin?: string;
  /** Origins that may call the API, beside the page's own. */
  readonly extraOrigins: readonly string[];
  /** Partitions of the index `byDate`: may grow, and must never shrink while there is data. */
  readonly shards: number;
  readonly functions: { readonly memoryMb: number; readonly timeoutSeconds: number };
  /** Of the whole API: what anybody on the internet can make it cost. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  readonly logRetention: RetentionDays;
  /** The data outlives the stack, can be restored to any second, and cannot be deleted by mistake. */
  readonly keepData: boolean;
}

/** Of the `local` stage; 0 is any free port. */
export interface LocalPorts {
  readonly webPort: number | undefined;
  readonly apiPort: number | undefined;
}

const everywhere = {
  extraOrigins: [],
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
  throttle: { requestsPerSecond: 50, burst: 100 },
  logRetention: RetentionDays.ONE_WEEK,
  keepData: false,
};

const prod: Stage = {
  ...everywhere,
  name: "prod",
  throttle: { requestsPerSecond: 500, burst: 1_000 },
  logRetention: RetentionDays.THREE_MONTHS,
  keepData: true,
};

export function stageNamed(name: string, ports: LocalPorts): Stage {
  if (name === "local") return checkStage(local(ports));
  for (const [port, value] of Object.entries(ports)) {
    if (value !== undefined) {
      throw new UsageError(`-c ${port}=${value}: only the stage local has ports, not ${name}`);
    }
  }
  const stage = [dev, prod].find((stage) => stage.name === name);
  if (!stage) throw new UsageError(`-c stage=${name}: must be local, dev or prod`);
  return checkStage(stage);
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

  origin("webOrigin", stage.webOrigin);
  origin("apiOrigin", stage.apiOrigin);
  for (const extra of stage.extraOrigins) origin("extraOrigins", extra);
  whole("shards", stage.shards, 1, 64);
  whole("functions.memoryMb", stage.functions.memoryMb, 128, 10_240);
  // The gateway gives up after 30 s: a function must be the first to.
  whole("functions.timeoutSeconds", stage.functions.timeoutSeconds, 1, 29);
  whole("throttle.requestsPerSecond", stage.throttle.requestsPerSecond, 1, 10_000);
  whole("throttle.burst", stage.throttle.burst, 1, 5_000);
  return stage;
}

/** As a browser writes it: without the port, when that is http's own. */
function httpOrigin(host: string, port: number): string {
  return new URL(`http://${host}:${port}`).origin;
}
