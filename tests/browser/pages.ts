// Every page that a learner meets, on a phone and on a desk, light and dark: what axe-core finds, what a first visit loads,
// what goes wrong, and a picture to look at.

import { type Browser } from "puppeteer-core";
import { Reader, expect, type Look } from "./browser.ts";

/** Compressed JavaScript of a first visit, and requests of it. */
const SCRIPT_BYTES = 60 * 1024;

/** Both sizes and both themes; the other two pairs with `ALL=1`. */
const LOOKS: Look[] = [
  { width: 390, theme: "dark" },
  { width: 1440, theme: "light" },
];
if (process.env["ALL"] === "1") LOOKS.push({ width: 390, theme: "light" }, { width: 1440, theme: "dark" });

/** Those that anybody reads. */
export async function open(browser: Browser, home: string, pictures: string): Promise<void> {
  const course = await firstCourse(home);
  const pages = [
    ["home", "/"],
    ["catalogue", "/courses"],
    ["filtered", "/courses?level=advanced&price=paid"],
    ["course", `/courses/${course.slug}`],
    ["sign-in", "/sign-in"],
    ["register", "/register"],
    ["forgot", "/forgot-password"],
    ["reset", "/reset-password"],
    ["absent", "/nowhere"],
  ] as const;
  for (const look of LOOKS) {
    for (const [name, path] of pages) {
      const reader = await Reader.of(browser, home, look);
      await reader.go(path);
      await reader.accessible();
      await reader.picture(pictures, `${name}-${look.width}-${look.theme}`);
      expect(reader.scriptBytes <= SCRIPT_BYTES, `${path} loads ${reader.scriptBytes} bytes of scripts`);
      reader.well(name === "absent" ? /404/ : undefined);
      await reader.leave();
    }
  }
}

/** Those of one person, as the demo learner has them. */
export async function own(browser: Browser, home: string, pictures: string): Promise<void> {
  const logins = (await (await fetch(`${home}/local/logins.json`)).json()) as { role: string; email: string; password: string }[];
  const learner = logins.find(({ role }) => role === "learner");
  expect(learner, "the school has no demo learner");
  for (const look of LOOKS) {
    const reader = await Reader.of(browser, home, look);
    await reader.go("/");
    await (await reader.page.locator("::-p-aria(learner)").waitHandle()).click();
    await reader.page.waitForSelector(".card progress");
    for (const [name, path, there] of [
      ["learning", "/learn", ".card progress"],
      ["certificates", "/certificates", "h1"],
      ["profile", "/profile", "#headline"],
    ] as const) {
      await reader.go(path);
      await reader.page.waitForSelector(there);
      await reader.accessible();
      await reader.picture(pictures, `${name}-${look.width}-${look.theme}`);
    }
    await reader.go("/learn");
    await (await reader.page.locator(".card h2 a").waitHandle()).click();
    await reader.page.waitForSelector(".player .prose");
    await reader.accessible();
    await reader.picture(pictures, `player-${look.width}-${look.theme}`);
    reader.well();
    await reader.leave();
  }
}

/** In German, whose words are long. */
export async function german(browser: Browser, home: string, pictures: string): Promise<void> {
  const course = await firstCourse(home);
  for (const path of ["/", "/courses", `/courses/${course.slug}`, "/register"]) {
    const reader = await Reader.of(browser, home, { width: 390, theme: "light", language: "de" });
    await reader.go(path);
    expect((await reader.page.$("html[lang=de]")) !== null, `${path} is not in German`);
    await reader.accessible();
    await reader.picture(pictures, `german-${path.replaceAll("/", "_")}`);
    reader.well();
    await reader.leave();
  }
}

async function firstCourse(home: string): Promise<{ slug: string }> {
  const courses = (await (await fetch(`${home}/v1/courses?sort=popularity&limit=1`)).json()) as { items: { slug: string }[] };
  const course = courses.items[0];
  expect(course, "the school has no course");
  return course;
}
