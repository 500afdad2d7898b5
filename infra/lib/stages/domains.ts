/** A hosted zone of Route 53. */
export interface Zone {
  readonly id: string;
  /** Like `example.org`. */
  readonly name: string;
}

/** The origins of a stage and its custom domains. */
export interface Domains {
  /** The origin of the page; absent: the domain name that CloudFront gives. */
  readonly webOrigin?: string;
  /** The origin of the API; absent: the domain name that API Gateway gives. */
  readonly apiOrigin?: string;
  /** ARN of the certificate of an https `webOrigin`; CloudFront requires us-east-1. */
  readonly webCertificate?: string;
  /** ARN of the certificate of an https `apiOrigin`, in the region of the stack. */
  readonly apiCertificate?: string;
  /** The hosted zone that gets the records of the custom domains. */
  readonly zone?: Zone;
}

export interface InvalidSetting {
  readonly setting: string;
  readonly value: unknown;
  readonly rule: string;
}

/** What is wrong with the domains, each of whose origins is valid by itself. */
export function checkDomains(domains: Domains): InvalidSetting[] {
  const invalid: InvalidSetting[] = [];
  const refuse = (setting: string, value: unknown, rule: string) =>
    invalid.push({ setting, value, rule });

  for (const side of ["web", "api"] as const) {
    const [origin, certificate] = [domains[`${side}Origin`], domains[`${side}Certificate`]];
    const host = customHost(origin);
    if (origin === undefined || host === undefined) {
      if (origin !== undefined && !isThisMachine(new URL(origin).hostname)) {
        refuse(`${side}Origin`, origin, "must be https");
      }
      if (certificate !== undefined) {
        refuse(`${side}Certificate`, certificate, `needs an https ${side}Origin`);
      }
      continue;
    }
    if (new URL(origin).port !== "") {
      refuse(`${side}Origin`, origin, "must have no port: AWS serves it on 443");
    }
    if (certificate === undefined) {
      refuse(`${side}Origin`, origin, `needs ${side}Certificate, the ARN of a certificate for it`);
    } else if (!/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(certificate)) {
      refuse(`${side}Certificate`, certificate, "must be the ARN of a certificate");
    } else if (side === "web" && certificate.split(":")[3] !== "us-east-1") {
      refuse("webCertificate", certificate, "must be in us-east-1: CloudFront requires it");
    }
    if (domains.zone === undefined) {
      refuse(`${side}Origin`, origin, "needs zone, the hosted zone for its records");
    } else if (host !== domains.zone.name && !host.endsWith(`.${domains.zone.name}`)) {
      refuse(`${side}Origin`, origin, `must be in the zone ${domains.zone.name}`);
    }
  }
  if (domains.webOrigin !== undefined && domains.webOrigin === domains.apiOrigin) {
    if (new URL(domains.webOrigin).port !== "0") {
      refuse("apiOrigin", domains.apiOrigin, "must differ from webOrigin");
    }
  }
  return invalid;
}

/** A domain name that the stage brings, with what AWS needs to serve it. */
export interface CustomDomain {
  readonly host: string;
  readonly certificate: string;
  readonly zone: Zone;
}

/** The custom domain of the page or of the API, if there is one. `checkDomains` comes first. */
export function customDomain(domains: Domains, side: "web" | "api"): CustomDomain | undefined {
  const host = customHost(domains[`${side}Origin`]);
  const certificate = domains[`${side}Certificate`];
  if (host === undefined || certificate === undefined || !domains.zone) return undefined;
  return { host, certificate, zone: domains.zone };
}

/** The host of an https origin; a local run is plain http and has none. */
function customHost(origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  const { protocol, hostname } = new URL(origin);
  return protocol === "https:" ? hostname : undefined;
}

function isThisMachine(hostname: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
