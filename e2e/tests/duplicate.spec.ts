/** The next event is made from the last one. */

import { expect, expectCreated, pageHeading, test } from "../fixtures.ts";

const content = {
  date: "2031-05-07",
  time: "19:30",
  endTime: "21:00",
  location: "Old Town Hall",
  description: "Bring the blue folder.\nWe begin with Fauré.",
};

for (const from of ["its page", "its row"] as const) {
  test(`a copy of an event from ${from} asks for its date alone`, async ({
    page,
    api,
    agenda,
    form,
    tag,
    expectAccessible,
  }) => {
    const name = `Choir ${tag}`;
    const { id } = await api.create({ name, ...content });
    if (from === "its page") {
      await page.goto(`/events/${id}`);
      await page.getByRole("button", { name: "Duplicate event" }).press("Enter");
    } else {
      await agenda.open("/?from=2031-05-07&to=2031-05-07");
      await page.getByRole("button", { name: `Duplicate ${name}`, exact: true }).press("Enter");
    }
    await expect(form.date).toBeFocused();
    await expect(form.date).toHaveValue("");
    await expect(form.name).toHaveValue(name);
    await expect(form.time).toHaveValue(content.time);
    await expect(form.endTime).toHaveValue(content.endTime);
    await expect(form.location).toHaveValue(content.location);
    await expect(form.description).toHaveValue(content.description);
    await expect(page.getByText("Your earlier draft was restored.")).toHaveCount(0);
    await expectAccessible();

    await form.date.fill("2031-05-14");
    await form.create.click();
    await expectCreated(page, name);
    const stored = await api.listed(tag);
    for (const { id } of stored) api.willDelete(id);
    expect(stored.map(({ id: _, createdAt: __, ...rest }) => rest)).toEqual([
      { name, ...content },
      { name, ...content, date: "2031-05-14" },
    ]);
  });
}

test("a draft that was begun before a copy is offered again", async ({ page, api, form, tag }) => {
  const { id } = await api.create({ name: `Choir ${tag}`, date: "2031-05-07" });
  await form.open();
  await form.name.fill(`Film ${tag}`);
  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Duplicate event" }).click();
  await expect(form.name).toHaveValue(`Choir ${tag}`);
  await form.date.fill("2031-05-14");
  await form.create.click();
  await expectCreated(page, `Choir ${tag}`);
  for (const { id } of await api.listed(tag)) api.willDelete(id);
  await page.getByRole("link", { name: "New event" }).click();
  await expect(pageHeading(page, "New event")).toBeVisible();
  await expect(form.name).toHaveValue(`Film ${tag}`);
});
