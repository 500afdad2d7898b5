import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { nameHasHash } from "../lib/site/files.ts";
import { pageChecks } from "../smoke/checks.ts";
import recorded from "./recorded/cloudfront.json" with { type: "json" };
import { headersOf, siteFiles } from "./support.ts";

const api = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
const [missing, ...rest] = recorded.responses.toReversed();
const found = rest.toReversed();

/** The site of `siteFiles`, as CloudFront responds: `head` is that of each file which is there. */
async function serve(
  head: object,
  change: (response: ServerResponse, path: string) => void = () => {},
): Promise<{ web: string; stop: () => void }> {
  const files: Record<string, string> = {
    ...siteFiles,
    "config.json": JSON.stringify({ apiUrl: api }),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const isPage = !path.slice(path.lastIndexOf("/")).includes(".");
    const name = isPage ? "index.html" : path.slice(1);
    const content = files[name];
    response.statusCode = content === undefined ? (missing?.status ?? 0) : 200;
    const own = content === undefined ? missing?.headers : { ...head, ...headersOfFile(name) };
    for (const [header, value] of Object.entries({ ...own, ...headersOf("prod") })) {
      response.setHeader(header, value ?? "");
    }
    change(response, path);
    response.end(content ?? missing?.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    web,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** As the uploads set them. */
function headersOfFile(name: string): Record<string, string> {
  return {
    "content-type": name.endsWith(".html") ? "text/html" : "application/json",
    "cache-control": nameHasHash(name) ? "public, max-age=31536000, immutable" : "no-cache",
  };
}

/** The names of the checks that fail. */
async function failures(web: string): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of pageChecks({ web, api })) await run().catch(() => failed.push(name));
  return failed;
}

for (const { for: what, headers } of found) {
  test(`the smoke test takes a site whose files are sent like ${what}`, async (t) => {
    const { web, stop } = await serve(headers);
    t.after(stop);
    assert.deepEqual(await failures(web), []);
  });
}

const defects: [what: string, change: (response: ServerResponse, path: string) => void, RegExp][] =
  [
    [
      "a server with a version",
      (response) => response.setHeader("server", "nginx/1.29.3"),
      /none names a framework or a version/,
    ],
    [
      "a missing file that is found",
      (response) => {
        response.statusCode = 200;
      },
      /a missing file is 404/,
    ],
    [
      "hashed files that are revalidated",
      (response) => response.setHeader("cache-control", "no-cache"),
      /cached for a year/,
    ],
    [
      "a page that is cached",
      (response) => response.setHeader("cache-control", "public, max-age=31536000, immutable"),
      /the page loads and is revalidated/,
    ],
    [
      "no policy",
      (response) => response.removeHeader("content-security-policy"),
      /content-security-policy/,
    ],
  ];

for (const [what, change, name] of defects) {
  test(`the smoke test finds ${what}`, async (t) => {
    const { web, stop } = await serve(found[0]?.headers ?? {}, change);
    t.after(stop);
    assert.match((await failures(web)).join("\n"), name);
  });
}
