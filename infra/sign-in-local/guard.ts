/** What holds for every request and response. */

import type { Context, Next } from "koa";
import { STYLE_SOURCE } from "./pages.ts";

/**
 * Serves `host` alone: another site's name that leads to this machine must not get a session
 * (DNS rebinding). Lets scripts of the page's origins read responses, and no others.
 */
export function guard(host: string, webOrigins: readonly string[]) {
  const policy = [
    "default-src 'none'",
    // The library adds the hash of its one script.
    "script-src",
    `style-src ${STYLE_SOURCE}`,
    // A browser checks this for the redirects after a form, too.
    `form-action 'self' ${webOrigins.join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

  return async (context: Context, next: Next) => {
    if (context.get("host").toLowerCase() !== host) {
      context.status = 421;
      context.body = `this provider is at http://${host}\n`;
      return;
    }
    context.set({
      "content-security-policy": policy,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    await next();
    if (!webOrigins.includes(context.get("origin"))) {
      for (const name of Object.keys(context.response.headers)) {
        if (name.startsWith("access-control-")) context.remove(name);
      }
    }
  };
}
