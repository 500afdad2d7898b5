/**
 * What each half of CORS is for, seen by a real browser: with both, without the gateway's, and
 * without both.
 */

import { Api } from "../api.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { test as base, errorStatus, expect, expectCreated, expectDeleted } from "../fixtures.ts";
import { Assembly, type Exchange, freePorts, type Half, LocalRun } from "../local-run.ts";

const test = base.extend<{ without: Half[]; local: LocalRun }>({
  without: [[], { option: true }],
  /** A run of the test's own: its table and its record hold what the test and its page did. */
  local: async ({ assembly, without }, use) => {
    const local = await LocalRun.start(assembly, { without });
    await use(local);
    await local.stop();
  },
  baseURL: async ({ local }, use) => use(local.site),
  /** Like curl: without an origin and without preflights. */
  api: async ({ local }, use) => {
    await use(new Api(local.api));
  },
});

test.skip(!localBuild, noLocalBuild);

/** The calls of the page and their preflights: both name the page's origin. */
async function fromThePage(local: LocalRun): Promise<Exchange[]> {
  const record = await local.record();
  return record.filter(({ request }) => request.headers.origin?.includes(local.site));
}

/** `OPTIONS (POST) /events 204`, for one */
function summary({ request, response }: Exchange): string {
  const asked = request.headers["access-control-request-method"];
  return `${request.method}${asked ? ` (${asked})` : ""} ${request.target} ${response.status}`;
}

const names = (header: string[] | undefined) =>
  (header ?? []).flatMap((value) => value.split(",")).map((name) => name.trim());

test.describe("(a) with both halves", () => {
  test("all works, and the browser sends one preflight before changes", async ({
    local,
    page,
    api,
    agenda,
    form,
    tag,
  }) => {
    const ids: string[] = [];
    for (const name of [`First ${tag}`, `Second ${tag}`]) {
      await agenda.open();
      await page.getByRole("link", { name: "New event" }).first().click();
      await form.fill({ name, date: "2031-05-07" });
      const created = page.waitForResponse((response) => response.request().method() === "POST");
      await form.create.click();
      ids.push(((await (await created).json()) as { id: string }).id);
      await expectCreated(page, name);
    }
    const [first] = ids;
    await agenda.open();
    await agenda.delete(`First ${tag}`);
    await expectDeleted(page, `First ${tag}`);
    expect(await api.list()).toEqual([expect.objectContaining({ name: `Second ${tag}` })]);

    const sent = await fromThePage(local);
    const changes = sent.filter(({ request }) => request.method !== "GET").map(summary);
    expect(changes).toEqual([
      "OPTIONS (POST) /events 204",
      "POST /events 201",
      // The response to the first preflight is valid for a day: there is no second one.
      "POST /events 201",
      `OPTIONS (DELETE) /events/${first} 204`,
      `DELETE /events/${first} 204`,
    ]);
    expect(sent.filter(({ request }) => request.method === "GET").length).toBeGreaterThan(0);
    for (const exchange of sent) {
      const { headers } = exchange.response;
      expect(headers["access-control-allow-origin"], summary(exchange)).toEqual([local.site]);
    }
  });

  test("methods and headers that are allowed are those that the page uses", async ({
    local,
    page,
    api,
    agenda,
    form,
    tag,
  }) => {
    await page.addInitScript(() => {
      const read = new Set<string>();
      Object.assign(window, { headersRead: read });
      const { get } = Headers.prototype;
      Headers.prototype.get = function (name) {
        read.add(name.toLowerCase());
        return get.call(this, name);
      };
    });
    const readByPage = () =>
      page.evaluate(() => [...(window as unknown as { headersRead: Set<string> }).headersRead]);

    // More than one page of the list, so that the page follows a link.
    const others = Array.from({ length: 101 }, (_, day) =>
      api.create({ name: `Event ${day} ${tag}`, date: "2031-05-07" }),
    );
    await Promise.all(others);
    await agenda.open();
    await page.getByRole("link", { name: `Event 7 ${tag}`, exact: true }).click();
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: `Event 7 ${tag}` })).toBeVisible();
    await form.open();
    await form.send({ name: `Mine ${tag}`, date: "2031-05-07" });
    await expectCreated(page, `Mine ${tag}`);
    await agenda.open();
    await agenda.delete(`Mine ${tag}`);
    await expectDeleted(page, `Mine ${tag}`);

    const sent = await fromThePage(local);
    const preflights = sent.filter(({ request }) => request.method === "OPTIONS");
    const calls = sent.filter(({ request }) => request.method !== "OPTIONS");
    const used = {
      methods: calls.map(({ request }) => request.method),
      headers: preflights.flatMap(({ request }) =>
        names(request.headers["access-control-request-headers"]),
      ),
    };
    const unique = (list: string[]) => [...new Set(list)].toSorted();
    for (const { response } of preflights) {
      const allowed = {
        methods: names(response.headers["access-control-allow-methods"]),
        headers: names(response.headers["access-control-allow-headers"]),
      };
      expect(allowed.methods.toSorted()).toEqual(unique(used.methods));
      expect(allowed.headers.toSorted()).toEqual(unique(used.headers));
    }

    // A header that the page reads and that is not exposed would be missing.
    const exposed = names(calls[0]?.response.headers["access-control-expose-headers"]);
    const safelisted = ["content-type", "content-length", "cache-control", "expires"];
    const read = (await readByPage()).filter((name) => !safelisted.includes(name));
    expect(read.length).toBeGreaterThan(0);
    expect(exposed).toEqual(expect.arrayContaining(read));
    // The rest is for other clients in a browser.
    expect(unique(exposed)).toEqual(["idempotency-replayed", "link", "location", "retry-after"]);
  });

  test("a server that does not run is told from one that does not allow the page", async ({
    local,
    page,
    agenda,
    form,
    tag,
    allowConsoleErrors,
  }) => {
    allowConsoleErrors.push(/ERR_CONNECTION_REFUSED/);
    await agenda.open();
    await page.getByRole("link", { name: "New event" }).first().click();
    await form.name.fill(`Unsent ${tag}`);
    await local.stop();
    await form.create.click();
    const alert = page.getByRole("alert").first();
    await expect(alert).toContainText("The server could not be reached");
    await expect(page.getByText("CORS")).toHaveCount(0);
  });
});

test.describe("(b) without the gateway's half", () => {
  test.use({ without: ["gateway-cors"] });

  test("the functions' half lets the page read, and changes fail at the preflight", async ({
    local,
    page,
    api,
    agenda,
    form,
    tag,
    allowConsoleErrors,
    expectAccessible,
  }) => {
    allowConsoleErrors.push(/blocked by CORS policy/, /ERR_FAILED/, errorStatus(404));
    const name = `Here ${tag}`;
    const stored = await api.create({ name, date: "2031-05-07" });
    await agenda.open();
    await agenda.event(name).click();
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();

    await page.getByRole("button", { name: /^Delete/ }).click();
    await agenda.confirm();
    const inDialog = agenda.dialog.getByRole("alert");
    await expect(inDialog).toContainText("This page may not change events");
    await expect(inDialog).toContainText(local.site);
    await expectAccessible();

    await form.open();
    await form.send({ name: `Never ${tag}` });
    const alert = page.getByRole("region", { name: "Not created" }).getByRole("alert");
    await expect(alert).toContainText("This page may not change events");
    await expect(alert).toContainText(
      `CORS: ${local.api} does not allow the origin ${local.site} to send this request: ` +
        "see the response to the preflight.",
    );
    await expectAccessible();

    expect(await api.list()).toEqual([stored]);
    const sent = (await fromThePage(local)).map(summary);
    expect(sent).toContain(`OPTIONS (DELETE) /events/${stored.id} 404`);
    expect(sent).toContain("OPTIONS (POST) /events 404");
    expect(sent.filter((line) => /^(POST|DELETE)/.test(line))).toEqual([]);
    const read = (await fromThePage(local)).filter(({ response }) => response.status === 200);
    for (const { response } of read) {
      expect(response.headers["access-control-allow-origin"]).toEqual([local.site]);
      expect(response.headers.vary).toEqual(["Origin"]);
    }
  });
});

test.describe("(c) without both halves", () => {
  test.use({ without: ["gateway-cors", "allowed-origins"] });

  test("the page may not read either, while curl gets the data", async ({
    local,
    page,
    api,
    agenda,
    form,
    tag,
    allowConsoleErrors,
    expectAccessible,
  }) => {
    allowConsoleErrors.push(/blocked by CORS policy/, /ERR_FAILED/, errorStatus(404));
    const name = `Here ${tag}`;
    const stored = await api.create({ name, date: "2031-05-07" });
    await page.goto("/");
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("This page may not read the events");
    await expect(alert).toContainText(
      `CORS: ${local.api} does not allow the origin ${local.site} to read its responses.`,
    );
    await expect(agenda.event(name)).toBeHidden();
    await expectAccessible();

    await page.goto(`/events/${stored.id}`);
    await expect(alert).toContainText("This page may not read the events");

    await form.open();
    await form.send({ name: `Never ${tag}` });
    const notCreated = page.getByRole("region", { name: "Not created" });
    await expect(notCreated).toContainText("This page may not read the events");

    // The API responds all the same: CORS keeps pages out, not clients.
    expect(await api.list()).toEqual([stored]);
    const sent = await fromThePage(local);
    expect(sent.map(summary)).toContain("OPTIONS (POST) /events 404");
    for (const { response } of sent) {
      expect(Object.keys(response.headers).filter((h) => h.startsWith("access-"))).toEqual([]);
    }
  });
});

/** A call without a token where members alone read: the gateway answers it, no function does. */
test("the page sees a 401 by the gateway's half alone", async ({ page, allowConsoleErrors }) => {
  allowConsoleErrors.push(/blocked by CORS policy/, /ERR_FAILED/, errorStatus(401));
  // A run ends before the page is left.
  allowConsoleErrors.push(/ERR_CONNECTION_REFUSED/);
  const assembly = await Assembly.synthesize(await freePorts(), { access: "members" });
  for (const { without, seen } of [
    { without: [], seen: { status: 401, challenge: null } },
    { without: ["gateway-cors"], seen: "TypeError" },
  ] satisfies { without: Half[]; seen: unknown }[]) {
    const local = await LocalRun.start(assembly, { without });
    await page.goto(local.site);
    const found = await page.evaluate(async (url) => {
      try {
        const response = await fetch(url);
        // It is not exposed.
        return { status: response.status, challenge: response.headers.get("www-authenticate") };
      } catch (error) {
        return (error as Error).name;
      }
    }, `${local.api}/events?limit=1`);
    expect(found).toEqual(seen);
    const [asked] = (await fromThePage(local)).filter(({ request }) =>
      request.target.endsWith("limit=1"),
    );
    expect(asked?.response.status).toBe(401);
    expect(asked?.response.headers["www-authenticate"]).toEqual(["Bearer"]);
    await local.stop();
  }
  await assembly.delete();
});
