// A course's trailer: how its author sends it, captions it and takes it off, and how anybody watches it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type ElementHandle } from "puppeteer-core";
import { Reader, expect, type Look } from "./browser.ts";
import { calling, signedIn } from "./people.ts";
import { Player, choose, film, missing, until } from "./video.ts";

const DESK: Look = { width: 1440, theme: "light" };
/** Compressed JavaScript of a first visit: the player comes when it is wanted. */
const SCRIPT_BYTES = 60 * 1024;

export async function trailer(browser: Browser, home: string, pictures: string): Promise<string | undefined> {
  if (missing()) return missing();
  const folder = mkdtempSync(join(tmpdir(), "trailer-"));
  try {
    const author = await calling(home, "instructor");
    const words = "What holds, and what does not.";
    const body = { title: `Ropes ${crypto.randomUUID()}`, description: words, long_description: words, language: "en", level: "beginner" as const, tags: ["ropes"], objectives: [words] };
    const { id } = await author.post("/v1/courses", { body });
    const path = { course_id: id };
    const module = await author.post("/v1/courses/{course_id}/modules", { path, body: { title: "Ropes" } });
    const { id: lesson } = await author.post("/v1/modules/{module_id}/lessons", { path: { module_id: module.id }, body: { title: "What to read", content_type: "text", content: words } });
    const { slug } = await author.post("/v1/courses/{course_id}/publish", { path });
    const reader = await signedIn(browser, home, DESK, "instructor");
    const { page } = reader;
    const press = async (name: string) => (await page.locator(`::-p-aria([name="${name}"])`).waitHandle()).click();

    await reader.go(`/lessons/${lesson}`);
    await press("Upload or replace the trailer");
    await reader.reads("Whoever sees the course sees it.");
    await reader.accessible();
    await choose(reader, film(folder));
    await reader.reads("It is being prepared");
    await Player.on(reader, 120_000);
    await reader.reads("The video is ready.");
    await until(async () => (await author.get("/v1/courses/{course_id}", { path })).trailer_video_id !== null, () => "the course does not show its trailer");

    // Captions: what is wrong with a file is said beside it.
    const caption = async (words: string) => {
      const file = join(folder, "captions.vtt");
      writeFileSync(file, words);
      await ((await page.waitForSelector("#webvtt")) as ElementHandle<HTMLInputElement>).uploadFile(file);
      await press("Add captions");
    };
    await reader.reads("There are none yet.");
    await page.type("#language", "de");
    await caption("This is no WebVTT.");
    await page.waitForSelector("#webvtt[aria-invalid='true']");
    // An author is in nobody's course.
    reader.well(/422|progress$/);
    await reader.accessible();
    await reader.picture(pictures, "captions-wrong");
    await caption("WEBVTT\n\n00:00:00.000 --> 00:00:24.000\nEin Seil unter Last\n");
    await reader.reads("Deutsch (de)");
    await Player.on(reader);
    expect(await page.$("track[srclang=de]"), "the player has no German captions");
    expect((await page.$eval("#language", (it) => (it as HTMLInputElement).value)) === "", "the form is not empty again");
    await reader.accessible();
    await reader.picture(pictures, "trailer-studio-1440-light");
    reader.well();

    // Anybody watches it, and nobody counts them.
    for (const look of [DESK, { width: 390, theme: "dark", language: "de" }] as Look[]) {
      const stranger = await Reader.of(browser, home, look);
      const kind = `${look.width}-${look.theme}-${look.language ?? "en"}`;
      const told: string[] = [];
      stranger.page.on("request", (request) => request.method() === "POST" && told.push(request.url()));
      await stranger.go(`/courses/${slug}`);
      await stranger.page.waitForFunction(() => (document.querySelector("#trailer img") as HTMLImageElement | null)?.complete);
      expect(stranger.scriptBytes <= SCRIPT_BYTES, `the course loads ${stranger.scriptBytes} bytes of scripts`);
      await stranger.accessible();
      await stranger.picture(pictures, `trailer-${kind}`);
      await stranger.page.focus("#trailer button");
      await stranger.page.keyboard.press("Enter");
      const player = await Player.on(stranger);
      await player.reaches(1);
      await player.key("k");
      await stranger.accessible();
      await stranger.picture(pictures, `trailer-playing-${kind}`);
      await stranger.go("/courses");
      expect(!told.some((url) => url.includes("/videos/")), `a stranger tells ${told.join()}`);
      stranger.well();
      await stranger.leave();
    }

    // Taken off once it was meant.
    await reader.go(`/courses/${slug}`);
    await press("Upload or replace the trailer");
    await press("Remove it");
    await reader.reads("Nobody will see it any more.");
    await reader.accessible();
    await (await page.waitForSelector("dialog .button:not(.plain)"))?.click();
    await reader.reads("The video is removed.");
    reader.well();
    await reader.leave();
    const last = await Reader.of(browser, home, DESK);
    await last.go(`/courses/${slug}`);
    await last.page.waitForSelector("#enrol button");
    expect(!(await last.page.$("#trailer")), "what was taken off is still there");
    last.well();
    await last.leave();
    await author.post("/v1/courses/{course_id}/unpublish", { path });
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
