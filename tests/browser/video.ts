// A lesson's video: how it is played with mouse, finger and keys, what the school hears of it, and how its author sends it.

import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type ElementHandle, type KeyInput } from "puppeteer-core";
import { type Lectern } from "../../infra/client/lectern.ts";
import { Reader, expect, type Look } from "./browser.ts";
import { calling, learner, signedIn } from "./people.ts";
import { StandIn, united, type Stretch } from "./stand_in.ts";

const CHAPTERS = `What to look for:

- 0:00 The rope at rest
- **0:10** – Under load
- 0:20 What is left of it

A time as 0:05 within a line is none of them.`;

/** A course whose first lesson has a video. */
async function course(home: string): Promise<{ author: Lectern; path: { course_id: string }; lesson: string }> {
  const author = await calling(home, "instructor");
  const words = "Ropes under load.";
  const body = { title: `Ropes ${crypto.randomUUID()}`, description: words, long_description: words, language: "en", level: "beginner" as const, tags: ["ropes"], objectives: [words] };
  const { id } = await author.post("/v1/courses", { body });
  const path = { course_id: id };
  const module = await author.post("/v1/courses/{course_id}/modules", { path, body: { title: "Ropes" } });
  const add = (title: string, content: string) =>
    author.post("/v1/modules/{module_id}/lessons", { path: { module_id: module.id }, body: { title, content_type: "text", content } });
  // No course is published before its videos are there: it is the stand-in that makes a video lesson of a text.
  const lesson = await add("How a rope breaks", CHAPTERS);
  await add("What to read", "A book.");
  return { author, path, lesson: lesson.id };
}

/** The player of the page that is open. */
class Player {
  readonly reader: Reader;

  constructor(reader: Reader) {
    this.reader = reader;
  }

  /** Waits until it can play. */
  static async on(reader: Reader): Promise<Player> {
    await reader.page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 0) >= 3, { timeout: 20_000 }).catch(async (cause: unknown) => {
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

async function until(holds: () => boolean, otherwise: () => string): Promise<void> {
  for (let n = 0; n < 200 && !holds(); n++) await new Promise((done) => setTimeout(done, 50));
  expect(holds(), otherwise());
}

function same(had: Stretch[], wanted: Stretch[]): boolean {
  return had.length === wanted.length && had.every(([from, to], n) => Math.abs(from - (wanted[n]?.[0] ?? -1)) < 0.3 && Math.abs(to - (wanted[n]?.[1] ?? -1)) < 0.3);
}

/** Plays, seeks, leaves and comes back, and compares what the school has heard with what was played. */
export async function video(browser: Browser, home: string, pictures: string): Promise<void> {
  const school = await StandIn.before(home);
  try {
    const { author, path, lesson } = await course(home);
    await author.post("/v1/courses/{course_id}/publish", { path });
    await (await calling(home, "learner")).post("/v1/courses/{course_id}/enroll", { path });
    school.lesson = lesson;
    const reader = await learner(browser, school.home, { width: 1440, theme: "light" });
    const { page } = reader;
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
    await (await page.waitForSelector(".video .screen"))?.click();
    await player.reaches(4);
    await player.key("k");
    const first = (await player.state()).at;
    await until(() => school.heartbeats.length > 0, () => "a pause is not told");
    expect(same(school.watched, [[0, first]]), `told ${JSON.stringify(school.watched)}, played 0 to ${first}`);
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
    await until(() => school.watched.length === 2, () => JSON.stringify(school.heartbeats));
    expect(same(school.watched, [[0, first], [12, second]]), `told ${JSON.stringify(school.watched)}, played 0 to ${first} and 12 to ${second}`);
    const { rendition } = school.heartbeats.at(-1) ?? {};
    expect([480, 360, 180].includes(rendition ?? 0), `plays in ${rendition}`);

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
    await page.select(".video .panel label:nth-of-type(2) select", "180");
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
    await page.waitForFunction(() => document.querySelector("video")?.videoHeight === 180, { timeout: 20_000 });
    // Times in the text lead there.
    await (await page.locator("article ::-p-aria([name='0:10: play Under load'])").waitHandle()).click();
    await player.reaches(10.5);

    // A link that has expired is renewed on the way, and the page can be left at any time.
    await player.key("k");
    school.expires = true;
    await reader.go(`/lessons/${lesson}`);
    const back = await Player.on(reader);
    const { at, speed, volume } = await back.state();
    expect(Math.abs(at - (school.heartbeats.at(-1)?.position_seconds ?? 0)) < 0.5, `comes back at ${at}`);
    expect(speed === 1.5 && Math.abs(volume - 0.9) < 0.01, `comes back with ${speed}× and ${volume}`);
    expect(school.link === 1, "the link has not expired");
    const before = school.heartbeats.length;
    await back.key("k");
    await back.reaches(at + 0.8);
    await (await page.locator("::-p-aria([name='Next lesson'])").waitHandle()).click();
    await until(() => school.heartbeats.length > before, () => "leaving for another lesson is not told");
    await reader.reads("A book.");
    await page.goBack();
    const again = await Player.on(reader);
    await again.key("3");
    await again.isAt(7.2, "3");
    await again.key("k");
    await again.reaches(8.5);
    await page.goto("about:blank");
    await until(() => united(school.watched).some(([from, to]) => from <= 7.3 && to >= 8.4), () => `leaving the site is not told: ${JSON.stringify(school.watched)}`);
    reader.well(/Failed to load resource.*403/);

    // The rest of it completes the lesson.
    await reader.go(`/lessons/${lesson}`);
    const last = await Player.on(reader);
    await last.key(">", ">");
    await page.focus(".video");
    await last.key("Home", "k");
    await page.waitForFunction(() => document.querySelector("video")?.ended, { timeout: 30_000 });
    await page.waitForSelector(".outline li:has([aria-current]) .mark.done");
    expect(school.percent >= 99, `${school.percent} % were watched: ${JSON.stringify(school.watched)}`);
    expect(!(await page.$(".watched")), "what is completed still counts");
    // Done with, it begins anew.
    await reader.go(`/lessons/${lesson}`);
    await (await Player.on(reader)).isAt(0, "a completed lesson");
    reader.well();

    // What fails is said, and can be tried again.
    school.isBroken = true;
    await reader.go(`/lessons/${lesson}`);
    await reader.reads("The video does not go on.");
    await reader.accessible();
    await reader.picture(pictures, "video-broken-1440-light");
    school.isBroken = false;
    await page.setOfflineMode(true);
    await (await player.button("Try again")).click();
    await reader.reads("No connection. The video goes on when there is one.");
    await page.setOfflineMode(false);
    await player.reaches(1);
    reader.well(/Failed to load resource.*(404|ERR_INTERNET_DISCONNECTED)/);
    await reader.leave();

    for (const look of [{ width: 390, theme: "dark" }, { width: 390, theme: "light", language: "de" }, { width: 1440, theme: "dark", language: "de" }] as Look[]) {
      const small = await learner(browser, school.home, look);
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
    await author.post("/v1/courses/{course_id}/unpublish", { path });
  } finally {
    school.stop();
  }
}

/** An author's upload: parts that fail, a pause, a reload, another file, the same file, and what becomes of it. */
export async function uploads(browser: Browser, home: string, pictures: string): Promise<void> {
  const school = await StandIn.before(home);
  const folder = mkdtempSync(join(tmpdir(), "upload-"));
  try {
    const { lesson } = await course(home);
    school.lesson = lesson;
    school.status = "uploading";
    const file = (name: string, size: number) => {
      const path = join(folder, name);
      writeFileSync(path, "");
      truncateSync(path, size);
      utimesSync(path, 1e9, 1e9);
      return path;
    };
    const large = file("rope.mkv", 12.5 * (1 << 20));
    const reader = await signedIn(browser, school.home, { width: 1440, theme: "light" }, "instructor");
    const { page } = reader;
    const choose = async (path: string) => {
      const field = (await page.waitForSelector("input[type=file]")) as ElementHandle<HTMLInputElement>;
      await field.uploadFile(path);
    };
    const press = async (name: string) => (await page.locator(`::-p-aria([name="${name}"])`).waitHandle()).click();
    await reader.go(`/lessons/${lesson}`);
    await press("Upload or replace the video");
    await reader.reads("Choose a video file");
    await reader.accessible();
    await reader.picture(pictures, "upload-choose");
    await choose(file("rope.txt", 10));
    await reader.reads("This is no video");

    school.patience = 300;
    school.failures.set(2, 503);
    school.failures.set(5, 403);
    await choose(large);
    await reader.reads("left");
    await reader.accessible();
    await reader.picture(pictures, "upload-sending");
    await until(() => school.parts.size >= 4, () => `${school.parts.size} parts have arrived`);
    await press("Pause");
    await reader.reads("Paused");
    await new Promise((done) => setTimeout(done, 700));
    const paused = school.puts.length;
    await new Promise((done) => setTimeout(done, 700));
    expect(school.puts.length === paused, "it goes on though it is paused");
    await press("Continue");
    await until(() => school.parts.size >= 7, () => `${school.parts.size} parts have arrived`);

    // After a reload the file has to be chosen again, and only the rest is sent.
    await press("Pause");
    await reader.go(`/studio/lessons/${lesson}/video`);
    await reader.reads("The upload of rope.mkv has stopped");
    await reader.accessible();
    await reader.picture(pictures, "upload-resume");
    await new Promise((done) => setTimeout(done, 700));
    const arrived = new Set(school.parts.keys());
    school.puts.length = 0;
    await choose(file("other.mkv", 5000));
    await reader.reads("another file than rope.mkv");
    await choose(large);
    await reader.reads("It is being prepared");
    expect(school.isComplete && school.parts.size === 13, `${school.parts.size} of 13 parts`);
    expect(school.puts.every((number) => !arrived.has(number)), `of ${school.puts.join()}, ${[...arrived].join()} had arrived`);
    expect(school.parts.get(13) === 1 << 19, `the last part has ${school.parts.get(13)} bytes`);
    school.status = "ready";
    await Player.on(reader);
    await reader.accessible();
    await reader.picture(pictures, "upload-ready");

    // A small file goes at once, and what cannot be prepared is said.
    school.parts.clear();
    await choose(file("small.mp4", 1000));
    await until(() => school.parts.get(1) === 1000, () => "the file has not arrived");
    school.status = "failed";
    await reader.reads("There is no picture in it.");
    await reader.accessible();
    // An author is in nobody's course.
    reader.well(/Failed to load resource.*(403|503|progress$)/);
    await reader.leave();

    const small = await signedIn(browser, school.home, { width: 390, theme: "dark", language: "de" }, "instructor");
    await small.go(`/studio/lessons/${lesson}/video`);
    await small.reads("Ersetzen");
    await small.accessible();
    await small.picture(pictures, "upload-390-dark-de");
    small.well();
    await small.leave();
  } finally {
    school.stop();
    rmSync(folder, { recursive: true });
  }
}
