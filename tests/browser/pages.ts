// Every page that a learner meets, on a phone and on a desk, light and dark: what axe-core finds, what a first visit loads,
// what goes wrong, and a picture to look at.

import { type Browser } from "puppeteer-core";
import { Reader, expect, type Look } from "./browser.ts";
import { calling, learner } from "./people.ts";

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
  for (const look of LOOKS) {
    const reader = await learner(browser, home, look);
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

/** With words that are longer than a phone is wide, and in a script that runs the other way. */
export async function foreign(browser: Browser, home: string, pictures: string): Promise<void> {
  const author = await calling(home, "instructor");
  const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
  for (const [language, title, words] of [
    ["de", long, `${long}, von ${long} bis ${long}.`],
    ["ar", "مقدمة في علم العقد والحبال للمبتدئين", "دورة قصيرة عن العقد التي تحمل الوزن ولا تنفك."],
  ] as const) {
    const body = { title, description: words, long_description: `## ${title}\n\n${words}`, language, level: "beginner" as const, tags: [words.slice(0, 40)], objectives: [title] };
    const course = await author.post("/v1/courses", { body });
    const path = { course_id: course.id };
    const module = await author.post("/v1/courses/{course_id}/modules", { path, body: { title } });
    const lesson = { title, content_type: "text" as const, content: `# ${title}\n\n${words}\n\n\`${long}\``, is_preview: true };
    const { id } = await author.post("/v1/modules/{module_id}/lessons", { path: { module_id: module.id }, body: lesson });
    await author.post("/v1/courses/{course_id}/publish", { path });
    for (const look of LOOKS) {
      const reader = await Reader.of(browser, home, look);
      for (const [name, address] of [["list", "/courses?sort=created_at"], ["course", `/courses/${course.slug}`], ["lesson", `/lessons/${id}`]] as const) {
        await reader.go(address);
        await reader.reads(title);
        await reader.accessible();
        await reader.picture(pictures, `${language}-${name}-${look.width}-${look.theme}`);
      }
      reader.well();
      await reader.leave();
    }
    await author.post("/v1/courses/{course_id}/unpublish", { path });
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
