/** The table of a local run answers programs of this machine, and no page that knows its port. */

import { localBuild, noLocalBuild } from "../environment.ts";
import { expect, test } from "../fixtures.ts";
import { LocalRun } from "../local-run.ts";

test.skip(!localBuild, noLocalBuild);

test("a page reads nothing of the table", async ({ page, assembly, allowConsoleErrors }) => {
  // What the browser says of refused requests.
  allowConsoleErrors.push(/blocked by CORS policy/, /Failed to load resource/);
  const run = await LocalRun.start(assembly, { site: false });
  try {
    const { port } = new URL(run.table.url);
    // A page without a policy of its own, which would forbid more.
    await page.goto(`${run.api}/no-such-route`);
    const read = (url: string) =>
      page.evaluate(async (url) => {
        const attempt = async (init: RequestInit) => {
          try {
            const response = await fetch(url, init);
            return `${response.type} ${response.status} ${await response.text()}`;
          } catch (error) {
            return String(error);
          }
        };
        const body = JSON.stringify({ TableName: "t" });
        const target = { "x-amz-target": "DynamoDB_20120810.Scan" };
        return Promise.all([
          attempt({}),
          attempt({ method: "POST", body }),
          attempt({ method: "POST", body, headers: target }),
          attempt({
            method: "POST",
            body,
            headers: { ...target, "content-type": "application/x-amz-json-1.0" },
          }),
          attempt({ mode: "no-cors" }),
          attempt({ mode: "no-cors", method: "POST", body }),
        ]);
      }, url);
    const failed = "TypeError: Failed to fetch";
    const opaque = "opaque 0 ";
    for (const host of ["127.0.0.1", "localhost"]) {
      expect(await read(`http://${host}:${port}/`), host).toEqual([
        ...[failed, failed, failed, failed],
        ...[opaque, opaque],
      ]);
    }

    // A host name that was made to lead here. The browser takes the page for one of that host, and
    // lets it read what the host answers.
    const rebound = await page.goto(`http://rebound.localhost:${port}/`);
    expect(rebound?.status()).toBe(403);
    const own = await page.evaluate(async () => {
      const response = await fetch("/", {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": "DynamoDB_20120810.ListTables",
        },
        body: "{}",
      });
      return response.status;
    });
    expect(own).toBe(403);
    await page.goto(`http://127.0.0.1:${port}/`);
    await expect(page.locator("body")).toContainText("healthy: dynamodb.us-east-1.amazonaws.com");
  } finally {
    await run.stop();
  }
});
