import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webOrigin } from "../environment.ts";
import { errorStatus, expect, expectDeleted, offline, test } from "../fixtures.ts";

test.beforeEach(({ allowConsoleErrors }) => {
  allowConsoleErrors.push(offline);
});

test("says that there is no network, and lists once there is", async ({
  page,
  context,
  api,
  tag,
  agenda,
  form,
  expectAccessible,
}) => {
  await api.create({ name: `Later ${tag}`, date: "2031-05-07" });
  await form.open();
  await context.setOffline(true);
  await page.getByRole("link", { name: "Agenda", exact: true }).click();

  const alert = page.getByRole("alert");
  await expect(alert).toContainText("You are offline");
  await expectAccessible();
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toContainText("You are offline");

  // The list comes by itself.
  await context.setOffline(false);
  await agenda.showAll();
  await expect(alert).toBeHidden();
  await expect(agenda.event(`Later ${tag}`)).toBeVisible();
});

test("does the same for one event", async ({ page, context, api, tag, agenda }) => {
  const name = `Later ${tag}`;
  await api.create({ name, date: "2031-05-07" });
  await agenda.open();
  await context.setOffline(true);
  await agenda.event(name).click();
  await expect(page.getByRole("alert")).toContainText("You are offline");

  await context.setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByRole("alert")).toBeHidden();
});

test("does the same for a deletion, in the dialog", async ({ page, context, api, tag, agenda }) => {
  const name = `Gone ${tag}`;
  const { id } = await api.create({ name, date: "2031-05-07" });
  await agenda.open();
  await agenda.askToDelete(name);
  await context.setOffline(true);
  await agenda.confirm();
  await expect(agenda.dialog.getByRole("alert")).toContainText("You are offline");
  expect(await api.get(id)).toMatchObject({ name });

  await context.setOffline(false);
  await agenda.dialog.getByRole("button", { name: "Try again" }).click();
  await expectDeleted(page, name);
  expect(await api.get(id)).toBeUndefined();
});

test("says what is missing when the site does not name its API", async ({
  page,
  allowConsoleErrors,
  expectAccessible,
}) => {
  allowConsoleErrors.push(errorStatus(404));
  // The site as it is, but without this one file.
  const site = createServer(async (request, response) => {
    if (request.url === "/config.json") {
      response.writeHead(404).end();
      return;
    }
    const file = await fetch(`${webOrigin}${request.url}`);
    response.setHeader("content-type", file.headers.get("content-type") ?? "");
    response.end(Buffer.from(await file.arrayBuffer()));
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  await expect(page.getByRole("alert")).toContainText("This site is not set up completely");
  await expectAccessible();
  site.close();
  site.closeAllConnections();
});
