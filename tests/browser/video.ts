// A lesson's video: how it is played with mouse, finger and keys, what the school hears of it, and how its author sends it.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type ElementHandle, type KeyInput } from "puppeteer-core";
import { type Lectern, type Schemas } from "../../infra/client/lectern.ts";
import { Reader, expect, type Look } from "./browser.ts";
import { calling, learner, signedIn } from "./people.ts";

const SECONDS = 24;
/** From the press of play, on a machine that does other things too. */
const FIRST_FRAME_MS = 1500;
/** Why there is no film; undefined where ffmpeg is there, of which the local cloud makes use too. */
export const missing = () => (spawnSync("ffmpeg", ["-version"]).error ? "ffmpeg is missing; apt-get install ffmpeg" : undefined);
const CHAPTERS = `What to look for:

- 0:00 The rope at rest
- **0:10** – Under load
- 0:20 What is left of it

A time as 0:05 within a line is none of them.`;

/** A test card with a tone, small enough to be sent at once and large enough for two qualities. */
export function film(folder: string): string {
  const source = (what: string) => ["-f", "lavfi", "-i", `${what}:duration=${SECONDS}`];
  const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  execFileSync("ffmpeg", ["-v", "error", ...source("testsrc=size=1280x720:rate=12"), ...source("sine=frequency=330"), ...codecs, "film.mp4"], { cwd: folder });
  return join(folder, "film.mp4");
}

/** A course whose first lesson is a video that has no film yet, and a preview. */
async function course(home: string): Promise<{ author: Lectern; path: { course_id: string }; lesson: string }> {
  const author = await calling(home, "instructor");
  const words = "Ropes under load.";
  const body = { title: `Ropes ${crypto.randomUUID()}`, description: words, long_description: words, language: "en", level: "beginner" as const, tags: ["ropes"], objectives: [words] };
  const { id } = await author.post("/v1/courses", { body });
  const path = { course_id: id };
  const module = await author.post("/v1/courses/{course_id}/modules", { path, body: { title: "Ropes" } });
  const add = (body: Schemas["AddLessonInput"]) => author.post("/v1/modules/{module_id}/lessons", { path: { module_id: module.id }, body });
  const lesson = await add({ title: "How a rope breaks", content_type: "video", content: CHAPTERS, is_preview: true });
  await add({ title: "What to read", content_type: "text", content: "A book." });
  return { author, path, lesson: lesson.id };
}

export async function choose({ page }: Reader, path: string): Promise<void> {
  const field = (await page.waitForSelector("input[type=file]")) as ElementHandle<HTMLInputElement>;
  await field.uploadFile(path);
}

async function caption(author: Lectern, video_id: string): Promise<void> {
  for (const [language, label, words] of [["en", "English", "A rope under load"], ["de", "Deutsch", "Ein Seil unter Last"]] as const) {
    const webvtt = `WEBVTT\n\n00:00:00.000 --> 00:00:24.000\n${words}\n`;
    await author.post("/v1/videos/{video_id}/captions", { path: { video_id }, body: { language, label, webvtt } });
  }
}

/** The player of the page that is open. */
export class Player {
  readonly reader: Reader;

  constructor(reader: Reader) {
    this.reader = reader;
  }

  /** Waits until it can play. */
  static async on(reader: Reader, timeout = 20_000): Promise<Player> {
    await reader.page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 0) >= 3, { timeout }).catch(async (cause: unknown) => {
      reader.well();
      const text = await reader.page.evaluate(() => document.querySelector("main")?.innerText);
      throw new Error(`no video plays on ${reader.page.url()}:\n${text}`, { cause });
    });
    return new Player(reader);
  }

  state(): Promise<{ at: number; isPaused: boolean; speed: number; volume: number; isMuted: boolean; captions: string[]; isIdle: boolean; height: number }> {
    return this.reader.page.evaluate(() => {
      const video = document.querySelector("video") as HTMLVideoElement;
      return {
        at: video.currentTime,
        isPaused: video.paused,
        speed: video.playbackRate,
        volume: video.volume,
        isMuted: video.muted,
        captions: [...video.textTracks].filter(({ mode }) => mode === "showing").map(({ language }) => language),
        isIdle: document.querySelector(".video.idle") !== null,
        height: video.videoHeight,
      };
    });
  }

  async key(...keys: (KeyInput | "<" | ">")[]): Promise<void> {
    for (const key of keys) await this.reader.page.keyboard.press(key as KeyInput);
  }

  button(name: string): Promise<ElementHandle> {
    return this.reader.page.locator(`.video ::-p-aria([name="${name}"][role="button"])`).setTimeout(10_000).waitHandle() as Promise<ElementHandle>;
  }

  /** Presses a key that plays, and says after how many milliseconds there is a frame. */
  async firstFrame(key: KeyInput): Promise<number> {
    await this.reader.page.evaluate(() => {
      const seen = globalThis as unknown as { frame: Promise<number> };
      seen.frame = new Promise((done) => {
        const pressed = ({ timeStamp }: Event) =>
          document.querySelector("video")?.requestVideoFrameCallback(() => done(performance.now() - timeStamp));
        addEventListener("keydown", pressed, { capture: true, once: true });
      });
    });
    await this.key(key);
    return this.reader.page.evaluate(() => (globalThis as unknown as { frame: Promise<number> }).frame);
  }

  /** Waits until it has come so far. */
  async reaches(at: number): Promise<void> {
    await this.reader.page.waitForFunction((at: number) => (document.querySelector("video")?.currentTime ?? 0) >= at, { timeout: 30_000, polling: 20 }, at);
  }

  async isAt(at: number, what: string): Promise<void> {
    await this.reader.page.waitForFunction((at: number) => Math.abs((document.querySelector("video")?.currentTime ?? 0) - at) < 0.2, { timeout: 5000 }, at).catch(async () => {
      throw new Error(`${what} leads to ${(await this.state()).at}, not to ${at}`);
    });
  }
}

export async function until(holds: () => boolean | Promise<boolean>, otherwise: () => string): Promise<void> {
  for (let n = 0; n < 100; n++) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(otherwise());
}

/** Plays, seeks, leaves and comes back, and compares what the school has heard with what was played. */
export async function video(browser: Browser, home: string, pictures: string): Promise<string | undefined> {
  if (missing()) return missing();
  const folder = mkdtempSync(join(tmpdir(), "video-"));
  try {
    const file = film(folder);
    const { author, path, lesson } = await course(home);
    const video_id = await sent(browser, home, pictures, author, lesson, file);
    await author.post("/v1/courses/{course_id}/publish", { path });
    const caller = await calling(home, "learner");
    await caller.post("/v1/courses/{course_id}/enroll", { path });

    const reader = await learner(browser, home, { width: 1440, theme: "light" });
    const { page } = reader;
    let asked = 0;
    let said: Schemas["WatchVideoInput"] = { watched: [] };
    page.on("request", (request) => {
      if (request.url().endsWith(`/${video_id}`)) asked++;
      if (request.url().endsWith(`/${video_id}/progress`)) said = JSON.parse(request.postData() ?? "{}") as typeof said;
    });
    const progress = async () => {
      const { progress } = await caller.get("/v1/videos/{video_id}", { path: { video_id } });
      expect(progress, "a learner has no progress");
      return progress;
    };
    /** Waits until the school counts these stretches and no others: seconds that were played to half or more. */
    const counts = async (...stretches: [from: number, to: number][]) => {
      const wanted = stretches.reduce((sum, [from, to]) => sum + Math.round(to) - Math.round(from), 0);
      let had = -1;
      const counted = async () => Math.abs((had = (await progress()).watched_seconds) - wanted) < stretches.length;
      await until(counted, () => `${had} seconds count of ${JSON.stringify(stretches)}; told at last ${JSON.stringify(said)}`);
    };
    await caption(author, video_id);
    await reader.go(`/lessons/${lesson}`);
    const player = await Player.on(reader);
    await reader.accessible();
    expect(!(await page.evaluate(() => document.body.innerText)).includes("Complete"), "a video is completed by watching alone");
    await reader.reads("0 % watched");
    await reader.picture(pictures, "video-1440-light");

    // Letters work though nothing has the focus; a click plays too.
    await player.key("m");
    expect((await player.state()).isMuted, "m does not mute");
    await player.key(">", ">", ">", ">");
    expect((await player.state()).speed === 2, `> leads to ${(await player.state()).speed}×`);
    const after = await player.firstFrame("k");
    expect(after < FIRST_FRAME_MS, `the first frame comes after ${after} ms`);
    console.log(`first frame after ${Math.round(after)} ms`);
    await player.reaches(4);
    await (await page.waitForSelector(".video .screen"))?.click();
    const first = (await player.state()).at;
    await counts([0, first]);
    await player.key("5");
    await player.isAt(12, "5");
    await player.key("l", "j", "ArrowRight", "ArrowLeft");
    await player.isAt(12, "there and back");
    await player.key(" ");
    await player.reaches(15);
    // A seek ends a stretch, and what lies between was not played.
    const second = (await player.state()).at;
    await player.key("1");
    await player.reaches(3);
    await player.key("k");
    await counts([0, first], [12, second]);
    expect([720, 480].includes(said.rendition ?? 0), `plays in ${said.rendition}`);

    // While it has the focus, it takes what otherwise scrolls the page.
    await page.focus(".video");
    await player.key("m", "ArrowDown", "ArrowDown");
    expect(Math.abs((await player.state()).volume - 0.9) < 0.01, `the volume is ${(await player.state()).volume}`);
    await player.key("End", "Home");
    await player.isAt(0, "Home");
    await player.key("c");
    expect((await player.state()).captions.join() === "en", `c shows ${(await player.state()).captions.join()}`);
    await (await player.button("Settings: 2×")).click();
    await page.waitForSelector(".video .panel select");
    await page.select(".video .panel label:nth-of-type(1) select", "de");
    expect((await player.state()).captions.join() === "de", "there are no German captions");
    await page.select(".video .panel label:nth-of-type(2) select", "480");
    await page.select(".video .panel label:nth-of-type(3) select", "1.5");
    expect((await player.state()).speed === 1.5, "the speed cannot be chosen");
    await reader.accessible();
    await reader.picture(pictures, "video-settings-1440-light");
    await player.key("Escape");
    await page.waitForFunction(() => !document.querySelector(".video .panel"));
    await (await player.button("Chapters")).click();
    await reader.accessible();
    await reader.picture(pictures, "video-chapters-1440-light");
    await (await page.waitForSelector(".video .panel li:nth-child(2) button"))?.click();
    await player.isAt(10, "the second chapter");
    await (await player.button("Chapters")).click();
    await page.waitForFunction(() => !document.querySelector(".video .panel"));
    const bar = await (await page.waitForSelector(".video .along"))?.boundingBox();
    expect(bar, "there is a seek bar");
    await page.mouse.move(bar.x + bar.width * 0.9, bar.y + bar.height / 2);
    await page.waitForFunction(() => (document.querySelector(".video .preview img") as HTMLImageElement | null)?.naturalWidth === 160);
    const preview = await page.$eval(".video .preview", (it) => (it as HTMLElement).innerText);
    expect(/0:21\s+What is left of it/.test(preview), `the preview says ${JSON.stringify(preview)}`);
    await page.screenshot({ path: `${pictures}/video-preview-1440-light.png` });
    await page.mouse.click(bar.x + 8 + (bar.width - 16) / 4, bar.y + bar.height / 2);
    await player.isAt(6, "a click on the bar");

    // Controls go while nobody needs them, and come with any key.
    await player.key("k");
    await page.mouse.move(5, 5);
    await page.waitForSelector(".video.idle", { timeout: 6000 });
    await reader.picture(pictures, "video-idle-1440-light");
    await player.key("c");
    expect(!(await player.state()).isIdle, "a key does not bring the controls back");
    // The quality that was chosen.
    await page.waitForFunction(() => document.querySelector("video")?.videoHeight === 480, { timeout: 20_000 });
    await player.key("k");
    // Times in the text lead there.
    await (await page.locator("article ::-p-aria([name='0:10: play Under load'])").waitHandle()).click();
    await player.reaches(10.5);

    // A link that has expired is renewed on the way, and the page can be left at any time.
    await player.key("k");
    const { at: left } = await player.state();
    let at = -1;
    const pausedAt = async () => (at = (await progress()).position_seconds) === Math.floor(left);
    await until(pausedAt, () => `a pause at ${left} is told as ${at}: ${JSON.stringify(said)}`);
    asked = 0;
    let expired = 0;
    const renewed = await reader.between("*/hls/index_*", ({ url }) => (expired++ === 0 ? { url: url.replace(/\?.*/, "") } : undefined));
    await reader.go(`/lessons/${lesson}`);
    const back = await Player.on(reader);
    const { speed, volume } = await back.state();
    ({ at } = await back.state());
    expect(Math.abs(at - Math.floor(left)) < 0.5, `comes back at ${at}, was left at ${left}`);
    expect(speed === 1.5 && Math.abs(volume - 0.9) < 0.01, `comes back with ${speed}× and ${volume}`);
    expect(asked === 2, `asks ${asked} times for a link`);
    await renewed();
    await back.key("k");
    await back.reaches(at + 1.5);
    await (await page.locator("::-p-aria([name='Next lesson'])").waitHandle()).click();
    await reader.reads("A book.");
    await until(async () => (await progress()).position_seconds >= Math.floor(at + 1.5), () => "leaving for another lesson is not told");
    await page.goBack();
    const again = await Player.on(reader);
    await again.key("6");
    await again.isAt(14.4, "6");
    await again.key("k");
    const { watched_seconds: before } = await progress();
    await again.reaches(18.6);
    await page.goto("about:blank");
    await until(async () => (await progress()).watched_seconds >= before + 2, () => "leaving the site is not told");
    expect((await progress()).position_seconds >= 18, "leaving the site does not tell where");
    reader.well(/Failed to load resource.*403/);

    // Most of it completes the lesson.
    await reader.go(`/lessons/${lesson}`);
    const last = await Player.on(reader);
    await last.key(">", ">");
    await page.focus(".video");
    await last.key("Home", "k");
    await last.reaches(20);
    expect(!(await page.$(".outline li:has([aria-current]) .mark.done")), "it is completed too early");
    await last.reaches(21.8);
    await last.key("k");
    await page.waitForSelector(".outline li:has([aria-current]) .mark.done");
    const { percent, completed } = await progress();
    expect(completed && percent >= 90, `${percent} % were watched: ${JSON.stringify(said)}`);
    expect(!(await page.$(".watched")), "what is completed still counts");
    await (await page.locator("::-p-aria([name='Next lesson'])").waitHandle()).click();
    await reader.reads("A book.");
    await page.waitForSelector(".outline .mark.done");
    await page.waitForFunction(() => document.querySelector("main")?.innerText.includes("Complete the course"));
    // Done with, it begins anew.
    await reader.go(`/lessons/${lesson}`);
    await (await Player.on(reader)).isAt(0, "a completed lesson");
    reader.well();

    // What fails is said, and can be tried again.
    const mended = await reader.between("*/playlists/index.m3u8*", () => ({ status: 404 }));
    await reader.go(`/lessons/${lesson}`);
    await reader.reads("The video does not go on.");
    await reader.accessible();
    await reader.picture(pictures, "video-broken-1440-light");
    await mended();
    await page.setOfflineMode(true);
    await (await player.button("Try again")).click();
    await reader.reads("No connection. The video goes on when there is one.");
    await page.setOfflineMode(false);
    await player.reaches(1);
    reader.well(/Failed to load resource.*(404|ERR_INTERNET_DISCONNECTED)/);
    await reader.leave();

    for (const look of [{ width: 390, theme: "dark" }, { width: 390, theme: "light", language: "de" }, { width: 1440, theme: "dark", language: "de" }] as Look[]) {
      const small = await learner(browser, home, look);
      await small.go(`/lessons/${lesson}`);
      const its = await Player.on(small);
      await small.page.waitForSelector(".video .chapter");
      const kind = `${look.width}-${look.theme}-${look.language ?? "en"}`;
      const names = look.language === "de" ? { chapters: "Kapitel", settings: "Einstellungen" } : { chapters: "Chapters", settings: "Settings" };
      for (const [what, name] of Object.entries(names)) {
        await (await its.button(name)).click();
        await small.page.waitForSelector(".video .panel");
        await small.accessible();
        await small.picture(pictures, `video-${what}-${kind}`);
      }
      await its.key("Escape");
      if (look.width === 390) {
        // The first touch shows the controls, and does not pause.
        await small.page.tap(".video .screen");
        await small.page.waitForSelector(".video.idle", { timeout: 10_000 });
        await small.page.tap(".video .screen");
        const { isIdle, isPaused } = await its.state();
        expect(!isIdle && !isPaused, `a touch leaves it ${isIdle ? "without controls" : isPaused ? "paused" : ""}`);
        await small.page.tap(".video .screen");
        expect((await its.state()).isIdle, "the next does not hide them");
        await its.key("k");
      }
      const places = await small.page.$$eval(".video :is(button, select, input)", (all) =>
        all.map((it) => it.getBoundingClientRect()).filter(({ width }) => width > 0).map(({ width, height, right }) => ({ width, height, right })),
      );
      for (const { width, height, right } of places) {
        expect(Math.min(width, height) >= 43.9, `a finger has only ${width} × ${height} pixels`);
        expect(right <= look.width, `something ends ${right} pixels from the left`);
      }
      small.well();
      await small.leave();
    }

    // Anybody plays a preview, and nobody counts it.
    const stranger = await Reader.of(browser, home, { width: 1440, theme: "light" });
    const told: string[] = [];
    stranger.page.on("request", (request) => request.method() === "POST" && told.push(request.url()));
    await stranger.go(`/lessons/${lesson}`);
    const theirs = await Player.on(stranger);
    await theirs.firstFrame("k");
    await theirs.reaches(1);
    await theirs.key("k");
    await stranger.accessible();
    await stranger.picture(pictures, "video-preview-of-lesson");
    await stranger.go("/courses");
    expect(told.every((url) => !url.includes("/videos/")), `a stranger tells ${told.join(", ")}`);
    stranger.well();
    await stranger.leave();
    await author.post("/v1/courses/{course_id}/unpublish", { path });
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Sends a lesson's film as its author does, and waits until the lesson shows it. */
async function sent(browser: Browser, home: string, pictures: string, author: Lectern, lesson_id: string, file: string): Promise<string> {
  const reader = await signedIn(browser, home, { width: 1440, theme: "light" }, "instructor");
  await reader.go(`/studio/lessons/${lesson_id}/video`);
  await choose(reader, file);
  await reader.reads("It is being prepared");
  // Whoever comes back meanwhile is told the same.
  await reader.go(`/studio/lessons/${lesson_id}/video`);
  await reader.reads("It is being prepared");
  await Player.on(reader, 120_000);
  await reader.reads("The video is ready.");
  await reader.accessible();
  await reader.picture(pictures, "upload-ready");
  reader.well();
  await reader.leave();
  let video_id: string | null = null;
  await until(async () => (video_id = (await author.get("/v1/lessons/{lesson_id}", { path: { lesson_id } })).video_id) !== null, () => "the lesson does not show its video");

  const small = await signedIn(browser, home, { width: 390, theme: "dark", language: "de" }, "instructor");
  await small.go(`/studio/lessons/${lesson_id}/video`);
  await small.reads("Ersetzen");
  await Player.on(small);
  await small.accessible();
  await small.picture(pictures, "upload-390-dark-de");
  small.well();
  await small.leave();
  return video_id ?? "";
}

/** An author's upload: parts that fail, a pause, a reload, another file, the same file, and what becomes of it. */
export async function uploads(browser: Browser, home: string, pictures: string): Promise<string | undefined> {
  if (missing()) return missing();
  const folder = mkdtempSync(join(tmpdir(), "upload-"));
  try {
    const { author, lesson } = await course(home);
    const file = (name: string, size: number) => {
      const path = join(folder, name);
      writeFileSync(path, "");
      truncateSync(path, size);
      utimesSync(path, 1e9, 1e9);
      return path;
    };
    // Six parts, the last of them smaller.
    const large = file("rope.mkv", 81 * (1 << 20));
    const reader = await signedIn(browser, home, { width: 1440, theme: "light" }, "instructor");
    const { page } = reader;
    const press = async (name: string) => (await page.locator(`::-p-aria([name="${name}"])`).waitHandle()).click();
    const puts: number[] = [];
    page.on("request", (request) => {
      if (request.method() === "PUT") puts.push(Number(new URL(request.url()).searchParams.get("partNumber")));
    });
    // Slow enough to look at, and the first link to the second part is good for nothing.
    await page.emulateNetworkConditions({ upload: 8 * (1 << 20), download: -1, latency: 0 });
    await reader.between(`${home}/v1/lessons/${lesson}/video`, async ({ url, method, headers, postData }) => {
      const answer = await fetch(url, { method, headers, body: postData ?? null });
      return { status: answer.status, type: "application/json", body: (await answer.text()).replace("partNumber=2&", "partNumber=1&") };
    });
    const arrived = async () => {
      const begun = await page.evaluate((lesson: string) => localStorage.getItem(`lectern-upload-${lesson}`), lesson);
      const { video_id } = JSON.parse(begun ?? "{}") as { video_id: string };
      const { uploaded } = await author.post("/v1/videos/{video_id}/upload/parts", { path: { video_id }, body: { numbers: [] } });
      return uploaded.map(({ number }) => number);
    };
    await reader.go(`/lessons/${lesson}`);
    await press("Upload or replace the video");
    await reader.reads("Choose a video file");
    await reader.accessible();
    await reader.picture(pictures, "upload-choose");
    await choose(reader, file("rope.txt", 10));
    await reader.reads("This is no video");

    await choose(reader, large);
    await reader.reads("left");
    await reader.accessible();
    await reader.picture(pictures, "upload-sending");
    await until(async () => (await arrived()).length > 0, () => "no part has arrived");
    await press("Pause");
    await reader.reads("Paused");
    const [before, tried] = [(await arrived()).length, puts.length];
    await new Promise((done) => setTimeout(done, 1500));
    expect((await arrived()).length === before && puts.length === tried, "it goes on though it is paused");
    await press("Continue");
    await page.setOfflineMode(true);
    await new Promise((done) => setTimeout(done, 500));
    await page.setOfflineMode(false);
    await until(async () => (await arrived()).length > before, () => `of ${puts.join()}, only ${before} have arrived`);

    // After a reload the file has to be chosen again, and only the rest is sent.
    await press("Pause");
    await reader.reads("Paused");
    const all = await arrived();
    expect(all.length < 6, "it is too fast to be interrupted");
    await reader.go(`/studio/lessons/${lesson}/video`);
    await reader.reads("The upload of rope.mkv has stopped");
    await reader.accessible();
    await reader.picture(pictures, "upload-resume");
    puts.length = 0;
    await page.emulateNetworkConditions(null);
    await choose(reader, file("other.mkv", 5000));
    await reader.reads("another file than rope.mkv");
    await choose(reader, large);
    // There is nothing in it, which is said.
    await reader.reads("The video could not be prepared: The file is not a video");
    expect(puts.length > 0 && !puts.some((number) => all.includes(number)), `sends ${puts.join()}, though ${all.join()} had arrived`);
    await reader.accessible();
    await reader.picture(pictures, "upload-failed");
    // An author is in nobody's course.
    reader.well(/Failed to load resource.*(403|progress$|ERR_INTERNET_DISCONNECTED)/);
    await reader.leave();
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
