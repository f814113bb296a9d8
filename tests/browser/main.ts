// The school's pages in a real browser: `./scripts/browser http://localhost:3000`. Leaves pictures in target/pictures. With
// ONLY=mouse just what has that in its name.

import { learn } from "./learner.ts";
import { hostile } from "./hostile.ts";
import { foreign, german, open, own } from "./pages.ts";
import { failures, tabs } from "./states.ts";
import { leftovers } from "./leftovers.ts";
import { recordings, refusals } from "./recordings.ts";
import { trailer } from "./trailer.ts";
import { uploads, video } from "./video.ts";
import { ALLOWED, DEVICES, start } from "./browser.ts";

const home = (process.argv[2] ?? "http://localhost:3000").replace(/\/$/, "");
const pictures = process.argv[3] ?? "target/pictures";
const browser = await start(DEVICES, ALLOWED);
try {
  for (const [what, look] of [
    ["pages that anybody reads", () => open(browser, home, pictures)],
    ["pages of one person", () => own(browser, home, pictures)],
    ["pages in German", () => german(browser, home, pictures)],
    ["long words and Arabic", () => foreign(browser, home, pictures)],
    ["no connection, and a school that fails", () => failures(browser, home, pictures)],
    ["several tabs at once", () => tabs(browser, home)],
    ["a lesson's video", () => video(browser, home, pictures)],
    ["an author's upload", () => uploads(browser, home, pictures)],
    ["a course's trailer", () => trailer(browser, home, pictures)],
    ["recordings", () => recordings(browser, home, pictures)],
    ["what cannot be recorded", () => refusals(browser, home, pictures)],
    ["recordings that broke off", () => leftovers(browser, home)],
    ["five hundred hostile lessons", () => hostile(browser, home)],
    ["a learner with a mouse", () => learn(browser, home, { width: 1440, theme: "light" }, "mouse", pictures)],
    ["a learner with a keyboard, on a phone in the dark", () => learn(browser, home, { width: 390, theme: "dark" }, "keyboard", pictures)],
  ] as const) {
    if (!what.includes(process.env["ONLY"] ?? "")) continue;
    const begun = Date.now();
    const missing = await look();
    console.log(missing ? `SKIPPED ${what}: ${missing}` : `ok      ${what}, ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
