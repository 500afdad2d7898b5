/** The one question of the provider: who is it? */

import { text } from "node:stream/consumers";
import type { Context, Next } from "koa";
import type { InteractionResults, Provider } from "oidc-provider";
import type { Accounts } from "./accounts.ts";
import { questionPage } from "./pages.ts";

/** The limit of RFC 5321, section 4.5.3.1.3, without the angle brackets. */
const LONGEST_ADDRESS = 254;
const LONGEST_FORM = 4_096;

export function signInPage(provider: Provider, accounts: Accounts) {
  return async (context: Context, next: Next) => {
    if (!context.path.startsWith("/sign-in/")) return next();
    const { req, res } = context;
    // It belongs to the cookie of the browser that began; without it this throws.
    const { uid, prompt, params } = await provider.interactionDetails(req, res);
    if (context.path !== `/sign-in/${uid}`) context.throw(404);

    const finish = async (results: InteractionResults) => {
      context.redirect(await provider.interactionResult(req, res, results));
      context.status = 303;
    };
    context.set("cache-control", "no-store");
    // A client that insists on consent gets it: signing in was the agreement.
    if (prompt.name === "consent") return finish({ consent: {} });
    if (context.method !== "POST") {
      const hint = params.login_hint;
      context.body = questionPage({ email: typeof hint === "string" ? hint : "" });
      return;
    }
    const form = await readForm(context);
    if (form.has("cancel")) {
      return finish({ error: "access_denied", error_description: "sign-in was cancelled" });
    }
    const email = form.get("email")?.trim() ?? "";
    if (!isAddress(email)) {
      context.status = 400;
      context.body = questionPage({ email, isRefused: true });
      return;
    }
    console.error(`${email} signs in`);
    return finish({ login: { accountId: accounts.add(email) } });
  };
}

async function readForm(context: Context): Promise<URLSearchParams> {
  if (!context.is("urlencoded")) context.throw(415);
  // Browsers say the length of a form.
  if (!(context.request.length <= LONGEST_FORM)) context.throw(413);
  return new URLSearchParams(await text(context.req));
}

/** As a browser checks a field of type `email` (HTML, "valid e-mail address"). */
const isAddress = (text: string) =>
  text.length <= LONGEST_ADDRESS &&
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(\.[a-z\d-]+)*$/i.test(text);
