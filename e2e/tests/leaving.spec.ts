import type { CDPSession } from "@playwright/test";
import { expect, test } from "../fixtures.ts";

test("a page that was left leaves nothing behind", async ({ page, api, agenda, tag }) => {
  const name = `${tag} choir`;
  await api.create({ name, date: "2040-01-02", location: "Lido" });
  const round = async () => {
    await page.getByRole("link", { name: "Calendar" }).click();
    await expect(page.getByRole("grid")).toBeVisible();
    await page.getByRole("link", { name: "New event" }).click();
    await expect(page.getByRole("textbox", { name: "Name" })).toBeVisible();
    await page.getByRole("link", { name: "Agenda" }).click();
    await page.getByRole("searchbox", { name: "Filter" }).fill(tag);
    await page.getByRole("link", { name }).click();
    await expect(page.getByRole("link", { name: "Download .ics" })).toBeVisible();
    await page.getByRole("link", { name: "Agenda" }).click();
    await expect(agenda.heading).toBeVisible();
    await expect(page.getByRole("link", { name })).toBeVisible();
  };
  await page.goto("/");
  await round();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await alive(session);
  for (let i = 0; i < 5; i++) await round();
  await expect(async () => {
    const { nodes, listeners } = await alive(session);
    // Other tests create and delete events meanwhile; what five rounds leave would be far more.
    expect(nodes - before.nodes).toBeLessThan(200);
    expect(listeners - before.listeners).toBeLessThan(10);
  }).toPass();
});

/** What the page holds that the garbage collector cannot take. */
async function alive(session: CDPSession): Promise<{ nodes: number; listeners: number }> {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { nodes: of("Nodes"), listeners: of("JSEventListeners") };
}
