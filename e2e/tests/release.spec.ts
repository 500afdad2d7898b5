/** A release while a page is open. */

import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localBuild, noLocalBuild } from "../environment.ts";
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
    const second = await Assembly.synthesize(assembly.ports, site);
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
  for (const { name, next } of names) await rename(join(site, name), join(site, next));
  for (const file of (await readdir(site)).filter((name) =>
    /\.(html|js|webmanifest)$/.test(name),
  )) {
    const text = await readFile(join(site, file), "utf8");
    const renamed = names.reduce((text, { name, next }) => text.replaceAll(name, next), text);
    if (renamed !== text) await writeFile(join(site, file), renamed);
  }
  return site;
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

    // The next visit: the new build, under the policy that names its own script.
    const response = await page.goto(`${run.site}/`);
    await expect(agenda.event(name)).toBeVisible();
    const after = await script();
    expect(after).not.toBe(before);
    expect(after).toContain("deadbeef");
    expect(response?.headers()["cache-control"]).toBe("no-cache");
  });
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
