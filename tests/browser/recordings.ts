// Recordings: a camera and a screen that are recorded, sent meanwhile, broken off, finished, played and deleted.

import { type Browser } from "puppeteer-core";
import { DEVICES, Reader, expect, start, type Look } from "./browser.ts";
import { callingAs, newcomer, signedInAs } from "./people.ts";
import { Player, missing, until } from "./video.ts";

const DESK: Look = { width: 1440, theme: "light" };
const PHONE: Look = { width: 390, theme: "dark", language: "de" };
const PART_BYTES = 16 * (1 << 20);
/** Until it is made ready to play. */
const PREPARED_MS = 160_000;

export const press = async ({ page }: Reader, name: string) => (await page.locator(`::-p-aria([name="${name}"])`).setTimeout(60_000).waitHandle()).click();

/** Waits until something is shown of what is to be recorded. */
const sees = ({ page }: Reader) => page.waitForFunction(() => (document.querySelector<HTMLVideoElement>(".live-picture video")?.videoWidth ?? 0) > 0, { timeout: 60_000 });

/** Waits until so many seconds are recorded. */
export const lasts = ({ page }: Reader, seconds: number) =>
  page.waitForFunction(
    (seconds: number) => {
      const [minutes = 0, rest = 0] = document.querySelector("[role='timer']")?.textContent?.split(":").map(Number) ?? [];
      return minutes * 60 + rest >= seconds;
    },
    { timeout: 60_000 },
    seconds,
  );

export async function begin(reader: Reader, title: string, source: "Camera" | "Screen"): Promise<void> {
  await press(reader, source);
  await press(reader, source === "Camera" ? "Turn the camera on" : "Choose what to share");
  await sees(reader);
  await reader.page.type("#title", title);
  await press(reader, "Start recording");
  await lasts(reader, 1);
}

/** Waits until it has been sent, prepared and can be played, and returns its id. */
export async function ready(reader: Reader): Promise<string> {
  await reader.page.waitForFunction(() => /^\/recordings\/rec_/.test(location.pathname), { timeout: 60_000 }).catch(async (cause: unknown) => {
    reader.well();
    throw new Error(`it is not sent: ${await reader.page.evaluate(() => document.querySelector("main")?.innerText)}`, { cause });
  });
  // There is a video on the page before too.
  await reader.page.waitForSelector(".video", { timeout: PREPARED_MS });
  await Player.on(reader);
  return new URL(reader.page.url()).pathname.split("/").at(-1) ?? "";
}

/** Makes what is recorded three parts larger, by an element near its beginning that no player sees. */
function padded({ page }: Reader): Promise<unknown> {
  return page.evaluateOnNewDocument((size: number) => {
    const padding = new Uint8Array(9 + size);
    padding.set([0xec, 0x01]);
    new DataView(padding.buffer).setUint32(5, size);
    const set = Object.getOwnPropertyDescriptor(MediaRecorder.prototype, "ondataavailable")?.set;
    Object.defineProperty(MediaRecorder.prototype, "ondataavailable", {
      set(heard: (event: { data: Blob }) => void) {
        let before: Promise<unknown> | undefined;
        set?.call(this, ({ data }: BlobEvent) => {
          before = before?.then(() => heard({ data })) ?? data.arrayBuffer().then((buffer) => {
            const bytes = new Uint8Array(buffer);
            const at = bytes.findIndex((_, n) => [0x18, 0x53, 0x80, 0x67].every((byte, m) => bytes[n + m] === byte)) + 12;
            heard({ data: new Blob([bytes.slice(0, at), padding, bytes.slice(at)]) });
          });
        });
      },
    });
  }, 3 * PART_BYTES);
}

export async function recordings(browser: Browser, home: string, pictures: string): Promise<string | undefined> {
  if (missing()) return missing();
  const login = await newcomer(home);
  const reader = await signedInAs(browser, home, DESK, login, "/recordings");
  const { page } = reader;
  const told: string[] = [];
  page.on("request", (request) => request.method() === "POST" && told.push(new URL(request.url()).pathname));
  const timer = () => page.$eval("[role='timer']", (it) => it.textContent ?? "");

  await reader.reads("No recording yet");
  await reader.accessible();
  await reader.picture(pictures, "recordings-empty");
  await press(reader, "Record");
  await reader.reads("Start recording");
  await reader.accessible();
  await reader.picture(pictures, "recorder-1440-light");

  // A camera, from the first picture until it is played.
  await press(reader, "Camera");
  await press(reader, "Turn the camera on");
  await sees(reader);
  await press(reader, "Start recording");
  await reader.reads("This is missing.");
  reader.well(/422/);
  await page.type("#title", "A bowline");
  await page.type("#project", "Knots");
  await page.keyboard.press("Enter");
  await lasts(reader, 2);
  await reader.accessible();
  await reader.picture(pictures, "recorder-recording-1440-light");
  // The keyboard goes on where the form was.
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).innerText);
  expect((await focused()) === "Pause", `the focus is on ${JSON.stringify(await focused())}`);
  await page.keyboard.press("Enter");
  await reader.reads("Paused");
  expect((await focused()) === "Go on", `a pause leaves the focus on ${JSON.stringify(await focused())}`);
  const paused = await timer();
  await reader.accessible();
  // A link is no way out by mistake.
  await press(reader, "← My recordings");
  await reader.reads("Stop recording and leave this page?");
  await reader.accessible();
  await reader.picture(pictures, "recorder-leave-1440-light");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog"));
  expect((await timer()) === paused, `it goes on from ${paused} to ${await timer()} though it is paused`);
  await press(reader, "Go on");
  await lasts(reader, 4);
  await page.keyboard.press("Tab");
  expect((await focused()) === "Stop", `Tab leads to ${JSON.stringify(await focused())}`);
  await page.keyboard.press("Enter");
  const first = await ready(reader);
  await reader.reads("Knots");
  await reader.accessible();
  await reader.picture(pictures, "recording-1440-light");
  const player = new Player(reader);
  await player.key("k");
  await player.reaches(2);
  await player.key("k");
  const caller = await callingAs(home, login);
  const { video } = await caller.get("/v1/recordings/{recording_id}", { path: { recording_id: first } });
  expect(Math.abs((video.duration_seconds ?? 0) - 4) < 2, `4 seconds have become ${video.duration_seconds}`);
  expect(!told.some((path) => path.endsWith("/progress")), "somebody counts who watches a recording");
  reader.well();

  // A screen: its parts are sent meanwhile, an outage and a reload lose nothing.
  const screen = await signedInAs(browser, home, DESK, login, "/recordings/new", padded);
  const puts: number[] = [];
  screen.page.on("requestfinished", (request) => request.method() === "PUT" && puts.push(Number(new URL(request.url()).searchParams.get("partNumber"))));
  await screen.page.emulateNetworkConditions({ upload: 8 * (1 << 20), download: -1, latency: 0 });
  await begin(screen, "How to reef", "Screen");
  await until(() => puts.includes(1), () => "no part is sent while it is recorded");
  await screen.page.setOfflineMode(true);
  await screen.reads("No connection. It goes on recording");
  await screen.accessible();
  await screen.picture(pictures, "recorder-offline");
  const before = await screen.page.$eval("[role='timer']", (it) => Number(it.textContent?.split(":")[1]));
  await lasts(screen, before + 4);
  expect(!puts.includes(3), "it sends without a connection");
  await screen.page.setOfflineMode(false);
  await until(() => puts.includes(3), () => "it does not go on when there is a connection again");
  let asked = "";
  screen.page.on("dialog", (dialog) => {
    asked = dialog.type();
    void dialog.accept();
  });
  await screen.page.reload({ waitUntil: "networkidle0" });
  expect(asked === "beforeunload", "a reload ends it without a question");
  await screen.reads("has not been sent as a whole");
  await screen.accessible();
  await screen.picture(pictures, "recorder-leftover");
  await screen.go("/recordings");
  await screen.reads("has not been sent as a whole");
  await screen.reads("Not sent as a whole.");
  await screen.accessible();
  await screen.picture(pictures, "recordings-leftover");
  puts.length = 0;
  await press(screen, "Finish the recording");
  await ready(screen);
  expect(puts.length > 0 && !puts.includes(1), `sends the parts ${puts.join()} after the reload`);
  const again = new Player(screen);
  await again.key("k");
  await again.reaches(3);
  await screen.go("/recordings");
  await screen.page.waitForSelector(".poster img");
  expect(!(await screen.page.evaluate(() => document.body.innerText)).includes("Finish the recording"), "what is finished is left over");
  screen.well(/ERR_INTERNET_DISCONNECTED/);
  await screen.leave();

  // What broke off is given up, here and at the school.
  await reader.go("/recordings/new");
  await begin(reader, "A slip", "Screen");
  page.once("dialog", (dialog) => void dialog.accept());
  await reader.go("/recordings");
  await press(reader, "Discard it");
  await reader.reads("Discard “A slip”?");
  await (await page.waitForSelector("dialog .button:not(.plain)"))?.click();
  await page.waitForFunction(() => !document.querySelector("main")?.innerText.includes("A slip"));
  // It stops where the browser's own bar ends the sharing.
  await press(reader, "Record");
  await begin(reader, "Cut short", "Screen");
  await page.$eval(".live-picture video", (it) => ((it as HTMLVideoElement).srcObject as MediaStream).getVideoTracks()[0]?.dispatchEvent(new Event("ended")));
  await ready(reader);

  // As large as a recording may become, it stops by itself.
  const small = await reader.between(`${home}/v1/recordings`, async ({ url, method, headers, postData }) => {
    if (method !== "POST") return undefined;
    const answer = await fetch(url, { method, headers, body: postData ?? null });
    const most = 125 * PART_BYTES;
    return { status: answer.status, type: "application/json", body: (await answer.text()).replace(`"part_size":${PART_BYTES}`, `"part_size":${most - 200_000}`) };
  });
  await reader.go("/recordings/new");
  await press(reader, "Camera");
  await press(reader, "Turn the camera on");
  await sees(reader);
  await page.type("#title", "Too much");
  await page.emulateNetworkConditions({ upload: 200_000, download: -1, latency: 0 });
  await press(reader, "Start recording");
  await reader.reads("A recording has 2.1 GB at most");
  await reader.accessible();
  await reader.picture(pictures, "recorder-sending-1440-light");
  await page.emulateNetworkConditions(null);
  await ready(reader);
  await small();

  // Deleted with keys alone, once it was meant.
  await reader.go(`/recordings/${first}`);
  await Player.on(reader);
  await page.focus(".studio > .button");
  await page.keyboard.press("Enter");
  await reader.reads("Delete “A bowline”?");
  await reader.accessible();
  await reader.picture(pictures, "recording-delete");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog"));
  expect(await page.evaluate(() => document.activeElement?.matches(".studio > .button")), "the focus does not come back from the question");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog");
  await page.keyboard.press("Tab");
  expect((await page.evaluate(() => document.activeElement?.textContent)) === "Delete the recording", "Tab does not lead to the answer");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.pathname === "/recordings");
  await reader.reads("Too much");
  expect(!(await page.evaluate(() => document.body.innerText)).includes("A bowline"), "what was deleted is still there");
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>(".poster img")].every((it) => it.complete && it.naturalWidth > 0));
  await reader.accessible();
  await reader.picture(pictures, "recordings-1440-light");
  reader.well();
  await reader.leave();

  for (const look of [{ width: 1440, theme: "dark", language: "de" }, { width: 390, theme: "light" }] as Look[]) {
    const other = await signedInAs(browser, home, look, login, "/recordings");
    const kind = `${look.width}-${look.theme}`;
    await other.page.waitForSelector(".poster img");
    await other.accessible();
    await other.picture(pictures, `recordings-${kind}`);
    await other.go("/recordings/new");
    await other.page.waitForSelector("#title");
    await other.accessible();
    await other.picture(pictures, `recorder-${kind}`);
    other.well();
    await other.leave();
  }

  // A phone shares no screen.
  const phone = await signedInAs(browser, home, PHONE, login, "/recordings", ({ page }) => page.evaluateOnNewDocument(() => delete (MediaDevices.prototype as Partial<MediaDevices>).getDisplayMedia));
  await phone.page.waitForSelector(".poster img");
  await phone.accessible();
  await phone.picture(pictures, "recordings-390-dark-de");
  await press(phone, "Aufnehmen");
  await phone.reads("Kamera einschalten");
  expect(!(await phone.page.evaluate(() => document.body.innerText)).includes("Bildschirm"), "a phone offers its screen");
  await phone.accessible();
  await phone.picture(pictures, "recorder-390-dark-de");
  await press(phone, "Kamera einschalten");
  await sees(phone);
  await phone.page.type("#title", "Unterwegs");
  await press(phone, "Aufnahme starten");
  await lasts(phone, 2);
  await phone.accessible();
  await phone.picture(pictures, "recorder-recording-390-dark-de");
  await press(phone, "Beenden");
  await ready(phone);
  await phone.accessible();
  await phone.picture(pictures, "recording-390-dark-de");
  phone.well();
  await phone.leave();
  return undefined;
}

/** What a browser, a device or the school does not let anybody record is said. */
export async function refusals(browser: Browser, home: string, pictures: string): Promise<void> {
  const login = await newcomer(home);
  const path = "/recordings/new";
  for (const [flags, words, picture] of [
    [[DEVICES], "The browser may not record.", "recorder-refused"],
    [[], "There is no camera or no microphone.", "recorder-no-device"],
  ] as const) {
    const other = await start(...flags);
    try {
      const reader = await signedInAs(other, home, DESK, login, path);
      await press(reader, "Camera");
      await press(reader, "Turn the camera on");
      await reader.reads(words);
      await reader.accessible();
      await reader.picture(pictures, picture);
      // Whoever begins without looking first is told the same, and can try again.
      await reader.page.type("#title", "One more");
      await press(reader, "Start recording");
      await reader.page.waitForSelector("form .note.bad");
      await reader.reads(words);
      await reader.page.waitForSelector("form .button:not([aria-disabled])");
      reader.well();
    } finally {
      await other.close();
    }
  }

  const old = await signedInAs(browser, home, DESK, login, path, ({ page }) => page.evaluateOnNewDocument(() => delete (globalThis as Partial<typeof globalThis>).MediaRecorder));
  await old.reads("This browser cannot record.");
  await old.accessible();
  await old.picture(pictures, "recorder-unsupported");
  old.well();
  await old.leave();

  const reader = await signedInAs(browser, home, DESK, login, path);
  await press(reader, "Camera");
  await reader.page.type("#title", "One more");
  for (const [status, code, words] of [
    [409, "too_many_recordings", "You have 50 recordings"],
    [429, "rate_limited", "as many recordings as a day takes"],
  ] as const) {
    const body = JSON.stringify({ type: `urn:lectern:problem:${code}`, title: "No", status, code });
    const over = await reader.between(`${home}/v1/recordings`, () => ({ status, type: "application/problem+json", body }));
    await press(reader, "Start recording");
    await reader.reads(words);
    await over();
  }
  await reader.accessible();

  // What the school does not take to its end is left over, and another can be begun.
  const problem = JSON.stringify({ type: "urn:lectern:problem:not_found", title: "No", status: 404, code: "not_found" });
  const over = await reader.between("*/upload/complete", () => ({ status: 404, type: "application/problem+json", body: problem }));
  await press(reader, "Start recording");
  await lasts(reader, 1);
  await press(reader, "Stop");
  await reader.reads("has not been sent as a whole");
  await reader.reads("Start recording");
  await press(reader, "Finish the recording");
  await reader.reads("The school has not waited any longer");
  await reader.accessible();
  await over();
  await press(reader, "Finish the recording");
  await press(reader, "Look at it");
  await ready(reader);
  reader.well(/40[49]|429/);
  await reader.leave();
}
