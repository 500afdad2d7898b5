// Keeps the shell of the app readable offline: index.html, and the files of this site that it
// refers to. It ignores other origins: the API's responses are not kept.

const CACHE = "shell";

/** Whether trunk named the file after its content: it never changes. */
const isHashed = (path) => /-[0-9a-f]{12,16}(_bg)?\.\w+$/.test(path);

/** Every path that ends as no file of the site does is index.html, as the site's rewrite has it. */
const isPage = (path) =>
  !/[^/]\.(css|html|ico|js|json|png|svg|txt|wasm|webmanifest|woff2|xml)$/.test(path);

/** After so many milliseconds what is kept does. */
const PATIENCE = 2000;

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

/** The answer of the network, or what is kept when there is none, or none soon. */
function freshOr(kept, fetching) {
  if (!kept) return fetching;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([fetching.catch(() => kept), late]);
}

/** With all of its body: a server may stop in the middle. */
async function fetchWhole(request) {
  const response = await fetch(request);
  if (response.type !== "basic") return response;
  const body = await response.arrayBuffer();
  return new Response(body.byteLength ? body : null, response);
}

async function page(event) {
  const fetching = fetchWhole(event.request);
  const keeping = fetching.then((response) => keep(response.clone()));
  event.waitUntil(keeping.catch(() => {}));
  return freshOr(await caches.match("/"), fetching);
}

async function file(event) {
  if (left) return fetch(event.request);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request);
  if (kept && isHashed(new URL(event.request.url).pathname)) return kept;
  const fetching = fetchWhole(event.request);
  const keeping = fetching.then((response) => response.ok && cache.put(event.request, response.clone()));
  event.waitUntil(keeping.catch(() => {}));
  return freshOr(kept, fetching);
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
