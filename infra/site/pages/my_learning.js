// /learn

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { list } from "../parts/more.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, show }) {
  const user = await session.user();
  await list(
    (cursor) => api.get("/v1/me/courses", { query: cursor ? { cursor } : {} }),
    (courses, more) =>
      show(
        text("learning.title"),
        html`<div class="row between"><h1>${text("learning.title")}</h1><span class="row"><a href="/recordings">${text("recordings.title")}</a><a href="/certificates">${text("certificates.title")}</a></span></div>
          ${user && !user.email_verified
            ? html`<p class="note">${text("verify.reminder")} <a href="/verify-email">${text("verify.title")}</a></p>`
            : nothing}
          ${courses.length > 0
            ? html`<ul class="grid">${courses.map((own) => card(text, own))}</ul>`
            : html`<div class="empty"><h2>${text("learning.empty.title")}</h2><p class="quiet">${text("learning.empty.text")}</p><a class="button" href="/courses">${text("learning.empty.find")}</a></div>`}
          ${more ? html`<div class="pager"><button class="button plain" @click=${more}>${text("more")}</button></div>` : nothing}`,
      ),
  );
}

/** @param {import("../text.js").Text} text @param {import("../lib/lectern.js").Schemas["MyCourse"]} own */
function card(text, { course, course_id, completed_lessons, completion_percent, completed_at }) {
  const total = course?.lesson_count ?? completed_lessons;
  const next = completed_at ? "learning.again" : completed_lessons > 0 ? "learning.go_on" : "learning.begin";
  return html`<li><article class="card">
    <h2><a href=${`/learn/${course_id}`} dir="auto">${course?.title ?? text("learning.gone")}</a></h2>
    <p class="quiet" dir="auto">${course?.instructor_name}</p>
    <div class="at-end-of-card">
      <progress max="100" value=${completion_percent} aria-label=${text("learning.progress")}></progress>
      <div class="row between"><span class="quiet">${text("learning.done_of", { done: completed_lessons, count: total })}</span><strong aria-hidden="true">${text(next)}</strong></div>
    </div>
  </article></li>`;
}
