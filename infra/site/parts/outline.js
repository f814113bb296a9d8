// The lessons of a course, by module.

import { html, nothing } from "../lib/lit-html/lit-html.js";

/** @typedef {import("../lib/lectern.js").Schemas} Schemas */

/**
 * @param {object} outline
 * @param {import("../text.js").Text} outline.text
 * @param {Schemas["ModuleDetail"][]} outline.modules
 * @param {Map<string, Schemas["ProgressStatus"]>} [outline.progress] By lesson.
 * @param {string} [outline.here] The lesson that is open.
 * @param {boolean} outline.isMine Whether every lesson may be opened, and not only a preview.
 */
export function outline({ text, modules, progress = new Map(), here, isMine }) {
  const open = modules.find((module) => module.lessons.some(({ id }) => id === here)) ?? modules[0];
  return html`<ul class="outline">
    ${modules.map(
      (module) => html`<li>
        <details ?open=${module === open}>
          <summary><span dir="auto">${module.title}</span><span class="quiet">${text("course.lessons", { count: module.lessons.length })}</span></summary>
          <ol>
            ${module.lessons.map((lesson) => line(text, lesson, progress.get(lesson.id), lesson.id === here, isMine || lesson.is_preview))}
          </ol>
        </details>
      </li>`,
    )}
  </ul>`;
}

/**
 * @param {import("../text.js").Text} text @param {Schemas["LessonLine"]} lesson
 * @param {Schemas["ProgressStatus"] | undefined} status @param {boolean} isHere @param {boolean} mayOpen
 */
function line(text, lesson, status, isHere, mayOpen) {
  const done = status === "completed";
  return html`<li>
    <span class="mark ${done ? "done" : ""}" aria-hidden="true">${done ? "✓" : status === "in_progress" ? "◐" : "○"}</span>
    ${mayOpen
      ? html`<a href=${`/lessons/${lesson.id}`} dir="auto" aria-current=${isHere ? "page" : nothing}>${lesson.title}</a>`
      : html`<span dir="auto">${lesson.title}</span>`}
    ${status ? html`<span class="unseen">${text(`progress.${status}`)}</span>` : nothing}
    ${lesson.is_preview && !status ? html`<span class="chip">${text("lesson.preview")}</span>` : nothing}
    ${lesson.duration_minutes > 0 ? html`<span class="minutes">${text("minutes", { count: lesson.duration_minutes })}</span>` : nothing}
  </li>`;
}
