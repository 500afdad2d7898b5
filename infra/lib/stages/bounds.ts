import { type RouteName, routes } from "../routes.ts";
import type { InvalidSetting } from "./domains.ts";

export interface Rate {
  readonly requestsPerSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

export interface Units {
  /** Read request units per second: 4 kB each, 8 kB when read eventually consistent. */
  readonly read: number;
  /** Write request units per second: 1 kB each. */
  readonly write: number;
}

/**
 * What bounds the load that strangers can make, and with it the cost. AWS applies throttles and
 * units as targets, not as ceilings (API Gateway Developer Guide, "Throttle requests to your HTTP
 * APIs"; DynamoDB Developer Guide, "Maximum throughput for on-demand tables").
 */
export interface Bounds {
  /** Of each route that `routes` does not name. */
  readonly throttle: Rate & { readonly routes?: Partial<Readonly<Record<RouteName, Rate>>> };
  /** Of the table and of its index; absent: the quotas of the account. */
  readonly tableUnits?: { readonly table: Units; readonly index: Units };
  /**
   * Lambda's quota of concurrent executions in the account and region (`aws lambda
   * get-account-settings`); 10 in a new account.
   */
  readonly accountConcurrency: number;
  /** Of all functions; each gets the same. Absent: they share the account's with its others. */
  readonly functions: { readonly reservedConcurrency?: number };
}

/** The least that Lambda leaves for functions that reserve nothing (Lambda quotas). */
const unreserved = 100;

export function rateOf({ throttle }: Bounds, route: RouteName): Rate {
  const { requestsPerSecond, burst } = throttle.routes?.[route] ?? throttle;
  return { requestsPerSecond, burst };
}

/** The first setting that AWS would refuse or that contradicts another. */
export function checkBounds(bounds: Bounds): InvalidSetting[] {
  const { throttle, tableUnits, accountConcurrency, functions } = bounds;
  const invalid: InvalidSetting[] = [];
  const refuse = (setting: string, value: unknown, rule: string) =>
    invalid.push({ setting, value, rule });
  const whole = (setting: string, value: number, to: number) => {
    if (!Number.isInteger(value) || value < 1 || value > to) {
      refuse(setting, value, `must be a whole number from 1 to ${to}`);
    }
  };

  // The quotas of an account.
  for (const [name, rate] of [["throttle", throttle] as const, ...routeRates(bounds)]) {
    whole(`${name}.requestsPerSecond`, rate.requestsPerSecond, 10_000);
    whole(`${name}.burst`, rate.burst, 5_000);
  }
  if (tableUnits) {
    for (const part of ["table", "index"] as const) {
      whole(`tableUnits.${part}.read`, tableUnits[part].read, 40_000);
      whole(`tableUnits.${part}.write`, tableUnits[part].write, 40_000);
    }
    if (tableUnits.index.write < tableUnits.table.write) {
      const rule = `must be at least tableUnits.table.write, ${tableUnits.table.write}`;
      refuse("tableUnits.index.write", tableUnits.index.write, rule);
    }
  }
  whole("accountConcurrency", accountConcurrency, 1_000_000);
  const { reservedConcurrency } = functions;
  if (reservedConcurrency !== undefined) {
    whole("functions.reservedConcurrency", reservedConcurrency, 1_000);
    const all = routes.length * reservedConcurrency;
    if (all > accountConcurrency - unreserved) {
      const rule =
        `the functions would reserve ${all} of accountConcurrency ${accountConcurrency}, and ` +
        `Lambda keeps ${unreserved}: reserve less, or set accountConcurrency to a higher quota`;
      refuse("functions.reservedConcurrency", reservedConcurrency, rule);
    }
  }
  return invalid;
}

function routeRates({ throttle }: Bounds): [name: string, rate: Rate][] {
  return Object.entries(throttle.routes ?? {}).map(([route, rate]) => {
    return [`throttle.routes.${route}`, rate];
  });
}
