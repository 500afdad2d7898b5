/** A release while a page is open. */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localBuild, noLocalBuild, webOrigin } from "../environment.ts";
import { test as base, expect, expectCreated } from "../fixtures.ts";
import { Assembly, LocalRun } from "../local-run.ts";

/** A run of the site as it was built, and the means to release another build of it. */
interface Releases {
  run: LocalRun;
  /** Puts the next build in place of the first. */
  release: () => Promise<void>;
}

const test = base.extend<{ releases: Releases }>({
  releases: async ({ assembly }, use) => {
    const site = await nextBuild();
    const second = await Assembly.synthesize(assembly.ports, { site });
    const run = await LocalRun.start(assembly);
    await use({ run, release: () => run.reload(second) });
    await run.stop();
    await Promise.all([second.delete(), rm(site, { recursive: true })]);
  },
});

const hashed = /^(.+)-[0-9a-f]{12,16}(_bg)?(\.\w+)$/;

/** The site with every hash another, as after a change of everything. */
async function nextBuild(): Promise<string> {
  const site = await mkdtemp(join(tmpdir(), "e2e-site-"));
  await cp(localBuild?.site ?? "", site, { recursive: true });
  const names = (await readdir(site))
    .map((name) => ({ name, next: name.replace(hashed, "$1-00000000deadbeef$2$3") }))
    .filter(({ name, next }) => name !== next);
  // Of what is written anew, as the page has them.
  const integrities = new Map<string, string>();
  for (const { name, next } of names) await rename(join(site, name), join(site, next));
  for (const file of (await readdir(site)).filter((name) =>
    /\.(html|js|webmanifest)$/.test(name),
  )) {
    const text = await readFile(join(site, file), "utf8");
    const renamed = names.reduce((text, { name, next }) => text.replaceAll(name, next), text);
    if (renamed !== text) await writeFile(join(site, file), renamed);
    integrities.set(integrity(text), integrity(renamed));
  }
  const page = join(site, "index.html");
  const html = [...integrities].reduce(
    (html, [old, next]) => html.replaceAll(old, next),
    await readFile(page, "utf8"),
  );
  await writeFile(page, html);
  return site;
}

const integrity = (text: string) => createHash("sha384").update(text).digest("base64");

/** What a browser or an edge may hold of a release: its page, and the headers of its policy. */
interface Seen {
  readonly html: string;
  readonly headers: [name: string, value: string][];
}

async function see(site: string): Promise<Seen> {
  const response = await fetch(`${site}/`);
  const skipped = ["content-length", "content-encoding", "transfer-encoding", "connection"];
  const headers = [...response.headers].filter(([name]) => !skipped.includes(name));
  return { html: await response.text(), headers };
}

/** The files of `site`, and the page of one release with the headers of another. */
async function mixed(site: string, { html }: Seen, { headers }: Seen) {
  const server = createServer(async (request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    const path = request.url ?? "/";
    if (path === "/") return response.end(html);
    const file = await fetch(`${site}${path}`);
    response.statusCode = file.status;
    response.setHeader("content-type", file.headers.get("content-type") ?? "");
    return response.end(Buffer.from(await file.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop };
}

test.describe("a release", () => {
  test.skip(!localBuild, noLocalBuild);

  test("an open page works through a release, and the next visit gets the new one", async ({
    page,
    tag,
    form,
    agenda,
    releases: { run, release },
  }) => {
    const script = () => page.locator('link[rel="modulepreload"]').first().getAttribute("href");
    // The fixtures' pages open paths of the app under test: this one opens its own run's.
    await page.goto(`${run.site}/new`);
    await expect(form.name).toBeVisible();
    const before = await script();

    await release();

    // The old page: it creates, follows links, and asks for its own files, which are still there.
    const name = `Through a release ${tag}`;
    await form.send({ name, date: "2031-05-08" });
    await expectCreated(page, name);
    await agenda.event(name).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    expect(await script()).toBe(before);
    // Asked for past the service worker, which keeps what the page needs.
    expect((await page.request.get(`${run.site}${before}`)).status()).toBe(200);

    // The next visit: the new build.
    const response = await page.goto(`${run.site}/`);
    await expect(agenda.event(name)).toBeVisible();
    const after = await script();
    expect(after).not.toBe(before);
    expect(after).toContain("deadbeef");
    expect(response?.headers()["cache-control"]).toBe("no-cache");
  });

  test("the page of one release runs under the headers of another", async ({
    page,
    agenda,
    allowConsoleErrors,
    releases: { run, release },
  }) => {
    // The API does not let in a page at these addresses.
    allowConsoleErrors.push(/CORS policy|Failed to load resource/);
    const old = await see(run.site);
    await release();
    const fresh = await see(run.site);
    expect(fresh.html).not.toBe(old.html);
    for (const [html, headers] of [
      [old, fresh],
      [fresh, old],
    ] as const) {
      const site = await mixed(run.site, html, headers);
      await page.goto(site.url);
      await expect(agenda.heading).toBeVisible();
      site.stop();
    }
  });
});

test("the policy allows no script in the page, and the page has none", async () => {
  const response = await fetch(webOrigin);
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
  const scripts = [...(await response.text()).matchAll(/<script\b([^>]*)>(.*?)<\/script>/gs)];
  expect(scripts.length).toBeGreaterThan(1);
  for (const [, attributes, code] of scripts) {
    expect(attributes).toMatch(/ src=/);
    expect(code).toBe("");
  }
});

test("the page may call no host but its API", async ({ page, agenda, allowConsoleErrors }) => {
  allowConsoleErrors.push(/Content Security Policy/);
  await page.goto("/");
  await expect(agenda.heading).toBeVisible();
  const blocked = await page.evaluate(async () => {
    const violation = new Promise<string>((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => {
        resolve(`${event.effectiveDirective} ${event.blockedURI}`);
      });
    });
    const outcome = await fetch("https://example.com/").then(
      () => "allowed",
      (error: Error) => error.name,
    );
    return [outcome, await violation];
  });
  expect(blocked).toEqual(["TypeError", "connect-src https://example.com/"]);
});
