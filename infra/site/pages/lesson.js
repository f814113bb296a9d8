// /lessons/{lesson_id}: a lesson, what stands around it, and how far the learner is.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { unsafeHTML } from "../lib/lit-html/directives/unsafe-html.js";
import { Refusal } from "../lib/lectern.js";
import { told } from "../parts/form.js";
import { outline } from "../parts/outline.js";

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, show, go, parameters, left }) {
  const path = { lesson_id: parameters.lesson_id ?? "" };
  const lesson = await api.get("/v1/lessons/{lesson_id}", { path });
  const its = { path: { course_id: lesson.course_id } };
  const isVideo = lesson.content_type === "video";
  const video_id = isVideo ? lesson.video_id : null;
  const [course, progress, video, user] = await Promise.all([
    api.get("/v1/courses/{course_id}", its),
    ownProgress(api, session, lesson.course_id),
    // A lesson can be read without its video.
    video_id ? api.get("/v1/videos/{video_id}", { path: { video_id } }).catch(() => undefined) : undefined,
    session.user(),
  ]);
  const lessons = course.modules.flatMap((module) => module.lessons);
  const at = lessons.findIndex(({ id }) => id === lesson.id);
  const [previous, next] = [lessons[at - 1], lessons[at + 1]];
  const status = new Map(progress?.lessons.map((line) => [line.lesson_id, line.status]));
  const isMine = progress !== undefined;
  const mayEdit = user !== undefined && (user.id === course.author_id || user.roles.includes("admin"));
  // On a phone the lesson comes first, and the others on demand.
  const isWide = matchMedia("(width >= 60rem)").matches;
  let isDone = status.get(lesson.id) === "completed" || video?.progress?.completed === true;
  let isBusy = false;
  let refused = "";
  let percent = video?.progress?.percent ?? 0;
  if (left.aborted) return;
  const isPlayed = video?.status === "ready" && video.playback_url;
  const player = isPlayed
    ? (await import("../parts/player.js")).player({
        api,
        text,
        its: video,
        title: lesson.title,
        left,
        heard(watched) {
          percent = watched.percent;
          if (watched.completed) status.set(lesson.id, "completed");
          isDone ||= watched.completed;
          draw();
        },
      })
    : undefined;

  async function complete() {
    if (isBusy) return;
    [isBusy, refused] = [true, ""];
    draw();
    try {
      if (!isDone && lesson.content_type === "text") {
        await api.post("/v1/lessons/{lesson_id}/complete", { path });
        isDone = true;
      }
      if (next) return await go(`/lessons/${next.id}`);
      const all = await api.get("/v1/courses/{course_id}/progress", its);
      await go(all.summary.completion_percent === 100 ? `/certificates?course=${course.id}` : `/learn/${course.id}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused = told(text, error);
    } finally {
      isBusy = false;
      draw();
    }
  }

  /** Only a text is completed by its reader's word. */
  function onward() {
    if (isDone || lesson.content_type !== "text") return next ? "lesson.next" : "lesson.finish";
    return next ? "lesson.complete_next" : "lesson.complete_last";
  }

  function videoNote() {
    if (!video_id) return text("video.none");
    if (!video) return text("video.unreachable");
    if (video.status === "failed") return video.failure_reason ?? text("video.failed");
    return text("video.preparing");
  }

  function draw() {
    const done = lessons.filter(({ id }) => status.get(id) === "completed").length;
    show(
      lesson.title,
      html`<div class="player">
        <nav aria-label=${text("course.outline")}>
          <p><a href=${`/courses/${course.slug}`} dir="auto">${course.title}</a></p>
          ${isMine
            ? html`<progress max=${lessons.length} value=${done} aria-label=${text("learning.progress")}></progress>
                <p class="quiet">${text("learning.done_of", { done, count: lessons.length })}</p>`
            : nothing}
          <details class="contents" ?open=${isWide}>
            <summary>${text("course.outline")}</summary>
            ${outline({ text, modules: course.modules, progress: status, here: lesson.id, isMine })}
          </details>
        </nav>
        <div>
          ${isVideo ? html`<div class="stage">${player?.element ?? html`<p class="note" role="status">${videoNote()}</p>`}</div>` : nothing}
          ${mayEdit
            ? html`<p class="row">
                ${isVideo ? html`<a href=${`/studio/lessons/${lesson.id}/video`}>${text("video.change")}</a>` : nothing}
                <a href=${`/studio/courses/${course.id}/trailer`}>${text("trailer.change")}</a>
              </p>`
            : nothing}
          <article class="prose" lang=${course.language} dir="auto">
            <h1>${lesson.title}</h1>
            ${unsafeHTML(lesson.content_html)}
          </article>
          ${refused ? html`<p class="note bad" role="alert">${refused}</p>` : nothing}
          ${player && video?.progress && !isDone ? html`<p class="quiet watched">${text("lesson.watched", { percent })}</p>` : nothing}
          <div class="steps">
            ${previous && (isMine || previous.is_preview) ? html`<a class="button plain" href=${`/lessons/${previous.id}`}>${text("lesson.previous")}</a>` : html`<span></span>`}
            ${isMine
              ? html`<button class="button" aria-disabled=${isBusy ? "true" : nothing} @click=${complete}>${text(onward())}</button>`
              : html`<a class="button" href=${`/courses/${course.slug}`}>${text("course.enrol")}</a>`}
          </div>
        </div>
      </div>`,
    );
  }
  draw();
  const words = document.querySelector("main article");
  if (!player || !words || left.aborted) return;
  const { chaptersOf } = await import("../parts/chapters.js");
  player.setChapters(
    chaptersOf(words, video?.duration_seconds ?? 0, (button, { at, title }) => {
      button.ariaLabel = text("player.from", { time: button.textContent ?? "", title });
      button.addEventListener("click", () => player.playFrom(at));
    }),
  );
}

/**
 * How far the learner is in the course; undefined for who has not enrolled.
 * @param {import("../lib/lectern.js").Lectern} api @param {import("../lib/session.js").BrowserSession} session @param {string} course_id
 */
async function ownProgress(api, session, course_id) {
  if (!(await session.user())) return undefined;
  try {
    return await api.get("/v1/courses/{course_id}/progress", { path: { course_id } });
  } catch (error) {
    if (error instanceof Refusal && [403, 404].includes(error.status)) return undefined;
    throw error;
  }
}
