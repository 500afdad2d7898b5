/** What a first visit downloads to run: HTML, CSS, JS and WebAssembly, as the site serves them. */

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";

export interface Size {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** The most that a first visit downloads, in bytes of Brotli. */
export const FIRST_LOAD_MAX = 200_000;

export interface FirstLoad {
  /** By kind: html, css, js, wasm. */
  readonly kinds: ReadonlyMap<string, Size>;
  readonly files: readonly (Size & { readonly path: string })[];
  readonly total: Size;
}

export async function firstLoad(origin: string): Promise<FirstLoad> {
  const files = (await filesOf(origin)).map(({ path, content }) => ({ path, ...measure(content) }));
  const kinds = new Map<string, Size>();
  for (const file of files) {
    const kind = kindOf(file.path);
    kinds.set(kind, sum([kinds.get(kind) ?? nothing, file]));
  }
  return { kinds, files, total: sum(files) };
}

/** The page and the files that it names, as they are. */
export async function filesOf(origin: string): Promise<{ path: string; content: Buffer }[]> {
  const { html, paths } = await pageOf(origin);
  const named = paths.map(async (path) => ({ path, content: await download(`${origin}/${path}`) }));
  return [{ path: "index.html", content: html }, ...(await Promise.all(named))];
}

export const kindOf = (path: string) => path.slice(path.lastIndexOf(".") + 1);

/** What the browser downloaded from the site for an open page, with the bytes of each body. */
export async function downloads(page: Page): Promise<{ path: string; bytes: number }[]> {
  const all = await page.evaluate(() =>
    ["navigation", "resource"]
      .flatMap((type) => performance.getEntriesByType(type) as PerformanceResourceTiming[])
      .map(({ name, encodedBodySize }) => ({ url: name, bytes: encodedBodySize })),
  );
  const origin = new URL(page.url()).origin;
  return all
    .filter(({ url }) => new URL(url).origin === origin)
    .map(({ url, bytes }) => ({ path: new URL(url).pathname.slice(1) || "index.html", bytes }));
}

/** A debug build has the names of its functions. */
export async function isRelease(origin: string): Promise<boolean> {
  const wasm = (await pageOf(origin)).paths.find((path) => path.endsWith(".wasm"));
  const module = await WebAssembly.compile(await download(`${origin}/${wasm}`));
  return WebAssembly.Module.customSections(module, "name").length === 0;
}

/** The page and the names of its files. */
async function pageOf(origin: string): Promise<{ html: Buffer; paths: string[] }> {
  const html = await download(`${origin}/`);
  const named = html
    .toString()
    .matchAll(/["'=(]\/([\w-]+-[0-9a-f]{12,16}(?:_bg)?\.(?:css|js|wasm))\b/g);
  return { html, paths: [...new Set([...named].map(([, path]) => path as string))] };
}

const nothing: Size = { raw: 0, gzip: 0, brotli: 0 };

function sum(sizes: readonly Size[]): Size {
  return sizes.reduce(
    (a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli }),
    nothing,
  );
}

function measure(bytes: Buffer): Size {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

async function download(url: string): Promise<Buffer<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
