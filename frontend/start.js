// Says so when the app cannot start: its files did not come, or this browser has no WebAssembly. It runs before them,
// and as a file of its own, since the content security policy allows no inline handlers.
{
  const failed = () => {
    const shell = document.getElementById("shell");
    if (!shell) return;
    document.getElementById("unstarted").hidden = false;
    document.getElementById("waiting").hidden = true;
  };
  // Whatever is the matter, it is seen once the page is parsed.
  const tell = () => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", failed);
    else failed();
  };
  // A script that does not come fires at itself alone, so it is caught on its way there; a style sheet may be missing.
  addEventListener(
    "error",
    (event) => {
      if (event.target === window || event.target instanceof HTMLScriptElement) tell();
    },
    true,
  );
  addEventListener("unhandledrejection", tell);
}
