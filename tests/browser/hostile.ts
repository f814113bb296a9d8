// Five hundred hostile lessons, as a learner's browser meets them: nothing in them runs, loads, or stands in for the page.

import { readFileSync } from "node:fs";
import { type Browser } from "puppeteer-core";
import { Reader, expect } from "./browser.ts";
import { calling } from "./people.ts";

const FILE = new URL("../../shared/markup/tests/hostile.json", import.meta.url);

export async function hostile(browser: Browser, home: string): Promise<void> {
  const { hostile, places } = JSON.parse(readFileSync(FILE, "utf8")) as { hostile: string[]; places: string[] };
  const documents = hostile.flatMap((one) => places.map((place) => place.replaceAll("{}", one)));
  expect(documents.length >= 500, `only ${documents.length} documents`);
  const author = await calling(home, "instructor");
  const reader = await Reader.of(browser, home, { width: 1440, theme: "light" });
  await reader.go("/courses");
  await reader.page.evaluate(() => {
    const seen = globalThis as unknown as { ran: string[]; alert: (what: unknown) => void };
    seen.ran = [];
    seen.alert = (what) => seen.ran.push(String(what));
  });
  for (let begun = 0; begun < documents.length; begun += 40) {
    const course = await author.post("/v1/courses", { body: { title: `Hostile ${begun} ${crypto.randomUUID()}` } });
    const module = await author.post("/v1/courses/{course_id}/modules", { path: { course_id: course.id }, body: { title: "All" } });
    for (const content of documents.slice(begun, begun + 40)) {
      const body = { title: "Hostile", content_type: "text" as const, content };
      const { id } = await author.post("/v1/modules/{module_id}/lessons", { path: { module_id: module.id }, body });
      const lesson = await author.get("/v1/lessons/{lesson_id}", { path: { lesson_id: id } });
      const wrong = await shown(reader, lesson.content_html);
      expect(wrong.length === 0, `${JSON.stringify(content)} becomes ${lesson.content_html}: ${wrong.join(", ")}`);
    }
  }
  // Whatever would come a moment later.
  await new Promise((done) => setTimeout(done, 500));
  const ran = await reader.page.evaluate(() => (globalThis as unknown as { ran: string[] }).ran);
  expect(ran.length === 0, `something ran: ${ran.join(", ")}`);
  // Pictures of this host that are not there are none of it.
  reader.well(/404/);
  await reader.leave();
}

/** Draws it as the page of a lesson does, and returns what should not be there. */
function shown({ page }: Reader, content: string): Promise<string[]> {
  return page.evaluate(async (content: string) => {
    const from = (file: string) => import(`/assets/dev/lib/lit-html/${file}`);
    const [{ html, render }, { unsafeHTML }] = await Promise.all([from("lit-html.js"), from("directives/unsafe-html.js")]);
    const place = document.body.appendChild(document.createElement("article"));
    render(html`${unsafeHTML(content)}`, place);
    const wrong: string[] = [];
    for (const it of place.querySelectorAll("*")) {
      if (it.matches("script, style, iframe, object, embed, base, meta, link, form, button, svg, video, audio, template")) wrong.push(it.localName);
      for (const { name, value } of it.attributes) {
        if (name.startsWith("on") || ["style", "srcset", "srcdoc", "name", "target"].includes(name)) wrong.push(`${name}=${value}`);
        if (name === "href" && !["http:", "https:", "mailto:"].includes((it as HTMLAnchorElement).protocol)) wrong.push(value);
        if (name === "src" && new URL(value, location.href).origin !== location.origin) wrong.push(value);
      }
    }
    place.remove();
    return wrong;
  }, content);
}
