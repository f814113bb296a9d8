// The video of a lesson or of a course, and how its author sends another one.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { ask } from "./ask.js";
import { becoming } from "./becoming.js";
import { captions } from "./captions.js";
import { told } from "./form.js";
import { player } from "./player.js";
import { bytes, time } from "./units.js";
import { ACCEPT, MOST_BYTES, begunFor, forget, isSame, remember, sentFor, typeOf, upload } from "./upload.js";

/** The speed is that of the last seconds. */
const SPEED_MS = 8000;
const LEAST_MS = 1000;

/**
 * What the video is of.
 * @typedef {import("./upload.js").Destination & {
 *   name: string,
 *   title: string,
 *   hint?: string,
 *   video_id: string | null,
 *   back: { href: string, words: string },
 *   closed?: string,
 *   remove?: () => Promise<void>,
 * }} Its
 */

/** Refuses whoever may not change a course. @param {import("../lib/lectern.js").Schemas["Account"] | undefined} user @param {string} author_id */
export function ownOnly(user, author_id) {
  if (user?.id !== author_id && !user?.roles.includes("admin")) throw new Refusal(403, {});
}

/** @param {import("../router.js").Visit} visit @param {Its} its */
export async function studio({ api, text, show, left }, its) {
  const { id, title } = its;
  const read = (/** @type {string} */ video_id) => api.get("/v1/videos/{video_id}", { path: { video_id } });
  // A lesson knows of a video when that is ready; what became of one that was sent from here is told before.
  const sentBefore = sentFor(id);
  let video = sentBefore ? await read(sentBefore).catch(() => undefined) : undefined;
  if (!video && its.video_id) video = await read(its.video_id);
  /** @type {HTMLElement | undefined} */
  let shown;
  /** @type {unknown} */
  let captioned;
  /** @type {"" | "sending" | "paused" | "broken"} */
  let phase = "";
  /** @type {File | undefined} */
  let file;
  let wrong = "";
  let said = "";
  let sent = 0;
  /** @type {[at: number, sent: number][]} */
  let samples = [];
  let pause = new AbortController();

  async function send() {
    if (!file) return;
    [phase, wrong, said, samples] = ["sending", "", "", []];
    pause = new AbortController();
    const { signal } = pause;
    draw();
    try {
      const video_id = await upload({ api, to: its, file, progress, signal: AbortSignal.any([signal, left]) });
      [phase, file] = ["", undefined];
      remember(id, video_id);
      take(await read(video_id));
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
    forget(id);
    [phase, file, wrong] = ["", undefined, ""];
    draw();
  }

  /** @param {File | undefined} chosen */
  function choose(chosen) {
    if (!chosen || phase === "sending") return;
    const begun = begunFor(id);
    if (begun && !isSame(begun, chosen)) wrong = text("upload.other_file", { name: begun.name });
    else if (!typeOf(chosen)) wrong = text("upload.wrong_type");
    else if (chosen.size > MOST_BYTES) wrong = text("upload.too_large", { most: bytes(MOST_BYTES) });
    else {
      [file, sent] = [chosen, 0];
      return void send();
    }
    draw();
  }

  /** @param {import("../lib/lectern.js").Schemas["VideoDetail"] | undefined} seen */
  function take(seen) {
    video = seen;
    const isReady = seen?.status === "ready";
    shown = isReady ? player({ api, text, its: seen, title, left }).element : undefined;
    captioned = undefined;
    if (isReady) captions({ api, text, video: seen, added: async () => take(await read(seen.id)), draw: (content) => { captioned = content; draw(); } });
    draw();
  }

  async function look() {
    if (!video) return;
    await becoming(video, read, take, () => left.aborted || phase !== "");
    if (video.status === "ready") remember(id, "");
  }

  async function remove() {
    if (!its.remove || !(await ask({ text, question: text("upload.remove_question"), yes: text("upload.remove"), left }))) return;
    try {
      await its.remove();
      remember(id, "");
      [wrong, said] = ["", text("upload.removed")];
      take(undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      wrong = told(text, error);
      draw();
    }
  }

  function current() {
    if (!video || phase) return nothing;
    if (video.status === "failed") return html`<p class="note bad" role="alert">${text("upload.failed", { reason: video.failure_reason ?? "" })}</p>`;
    if (video.status !== "ready") return html`<p class="note" role="status">${text("upload.arrived")}</p>`;
    return html`<p class="note good" role="status">${text("upload.ready")}</p>${shown}
      ${its.remove ? html`<button class="button plain" @click=${remove}>${text("upload.remove")}</button>` : nothing}${captioned}`;
  }

  function chooser() {
    const begun = begunFor(id);
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
    show(
      `${its.name}: ${title}`,
      html`<div class="studio">
        <header><p><a href=${its.back.href}>${its.back.words}</a></p><h1 dir="auto">${title}</h1>${its.hint ? html`<p class="quiet">${its.hint}</p>` : nothing}</header>
        ${its.closed ? html`<p class="note">${its.closed}</p>` : phase && file ? sending(file) : chooser()}
        ${said ? html`<p class="note good" role="status">${said}</p>` : nothing}
        ${wrong ? html`<p class="note bad" role="alert">${wrong}</p>` : nothing}
        ${current()}
      </div>`,
    );
  }

  addEventListener("beforeunload", (event) => phase === "sending" && event.preventDefault(), { signal: left });
  take(video);
  void look();
}
