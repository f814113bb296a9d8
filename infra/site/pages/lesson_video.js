// /studio/lessons/{lesson_id}/video: the video of a lesson, and how its author sends another one.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { told } from "../parts/form.js";
import { player } from "../parts/player.js";
import { ACCEPT, MOST_BYTES, begunFor, forget, isSame, remember, sentFor, typeOf, upload } from "../parts/upload.js";

export const needsAccount = true;

/** Between two looks at what becomes of a video. */
const FIRST_LOOK_MS = 2000;
const LONGEST_LOOK_MS = 10_000;
/** The speed is that of the last seconds. */
const SPEED_MS = 8000;
const LEAST_MS = 1000;

/** @param {import("../router.js").Visit} visit */
export async function open({ api, text, show, left, parameters }) {
  const lesson_id = parameters.lesson_id ?? "";
  const lesson = await api.get("/v1/lessons/{lesson_id}", { path: { lesson_id } });
  const read = (/** @type {string} */ video_id) => api.get("/v1/videos/{video_id}", { path: { video_id } });
  // The lesson knows of a video when that is ready; what became of one that was sent from here is told before.
  const sentBefore = sentFor(lesson_id);
  let video = sentBefore ? await read(sentBefore).catch(() => undefined) : undefined;
  if (!video && lesson.video_id) video = await read(lesson.video_id);
  /** @type {HTMLElement | undefined} */
  let shown;
  /** @type {"" | "sending" | "paused" | "broken"} */
  let phase = "";
  /** @type {File | undefined} */
  let file;
  let wrong = "";
  let sent = 0;
  /** @type {[at: number, sent: number][]} */
  let samples = [];
  let pause = new AbortController();

  async function send() {
    if (!file) return;
    [phase, wrong, samples] = ["sending", "", []];
    pause = new AbortController();
    const { signal } = pause;
    draw();
    try {
      const id = await upload({ api, lesson_id, file, progress, signal: AbortSignal.any([signal, left]) });
      [phase, file, shown] = ["", undefined, undefined];
      remember(lesson_id, id);
      video = await read(id);
      draw();
      await look();
    } catch (error) {
      if (signal.aborted || left.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      // What has no code is the connection, or the store of the files: another time it may get through.
      phase = error.problem.code && error.status < 500 ? "" : "broken";
      wrong = refused(error);
      draw();
    }
  }

  /** @param {Refusal} error */
  function refused(error) {
    if (error.status === 429) return text("upload.limit");
    if (error.is("upload_closed") || error.status === 404) return text("upload.closed");
    if (!error.problem.code) return text("upload.broken");
    return error.problem.errors?.map(({ detail }) => detail).join(" ") || told(text, error);
  }

  /** @param {number} bytes */
  function progress(bytes) {
    sent = bytes;
    const now = performance.now();
    samples = [...samples.filter(([at]) => now - at < SPEED_MS), [now, bytes]];
    draw();
  }

  function stop() {
    pause.abort();
    phase = "paused";
    draw();
  }

  function cancel() {
    pause.abort();
    forget(lesson_id);
    [phase, file, wrong] = ["", undefined, ""];
    draw();
  }

  /** @param {File | undefined} chosen */
  function choose(chosen) {
    if (!chosen || phase === "sending") return;
    const begun = begunFor(lesson_id);
    if (begun && !isSame(begun, chosen)) wrong = text("upload.other_file", { name: begun.name });
    else if (!typeOf(chosen)) wrong = text("upload.wrong_type");
    else if (chosen.size > MOST_BYTES) wrong = text("upload.too_large", { most: bytes(MOST_BYTES) });
    else {
      [file, sent] = [chosen, 0];
      return void send();
    }
    draw();
  }

  /** Looks what becomes of the video until that is known. */
  async function look() {
    for (let wait = FIRST_LOOK_MS; video && !["ready", "failed"].includes(video.status); wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
      await new Promise((done) => setTimeout(done, wait));
      if (left.aborted || phase) return;
      // The next look may succeed.
      video = await read(video.id).catch(() => video);
      draw();
    }
    if (video?.status === "ready") remember(lesson_id, "");
  }

  function current() {
    if (!video || phase) return nothing;
    if (video.status === "failed") return html`<p class="note bad" role="alert">${text("upload.failed", { reason: video.failure_reason ?? "" })}</p>`;
    if (video.status !== "ready") return html`<p class="note" role="status">${text("upload.arrived")}</p>`;
    shown ??= player({ api, text, its: video, title: lesson.title, left }).element;
    return html`<p class="note good" role="status">${text("upload.ready")}</p>${shown}`;
  }

  function chooser() {
    const begun = begunFor(lesson_id);
    return html`${begun ? html`<p class="note">${text("upload.resume", { name: begun.name })}</p>` : nothing}
      <label class="drop" @dragover=${(/** @type {Event} */ event) => event.preventDefault()} @drop=${dropped}>
        <span class="button">${text(video && !begun ? "upload.replace" : "upload.choose")}</span>
        <span class="quiet">${text("upload.drop")}</span>
        <input class="unseen" type="file" accept=${ACCEPT} @change=${chosen}>
      </label>
      ${begun ? html`<button class="button plain" @click=${cancel}>${text("upload.cancel")}</button>` : nothing}`;
  }

  /** @param {Event} event */
  function chosen(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    choose(field.files?.[0]);
    // The same one can be chosen again.
    field.value = "";
  }

  /** @param {DragEvent} event */
  function dropped(event) {
    event.preventDefault();
    choose(event.dataTransfer?.files[0]);
  }

  /** @param {File} its */
  function sending(its) {
    const [[since, before] = [0, 0], [at, now] = [0, 0]] = [samples[0], samples.at(-1)];
    const speed = at - since > LEAST_MS ? ((now - before) / (at - since)) * 1000 : 0;
    const percent = Math.floor((sent / its.size) * 100);
    return html`<div class="sheet sending">
      <h2 dir="auto">${text("upload.sending", { name: its.name })}</h2>
      <progress max="100" value=${percent} aria-label=${text("upload.sending", { name: its.name })}></progress>
      <div class="row between"><strong>${percent} %</strong>
        ${phase === "sending" && speed > 0
          ? html`<span class="quiet">${text("upload.rate", { sent: bytes(sent), all: bytes(its.size), speed: bytes(speed) })} · ${text("upload.left", { time: time((its.size - sent) / speed) })}</span>`
          : nothing}</div>
      <p class="quiet" role="status">${phase === "sending" ? text("upload.stay") : phase === "paused" ? text("upload.paused") : nothing}</p>
      <div class="row">
        ${phase === "sending" ? html`<button class="button" @click=${stop}>${text("upload.pause")}</button>` : html`<button class="button" @click=${send}>${text("upload.continue")}</button>`}
        <button class="button plain" @click=${cancel}>${text("upload.cancel")}</button>
      </div>
    </div>`;
  }

  function draw() {
    if (left.aborted) return;
    const isVideo = lesson.content_type === "video";
    show(
      `${text("upload.title")}: ${lesson.title}`,
      html`<div class="studio">
        <header><p><a href=${`/lessons/${lesson_id}`}>${text("upload.lesson")}</a></p><h1 dir="auto">${lesson.title}</h1></header>
        ${!isVideo ? html`<p class="note">${text("upload.not_a_video_lesson")}</p>` : phase && file ? sending(file) : chooser()}
        ${wrong ? html`<p class="note bad" role="alert">${wrong}</p>` : nothing}
        ${current()}
      </div>`,
    );
  }

  addEventListener("beforeunload", (event) => phase === "sending" && event.preventDefault(), { signal: left });
  draw();
  void look();
}

/** @param {number} count */
function bytes(count) {
  const [unit, size] = count >= 1e9 ? ["gigabyte", 1e9] : count >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
  const how = { style: /** @type {const} */ ("unit"), unit, maximumFractionDigits: count < 1e10 && size > 1e3 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, how).format(count / size);
}

/** @param {number} seconds */
function time(seconds) {
  const [unit, size] = seconds >= 5400 ? ["hour", 3600] : seconds >= 90 ? ["minute", 60] : ["second", 1];
  const how = { style: /** @type {const} */ ("unit"), unit, unitDisplay: /** @type {const} */ ("long") };
  return new Intl.NumberFormat(document.documentElement.lang, { ...how, maximumFractionDigits: 0 }).format(Math.ceil(seconds / size));
}
