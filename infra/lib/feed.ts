import type { Access } from "./access.ts";
import type { InvalidSetting } from "./stages/domains.ts";

/** The settings of the calendar feed, with which other calendars subscribe to the events. */
export interface Feed {
  /**
   * The time zone of the venues, as the IANA database names it: `Europe/Zurich`. Absent: a
   * subscriber's calendar may take the times for those of another zone.
   */
  readonly timeZone?: string;
}

/**
 * The environment variables of `list-events`. Without them it has no feed: where only members may
 * read, no calendar can, since none signs in.
 */
export function feedVariables(
  { access, timeZone }: Feed & { readonly access: Access },
  pageOrigin: string,
): Record<string, string> {
  if (access === "members") return {};
  return {
    FEED_PAGE_ORIGIN: pageOrigin,
    ...(timeZone !== undefined && { FEED_TIME_ZONE: timeZone }),
  };
}

export function checkFeed({ timeZone }: Feed): InvalidSetting[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return [];
  const rule = "must be a name of the IANA time zone database, like Europe/Zurich";
  return [{ setting: "timeZone", value: timeZone, rule }];
}

/** `Intl` would also take an offset, and any case. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
