// Keeps the shell of the app readable offline: index.html, and the files of this site that it
// refers to. It ignores other origins: the API's responses are not kept.

const CACHE = "shell";

/** Whether trunk named the file after its content: it never changes. */
const isHashed = (path) => /-[0-9a-f]{12,16}(_bg)?\.\w+$/.test(path);

/** Every path without a file extension is index.html, as the site's own rewrite has it. */
const isPage = (path) => !path.slice(path.lastIndexOf("/")).includes(".");

/** The paths of this site that a page refers to; where it is minified, without quotes. */
const references = (html) =>
  [...html.matchAll(/\b(?:href|src)=["']?(\/[^/"'\s>][^"'\s>]*)/g)]
    .map(([, path]) => path)
    .filter((path) => !isPage(path));

/** Keeps a page once all that it needs is kept, so that at any moment a whole one is there. */
async function keep(page) {
  if (!page.ok || page.redirected) return;
  const html = await page.clone().text();
  // A page of `trunk serve` changes with each build: nothing of it may be kept.
  if (html.includes(".well-known/trunk/ws")) return await leave();
  const cache = await caches.open(CACHE);
  const needed = references(html);
  const isKept = await Promise.all(needed.map((path) => cache.match(path)));
  await cache.addAll(needed.filter((_, i) => !isKept[i]));
  await cache.put("/", page);
  const old = (await cache.keys()).filter(({ url }) => {
    const { pathname } = new URL(url);
    // The stylesheet, not the page, refers to the fonts.
    return isHashed(pathname) && !pathname.startsWith("/fonts/") && !needed.includes(pathname);
  });
  await Promise.all(old.map((request) => cache.delete(request)));
}

let left = false;

async function leave() {
  left = true;
  await caches.delete(CACHE);
  await self.registration.unregister();
}

async function page(event) {
  try {
    const response = await fetch(event.request);
    event.waitUntil(keep(response.clone()).catch(() => {}));
    return response;
  } catch (error) {
    const kept = await caches.match("/");
    if (kept) return kept;
    throw error;
  }
}

async function file(event) {
  if (left) return fetch(event.request);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request);
  if (kept && isHashed(new URL(event.request.url).pathname)) return kept;
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(cache.put(event.request, response.clone()));
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch("/", { cache: "no-cache" }).then(keep));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (!isPage(pathname)) event.respondWith(file(event));
  else if (mode === "navigate") event.respondWith(page(event));
});
