// Recordings that broke off: whoever comes back settles them, in one tab or another.

import { type Browser } from "puppeteer-core";
import { expect, type Look, type Reader } from "./browser.ts";
import { callingAs, newcomer, signedInAs } from "./people.ts";
import { begin, lasts, press, ready } from "./recordings.ts";
import { missing } from "./video.ts";

const DESK: Look = { width: 1440, theme: "light" };

/** Begins a recording and breaks it off. */
async function brokenOff(reader: Reader, title: string): Promise<void> {
  await reader.go("/recordings/new");
  await begin(reader, title, "Camera");
  // The first piece is kept.
  await lasts(reader, 3);
  reader.page.once("dialog", (dialog) => void dialog.accept());
  await reader.go("/recordings");
  await reader.reads("has not been sent as a whole");
}

export async function leftovers(browser: Browser, home: string): Promise<string | undefined> {
  if (missing()) return missing();
  const login = await newcomer(home);
  const reader = await signedInAs(browser, home, DESK, login, "/recordings");
  const caller = await callingAs(home, login);
  const listed = async () => (await caller.get("/v1/me/recordings", {})).items.length;

  // What one tab has finished, another that was opened before does not delete.
  const second = await reader.page.browserContext().newPage();
  for (const way of ["Discard it", "Finish the recording"]) {
    await reader.page.bringToFront();
    await brokenOff(reader, "Two tabs");
    await second.bringToFront();
    await second.goto(`${home}/recordings`, { waitUntil: "networkidle0" });
    await second.waitForSelector("section.note");
    await reader.page.bringToFront();
    await press(reader, "Finish the recording");
    await ready(reader);
    const before = await listed();
    await second.bringToFront();
    await (await second.waitForSelector(way === "Discard it" ? "section.note .plain" : "section.note .button"))?.click();
    if (way === "Discard it") await (await second.waitForSelector("dialog .button:not(.plain)"))?.click();
    await second.waitForFunction(() => !document.querySelector("section.note"));
    expect((await listed()) === before, `${way} in another tab takes away what is finished`);
    expect(new URL(second.url()).pathname === "/recordings", `${way} leads to ${second.url()}`);
  }
  await second.close();

  // The way back asks as a link does.
  const { page } = reader;
  await reader.go("/recordings");
  await press(reader, "Record");
  await begin(reader, "The way back", "Camera");
  for (let n = 0; n < 2; n++) {
    await page.goBack();
    await reader.reads("Stop recording and leave this page?");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog"));
  }
  await lasts(reader, 2);
  await press(reader, "Stop");
  await ready(reader);
  await page.goBack();
  await reader.reads("Start recording");
  await page.goBack();
  await page.waitForFunction(() => location.pathname === "/recordings");
  reader.well();

  // What the school takes no more can be had as a file.
  const body = JSON.stringify({ type: "urn:lectern:problem:upload_closed", title: "No", status: 409, code: "upload_closed" });
  const over = await reader.between("*/upload/parts", () => ({ status: 409, type: "application/problem+json", body }));
  await reader.go("/recordings/new");
  await begin(reader, "Too late", "Camera");
  await press(reader, "Stop");
  await reader.reads("It can be saved as a file, or discarded.");
  await page.waitForSelector("section.note a[download]", { timeout: 60_000 });
  expect((await page.$eval("section.note a[download]", (it) => (it as HTMLAnchorElement).download)).startsWith("Too late."), "the file is not called as the recording");
  await reader.accessible();
  await over();
  reader.well(/409/);
  await reader.leave();
  return undefined;
}
