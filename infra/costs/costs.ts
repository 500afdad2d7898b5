/**
 * The cost of the stack per month, by the formulas of the price lists. `npm run costs` prints the
 * table of infra/README.md.
 */

const pricing = "https://aws.amazon.com";

/** US dollars in us-east-1, without the free tier. Copied by hand: check them before use. */
export const asOf = "2026-11";

interface Price {
  readonly what: string;
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
  readonly source: string;
}

export const prices = {
  gateway: {
    what: "HTTP API, requests (the first 300 million; 0.90 after)",
    dollars: 1,
    per: 1e6,
    unit: "1 million",
    source: `${pricing}/api-gateway/pricing/`,
  },
  calls: {
    what: "Lambda, calls",
    dollars: 0.2,
    per: 1e6,
    unit: "1 million",
    source: `${pricing}/lambda/pricing/`,
  },
  computing: {
    what: "Lambda, arm64, time",
    dollars: 0.0000133334,
    per: 1,
    unit: "GB-second",
    source: `${pricing}/lambda/pricing/`,
  },
  reading: {
    what: "DynamoDB on demand, reads",
    dollars: 0.125,
    per: 1e6,
    unit: "1 million units",
    source: `${pricing}/dynamodb/pricing/on-demand/`,
  },
  writing: {
    what: "DynamoDB on demand, writes",
    dollars: 0.625,
    per: 1e6,
    unit: "1 million units",
    source: `${pricing}/dynamodb/pricing/on-demand/`,
  },
  storing: {
    what: "DynamoDB, data; and its backups (prod)",
    dollars: 0.25 + 0.2,
    per: 1,
    unit: "GB and month",
    source: `${pricing}/dynamodb/pricing/on-demand/`,
  },
  logging: {
    what: "CloudWatch, logs taken in",
    dollars: 0.5,
    per: 1,
    unit: "GB",
    source: `${pricing}/cloudwatch/pricing/`,
  },
  alarm: {
    what: "CloudWatch, alarms, by the metrics that they look at",
    dollars: 0.1,
    per: 1,
    unit: "metric",
    source: `${pricing}/cloudwatch/pricing/`,
  },
  metric: {
    what: "CloudWatch, metric of the throttled requests",
    dollars: 0.3,
    per: 1,
    unit: "metric",
    source: `${pricing}/cloudwatch/pricing/`,
  },
  dashboard: {
    what: "CloudWatch, dashboard",
    dollars: 3,
    per: 1,
    unit: "dashboard",
    source: `${pricing}/cloudwatch/pricing/`,
  },
  sending: {
    what: "the API's answers, to the internet",
    dollars: 0.09,
    per: 1,
    unit: "GB",
    source: `${pricing}/ec2/pricing/on-demand/`,
  },
  fetching: {
    what: "CloudFront, HTTPS requests",
    dollars: 0.01,
    per: 1e4,
    unit: "10,000",
    source: `${pricing}/cloudfront/pricing/`,
  },
  rewriting: {
    what: "CloudFront Functions, runs",
    dollars: 0.1,
    per: 1e6,
    unit: "1 million",
    source: `${pricing}/cloudfront/pricing/`,
  },
  loading: {
    what: "S3, files that CloudFront asks for",
    dollars: 0.4,
    per: 1e6,
    unit: "1 million",
    source: `${pricing}/s3/pricing/`,
  },
  serving: {
    what: "CloudFront, to the internet (North America, Europe)",
    dollars: 0.085,
    per: 1,
    unit: "GB",
    source: `${pricing}/cloudfront/pricing/`,
  },
} as const satisfies Record<string, Price>;

/** Shares of the requests of the API. */
const lists = 0.6;
const gets = 0.3;
const creates = 0.07;
const deletes = 0.03;
/** Visits of the page per request of the API. Half of them have an empty cache. */
const visits = 0.1;

/** Units per request of the API. */
const perRequest: Partial<Record<Item, number>> = {
  gateway: 1,
  calls: 1,
  // 512 MB for 10 ms.
  computing: 0.5 * 0.01,
  // A full page: four shards of 34 events of 300 bytes, half a unit for 4 kB. A get: a whole unit.
  reading: lists * 4 * 0.5 * Math.ceil((34 * 300) / 4096) + gets,
  // The table and its index, 1 kB each.
  writing: (creates + deletes) * 2,
  // One log line of the gateway, three of the function.
  logging: 1.5e3 / 1e9,
  // A full page of 100 events.
  sending: (lists * 25e3 + (1 - lists) * 0.5e3) / 1e9,
  fetching: visits * 8,
  rewriting: visits * 8,
  // Files without a hash in their name are asked for again each time; CloudFront keeps the others.
  loading: visits * 5,
  // 150 kB with an empty cache, 5 kB otherwise.
  serving: (visits * (150e3 + 5e3)) / 2 / 1e9,
};

/** Units per month without any request: the alarms of prod in us-east-1; 1 GB of events. */
const perMonth: Partial<Record<Item, number>> = {
  alarm: 19,
  metric: 1,
  dashboard: 1,
  storing: 1,
};

export const volumes = [1e3, 1e6, 1e8];

export type Item = keyof typeof prices;

export function cost(item: Item, requests: number): number {
  return dollarsFor(item, (perRequest[item] ?? 0) * requests + (perMonth[item] ?? 0));
}

export function dollarsFor(item: Item, units: number): number {
  const { dollars, per } = prices[item];
  return (units * dollars) / per;
}

/** Of the user pool: a member counts in each month in which they sign in or renew a token. */
export const members = {
  what: "Cognito, plan Essentials, members active in the month",
  dollars: 0.015,
  /** For ever, and of the whole account. */
  free: 10_000,
  source: `${pricing}/cognito/pricing/`,
};

export function memberCost(active: number): number {
  return Math.max(active - members.free, 0) * members.dollars;
}

export function memberTable(): string {
  const { what, dollars, free, source } = members;
  const price = `[${dollars} each above ${free.toLocaleString("en-US")}](${source})`;
  const counts = [1_000, free, 100_000];
  return markdown([
    ["", "price", ...counts.map((count) => `${count.toLocaleString("en-US")} members`)],
    ["---", "---", ...counts.map(() => "---:")],
    [what, price, ...counts.map((count) => amount(memberCost(count)))],
  ]);
}

const amount = (dollars: number) => dollars.toFixed(2);

export function table(): string {
  const items = Object.keys(prices) as Item[];
  const rows = items.map((item) => {
    const { what, dollars, unit, source } = prices[item];
    const price = `[${dollars} a ${unit}](${source})`.replace(" a 1 million", " a million");
    return [what, price, ...volumes.map((requests) => amount(cost(item, requests)))];
  });
  const total = volumes.map((requests) => {
    return `**${amount(items.reduce((sum, item) => sum + cost(item, requests), 0))}**`;
  });
  return markdown([
    ["", "price", "1,000 requests", "1 million", "100 million"],
    ["---", "---", "---:", "---:", "---:"],
    ...rows,
    ["**a month, in US dollars**", "", ...total],
  ]);
}

export function markdown(rows: string[][]): string {
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
