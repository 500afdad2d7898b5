/** The provider's pages. They load nothing, and run no script but the one that signs out. */

import { createHash } from "node:crypto";
import type { Context } from "koa";
import type { KoaContextWithOIDC } from "oidc-provider";

const STYLE = `
:root { color-scheme: light dark; }
body {
  margin: 0 auto; padding: 2rem 1rem; max-width: 30rem;
  background: light-dark(#f4f6f1, #0e1512); color: light-dark(#15211b, #e8efe9);
  font: 1.0625rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.2; }
label { display: block; font-weight: 600; }
input {
  box-sizing: border-box; width: 100%; margin: 0.25rem 0 1rem; padding: 0.625rem 0.75rem;
  border: 1px solid light-dark(#77857c, #74837a); border-radius: 0.625rem;
  background: light-dark(#fdfefb, #17211c); color: inherit; font: inherit;
}
button {
  min-height: 2.75rem; margin: 0 0.5rem 0.5rem 0; padding: 0.5rem 1rem; border-radius: 0.625rem;
  border: 1px solid light-dark(#0b6146, #7fdcb4); font: inherit; font-weight: 600; cursor: pointer;
  background: light-dark(#0b6146, #7fdcb4); color: light-dark(#ffffff, #06261a);
}
button.second { background: transparent; color: light-dark(#0b6146, #7fdcb4); }
a { color: light-dark(#0b6146, #7fdcb4); }
.error { color: light-dark(#ab2314, #ff9f92); }
:focus-visible { outline: 3px solid light-dark(#0b6146, #7fdcb4); outline-offset: 2px; }
`;

/** The pages' style, for their policy. */
export const STYLE_SOURCE = source(STYLE);

const SUBMIT = "document.getElementById('op.logoutForm').submit();";

/** Asks for an e-mail address. `email` is what is typed in already. */
export function questionPage({ email = "", isRefused = false }): string {
  const described = isRefused ? "what wrong" : "what";
  const wrong = '<p class="error" id="wrong" role="alert">That is no e-mail address.</p>';
  return page(
    `${isRefused ? "Error: " : ""}Sign in`,
    `<h1>Sign in</h1>
<p id="what">This is a development account on this computer: type in any e-mail address. There is
no password, and no mail is sent.</p>
<form method="post">
<label for="email">E-mail address</label>
${isRefused ? wrong : ""}
<input id="email" name="email" type="email" autocomplete="email" required autofocus
 aria-describedby="${described}"${isRefused ? ' aria-invalid="true"' : ""} value="${escapeHtml(email)}">
<button>Sign in</button>
<button class="second" name="cancel" formnovalidate>Cancel</button>
</form>`,
  );
}

/**
 * Signs out, with one button. The page sends its ID token along, which no other site has: then the
 * button is pressed by a script.
 */
export function signOutPage(context: KoaContextWithOIDC, form: string): string {
  const isFromThePage = context.oidc.entities.IdTokenHint !== undefined;
  if (isFromThePage) allowScript(context, SUBMIT);
  return page(
    "Sign out",
    `<h1>Sign out</h1>
${form.replace("</form>", '<input type="hidden" name="logout" value="yes"></form>')}
<button form="op.logoutForm" autofocus>Sign out</button>
${isFromThePage ? `<script>${SUBMIT}</script>` : ""}`,
  );
}

export function signedOutPage(webOrigins: readonly string[]): string {
  return page("Signed out", `<h1>You are signed out</h1>\n${wayBack(webOrigins)}`);
}

export function errorPage(reason: string, webOrigins: readonly string[]): string {
  return page(
    "Sign-in failed",
    `<h1>Sign-in failed</h1>
<p>The provider says: ${escapeHtml(reason)}.</p>
<p>When it has been restarted it knows none of the sessions from before: sign in again.</p>
${wayBack(webOrigins)}`,
  );
}

function wayBack(webOrigins: readonly string[]): string {
  const links = webOrigins.map(
    (origin) => `<a href="${escapeHtml(origin)}/">${escapeHtml(origin)}</a>`,
  );
  return `<p>Back to ${links.join(" or ")}</p>`;
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · development accounts</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}

function allowScript(context: Context, script: string): void {
  const policy = context.response.get("content-security-policy");
  context.set(
    "content-security-policy",
    policy.replace("script-src", `script-src ${source(script)}`),
  );
}

/** A text as a source of a policy. */
function source(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? "");
}
