// Says so when the app cannot start: its files did not load, or this browser has no WebAssembly.
// It runs before them. It is a file of its own: the content security policy allows no inline
// handlers.
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
