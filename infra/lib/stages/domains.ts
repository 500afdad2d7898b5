import type { Stage } from "../stages.ts";

/** A hosted zone of Route 53. */
export interface Zone {
  readonly id: string;
  /** Like `example.org`. */
  readonly name: string;
}

export interface Refusal {
  readonly setting: string;
  readonly value: unknown;
  readonly rule: string;
}

/** What is wrong with the names of a stage's own, taken together. */
export function checkDomains(stage: Stage): Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (setting: string, value: unknown, rule: string) =>
    refusals.push({ setting, value, rule });

  for (const side of ["web", "api"] as const) {
    const [origin, certificate] = [stage[`${side}Origin`], stage[`${side}Certificate`]];
    const host = ownHost(origin);
    if (origin !== undefined && host === undefined) {
      const { hostname, protocol } = new URL(origin);
      if (protocol !== "https:" && !isThisMachine(hostname)) {
        refuse(`${side}Origin`, origin, "must be https");
      }
    }
    if (host === undefined) {
      if (certificate !== undefined) {
        refuse(`${side}Certificate`, certificate, `needs an https ${side}Origin`);
      }
      continue;
    }
    if (new URL(origin ?? "").port !== "") {
      refuse(`${side}Origin`, origin, "must have no port: AWS serves it at https's own");
    }
    if (certificate === undefined) {
      refuse(`${side}Origin`, origin, `needs ${side}Certificate, the ARN of a certificate for it`);
    } else if (!/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(certificate)) {
      refuse(`${side}Certificate`, certificate, "must be the ARN of a certificate");
    } else if (side === "web" && certificate.split(":")[3] !== "us-east-1") {
      refuse("webCertificate", certificate, "must be in us-east-1: CloudFront takes no other");
    }
    if (stage.zone === undefined) {
      refuse(`${side}Origin`, origin, "needs zone, where its name is made known");
    } else if (host !== stage.zone.name && !host.endsWith(`.${stage.zone.name}`)) {
      refuse(`${side}Origin`, origin, `must be in the zone ${stage.zone.name}`);
    }
  }
  if (stage.webOrigin !== undefined && stage.webOrigin === stage.apiOrigin) {
    if (new URL(stage.webOrigin).port !== "0") {
      refuse("apiOrigin", stage.apiOrigin, "must not be webOrigin: they are two origins");
    }
  }
  return refusals;
}

/** A name of our own on AWS, with what it needs. */
export interface OwnName {
  readonly host: string;
  readonly certificate: string;
  readonly zone: Zone;
}

/** Of a stage that `checkDomains` has nothing against: the page's or the API's, if it has one. */
export function ownName(stage: Stage, side: "web" | "api"): OwnName | undefined {
  const host = ownHost(stage[`${side}Origin`]);
  const certificate = stage[`${side}Certificate`];
  if (host === undefined || certificate === undefined || !stage.zone) return undefined;
  return { host, certificate, zone: stage.zone };
}

/** A local run has none. */
function ownHost(origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  const { protocol, hostname } = new URL(origin);
  return protocol === "https:" ? hostname : undefined;
}

function isThisMachine(hostname: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
