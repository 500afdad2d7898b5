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

// Says so when the app cannot start: its files did not load, or this browser has no WebAssembly.
{
  const failed = () => {
    const shell = document.getElementById("shell");
    if (!shell) return;
    document.getElementById("unstarted").hidden = false;
    document.getElementById("waiting").hidden = true;
  };
  // Whatever failed, the message is there once the page is parsed.
  const tell = () => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", failed);
    else failed();
  };
  // The event of a script that does not load does not bubble: it is captured. A style sheet may be
  // missing.
  addEventListener(
    "error",
    (event) => {
      if (event.target === window || event.target instanceof HTMLScriptElement) tell();
    },
    true,
  );
  addEventListener("unhandledrejection", tell);
}

// Keeps the shell, to read offline. Its script is requested again on each visit. Not for a page of
// `trunk serve`, which contains the URL of trunk's web socket.
addEventListener("load", () => {
  if ([...document.scripts].some(({ text }) => /trunk[/]ws/.test(text))) return;
  navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
});
