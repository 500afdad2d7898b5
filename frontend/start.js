// Runs before the app and before anything is drawn. It is a file of its own: the content security
// policy allows no inline scripts.
// No string is written twice: the minifier replaces repeated strings, in another order in each
// build.

// Sets the theme, so that the wrong one never flashes. The page's switch calls it, too. A theme is
// "light", "dark", or "" for the system's.
window.showTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  const colors = document.querySelectorAll("meta[name=theme-color]");
  ["light", "dark"].forEach((scheme, i) => {
    const chosen = theme === scheme ? "all" : "not all";
    colors[i].media = theme ? chosen : `(prefers-color-scheme: ${scheme})`;
  });
};
try {
  showTheme(localStorage.getItem("theme") || "");
} catch {
  // The browser may have no storage for this site.
}

// Says so when the app cannot start, whatever is the reason; and when it broke later.
{
  const show = (id, hidden = false) => {
    const element = document.getElementById(id);
    if (element) element.hidden = hidden;
  };
  const tell = () => {
    if (document.getElementById("shell")) {
      show("waiting", true);
      show("unstarted");
    } else {
      show("broken");
    }
  };
  // The messages are there once the page is parsed.
  const tellSoon = () => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", tell);
    else tell();
  };
  // Once the app runs, not what an extension does in the page.
  const isTold = (error) =>
    document.getElementById("shell") || `${error?.stack}`.includes(location.origin);
  // The event of a script that does not load does not bubble: it is captured. A style sheet may be
  // missing.
  addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLScriptElement) tellSoon();
      else if (event.target === window && isTold(event.error)) tellSoon();
    },
    true,
  );
  addEventListener("unhandledrejection", ({ reason }) => {
    if (isTold(reason)) tellSoon();
  });
  // It may come all the same: then the message goes with the shell.
  setTimeout(() => document.getElementById("shell") && tell(), 20_000);

  // What the app cannot do without. README.md names the oldest browsers that have all of it.
  try {
    const needed = [
      WebAssembly.instantiate,
      AbortSignal.timeout,
      HTMLDialogElement.prototype.showModal,
      Intl.RelativeTimeFormat,
      String.prototype.normalize,
      crypto.getRandomValues,
    ];
    if (!needed.every(Boolean)) throw new TypeError();
  } catch {
    document.documentElement.dataset.tooOld = "";
    tellSoon();
  }
}

// Signing in is a file of its own, which is loaded when somebody does.
window.signIn = (what, value) => import("/sign-in.js").then((module) => module[what](value));

// Keeps the shell, to read offline. Its script is requested again on each visit. Not for a page of
// `trunk serve`, which contains the URL of trunk's web socket.
addEventListener("load", () => {
  if ([...document.scripts].some(({ text }) => /trunk[/]ws/.test(text))) return;
  navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
});
