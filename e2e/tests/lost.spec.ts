/** A change that is lost between the page and an API that is there is neither taken for a forbidden one nor done twice. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Api } from "../api.ts";
import { localBuild, noLocalBuild } from "../environment.ts";
import { test as base, errorStatus, expect } from "../fixtures.ts";
import { Assembly, freePorts, LocalRun } from "../local-run.ts";

/** A run whose page reaches the API by a wire that can break. */
interface Wired {
  readonly local: LocalRun;
  /** Breaks every connection on which this is sent. */
  breaksOn: string | undefined;
}

const test = base.extend<{ wired: Wired }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern.
  wired: async ({}, use) => {
    const ports = await freePorts();
    const assembly = await Assembly.synthesize(ports);
    // The page calls the port that it was told; the API listens elsewhere.
    const local = await assembly.changed(
      (template) => {
        template.Outputs.ApiUrl.Value = "http://localhost:0";
      },
      () => LocalRun.start(assembly),
    );
    const wired: Wired = { local, breaksOn: undefined };
    const sockets = new Set<Socket>();
    const wire = createServer((page) => {
      const api = connect(Number(new URL(local.api).port), "localhost");
      for (const socket of [page, api]) {
        sockets.add(socket);
        socket.on("error", () => socket.destroy());
      }
      page.on("data", (sent) => {
        if (wired.breaksOn !== undefined && sent.includes(wired.breaksOn)) page.resetAndDestroy();
        else api.write(sent);
      });
      page.on("close", () => api.destroy());
      api.pipe(page);
    });
    wire.listen(ports.api, "localhost");
    await once(wire, "listening");
    await use(wired);
    wire.close();
    for (const socket of sockets) socket.destroy();
    await local.stop();
    await assembly.delete();
  },
  baseURL: async ({ wired }, use) => use(wired.local.site),
  api: async ({ wired }, use) => {
    await use(new Api(wired.local.api));
  },
});

test.skip(!localBuild, noLocalBuild);
// It synthesizes and starts first.
test.describe.configure({ timeout: 90_000 });

test("a change that was lost is sent again, and nobody speaks of permissions", async ({
  wired,
  page,
  api,
  form,
  tag,
  allowConsoleErrors,
}) => {
  // What the page asks in order to know has no route.
  allowConsoleErrors.push(
    /ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_CLOSED)/,
    errorStatus(404),
  );
  await form.open();
  await form.name.fill(`Lost ${tag}`);
  wired.breaksOn = "POST /events ";
  await form.create.click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The server could not be reached");
  await expect(alert).not.toContainText("CORS");
  expect(await api.listed(tag)).toEqual([]);

  wired.breaksOn = undefined;
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(`“Lost ${tag}” was created.`)).toBeVisible();
  expect(await api.listed(tag)).toHaveLength(1);
});
