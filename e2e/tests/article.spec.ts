/** The calls of the article that described the first version of this API, and of README.md. */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { apiOrigin } from "../environment.ts";
import { test as base, expect } from "../fixtures.ts";

interface CurlResponse {
  readonly status: number;
  readonly body: string;
}

const test = base.extend<{ curl: (command: string) => Promise<CurlResponse> }>({
  /** Runs a command line of the article, unchanged. */
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from it.
  curl: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), "curl-"));
    await writeFile(join(home, ".curlrc"), 'silent\nshow-error\nwrite-out = "\\n%{http_code}"\n');
    await use(async (command) => {
      const { stdout } = await promisify(execFile)("sh", ["-c", command], {
        env: { ...process.env, CURL_HOME: home, API_URL: apiOrigin },
      });
      const end = stdout.lastIndexOf("\n");
      return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
    });
    await rm(home, { recursive: true });
  },
});

const made = {
  id: expect.stringMatching(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  ),
  createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
};

test("creates, lists, gets and deletes an event", async ({ curl, api }) => {
  const created = await curl(`curl -X POST $API_URL/events \\
    -H "Content-Type: application/json" \\
    -d '{"name": "CDK Workshop", "date": "2026-06-15"}'`);
  expect(created.status).toBe(201);
  const event = JSON.parse(created.body);
  expect(event).toEqual({ ...made, name: "CDK Workshop", date: "2026-06-15" });
  api.willDelete(event.id);

  const listed = await curl("curl $API_URL/events");
  expect(listed.status).toBe(200);
  expect(JSON.parse(listed.body)).toContainEqual(event);

  const got = await curl(`curl $API_URL/events/${event.id}`);
  expect(got.status).toBe(200);
  expect(JSON.parse(got.body)).toEqual(event);

  const deleted = await curl(`curl -X DELETE $API_URL/events/${event.id}`);
  expect(deleted).toEqual({ status: 204, body: "" });

  const missing = await curl(`curl $API_URL/events/${event.id}`);
  expect(missing.status).toBe(404);
  expect(JSON.parse(missing.body)).toMatchObject({ error: "Event not found" });
});

test("explains what is wrong with a request", async ({ curl }) => {
  const broken = await curl(
    `curl -X POST $API_URL/events -H "Content-Type: application/json" -d '{"name": '`,
  );
  expect(broken.status).toBe(400);
  expect(JSON.parse(broken.body)).toMatchObject({ error: "Invalid JSON in request body" });

  const nameless = await curl(
    `curl -X POST $API_URL/events -H "Content-Type: application/json" -d '{"date": "2026-06-15"}'`,
  );
  expect(nameless.status).toBe(400);
  expect(JSON.parse(nameless.body)).toMatchObject({ error: "Missing required field: name" });

  const missing = await curl("curl -X DELETE $API_URL/events/550e8400-e29b-41d4-a716-446655440000");
  expect(missing.status).toBe(404);
  expect(JSON.parse(missing.body)).toMatchObject({ error: "Event not found" });
});

/** The calls of README.md, each with what it says is printed. */
async function readmeCalls(): Promise<{ command: string; printed: string }[]> {
  const readme = await readFile(resolve(import.meta.dirname, "../../README.md"), "utf8");
  const [, block = ""] = /## The API by curl\n\n```sh\n(.*?)```/s.exec(readme) ?? [];
  return [...block.matchAll(/^(curl [^#]*)\n# (.*)$/gm)].map(([, command = "", printed = ""]) => ({
    command,
    printed,
  }));
}

test("README.md: the calls give what it prints", async ({ curl, api }) => {
  const calls = await readmeCalls();
  expect(calls).toHaveLength(5);
  // The key decides the id.
  api.willDelete("76cc1fd5-4aee-5f8b-948a-2e6ca700faa8");
  for (const { command, printed } of calls) {
    const { status, body } = await curl(command);
    if (printed === "(204 No Content)") {
      expect({ status, body }, command).toEqual({ status: 204, body: "" });
    } else {
      // The list also has the events of other tests.
      const [event] = printed.startsWith("[") ? printed.slice(1).split("]") : [printed];
      const timeless = body.replaceAll(/"createdAt":"[^"]+"/g, '"createdAt":"…"');
      expect(timeless, command).toContain(event);
    }
  }
});
