// /recordings/new: records the screen or a camera.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { ask } from "../parts/ask.js";
import { form } from "../parts/form.js";
import { SIGN_IN, isTooLate, leftovers, refused } from "../parts/leftovers.js";
import { MOST_BYTES, captured, record, release, sources } from "../parts/recorder.js";
import { bytes, clock } from "../parts/units.js";

/** @typedef {import("../parts/recorder.js").Recording} Recording */

export const needsAccount = true;

const TICK_MS = 500;

/** @param {import("../router.js").Visit} visit */
export async function open(visit) {
  const { api, session, text, show, go, left } = visit;
  const user_id = (await session.user())?.id ?? "";
  const possible = sources();
  let source = possible[0] ?? "webcam";
  let hasSound = true;
  /** @type {MediaStream | undefined} */
  let stream;
  /** @type {Recording | undefined} */
  let recording;
  let isBeginning = false;
  let isAsking = false;
  /** Whether an entry of the history stands between the recording and the way back. */
  let isGuarded = false;
  let wrong = "";
  /** @type {unknown} */
  let fields;
  /** @type {unknown} */
  let unsent;
  /** Looks again for what is not sent. */
  let offer = async (/** @type {string | undefined} */ _tooLate) => {};
  const preview = document.createElement("video");
  Object.assign(preview, { muted: true, autoplay: true, playsInline: true, ariaLabel: text("recorder.preview") });

  /** Asks the browser for what was chosen. */
  async function look() {
    if (stream) release(stream);
    [wrong, stream] = ["", undefined];
    draw();
    try {
      const its = await captured(source, hasSound);
      if (left.aborted) return release(its);
      stream = its;
      // Of a screen that is no longer shared there is nothing to record.
      its.getVideoTracks()[0]?.addEventListener("ended", () => {
        if (stream === its && !recording) turnOff();
      });
    } catch (error) {
      wrong = text(`recorder.${reasonOf(error)}`);
    }
    preview.srcObject = stream ?? null;
    draw();
  }

  function turnOff() {
    if (stream) release(stream);
    stream = undefined;
    preview.srcObject = null;
    draw();
  }

  /** @param {Record<string, string>} names */
  async function begin(names) {
    isBeginning = true;
    draw();
    try {
      recording = await begun(names);
    } finally {
      isBeginning = false;
      draw();
    }
    const timer = setInterval(draw, TICK_MS);
    guard();
    /** @type {HTMLElement | null} */ (document.querySelector("main .live button"))?.focus();
    void finish(recording).finally(() => clearInterval(timer));
  }

  /** @param {Record<string, string>} names */
  async function begun({ title = "", project }) {
    if (!stream) await look();
    if (!stream) {
      const detail = wrong;
      wrong = "";
      throw new Refusal(403, { detail });
    }
    const names = { title, ...(project ? { project } : {}) };
    return record({ api, stream, names, user_id, changed: draw, left }).catch((error) => {
      // It is for an hour, and not for a minute.
      if (error instanceof Refusal && error.status === 429) throw new Refusal(429, { detail: text("recorder.limit") });
      // The sharing was ended, or the camera pulled out meanwhile.
      if (!(error instanceof Refusal) && !stream) throw new Refusal(403, { detail: text("recorder.nothing") });
      throw error;
    });
  }

  /** @param {Recording} its */
  async function finish({ ended, its }) {
    /** @type {string | undefined} */
    let tooLate;
    try {
      if (await ended) return await go(`/recordings/${its.recording_id}`, isGuarded);
      wrong = text("recorder.nothing");
    } catch (error) {
      if (left.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 401) return void go(SIGN_IN, isGuarded);
      wrong = refused(text, its, error);
      if (isTooLate(error)) tooLate = its.recording_id;
    }
    // What could not be sent is left over.
    recording = undefined;
    turnOff();
    await offer(tooLate);
    namesForm();
  }

  function stop() {
    recording?.stop();
    draw();
    /** @type {HTMLElement | null} */ (document.querySelector("main .live h2"))?.focus();
  }

  /** A link that is followed by mistake would end the recording. @param {MouseEvent} event */
  async function followed(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || !isPlain || !isRecording() || link.target || link.hasAttribute("download") || link.pathname === location.pathname) return;
    event.preventDefault();
    await leave(link.href);
  }

  /** @param {string} path */
  async function leave(path) {
    if (isAsking) return;
    isAsking = true;
    const isMeant = await ask({ text, question: text("recorder.leave_question"), yes: text("recorder.leave"), left });
    isAsking = false;
    if (isMeant) await go(path, isGuarded);
  }

  function guard() {
    if (!isGuarded) history.pushState(null, "");
    isGuarded = true;
  }

  /** No less would the way back. */
  function wentBack() {
    // Within the page, nothing is left.
    if (!isGuarded || location.hash) return;
    isGuarded = false;
    if (!isRecording()) return history.back();
    guard();
    void leave("/recordings");
  }

  const isRecording = () => recording !== undefined && recording.state() !== "inactive";

  function choices() {
    return html`<fieldset class="row" ?disabled=${isBeginning}>
      <legend class="unseen">${text("recorder.what")}</legend>
      ${(possible.length > 1 ? possible : []).map(
        (its) => html`<label class="choice"><input type="radio" name="source" .checked=${source === its} @change=${() => { [source, wrong] = [its, ""]; turnOff(); }}> ${text(`recorder.${its}`)}</label>`,
      )}
      <label class="choice"><input type="checkbox" .checked=${hasSound} @change=${() => { [hasSound, wrong] = [!hasSound, ""]; turnOff(); }}> ${text("recorder.sound")}</label>
    </fieldset>`;
  }

  /** @param {Recording} its @param {unknown} refusal */
  function unsentNow({ its }, refusal) {
    return refusal instanceof Refusal && refusal.status === 401 ? text("recorder.signed_out") : refused(text, its, refusal);
  }

  /** @param {Recording} its */
  function controls(its) {
    const isPaused = its.state() === "paused";
    const minutes = Math.floor(its.seconds() / 60);
    const offline = !navigator.onLine || its.isStuck();
    const refusal = its.refusal();
    return html`<div class="sheet live">
      <div class="row between">
        <p><span class="lamp" ?hidden=${isPaused} aria-hidden="true"></span> <strong>${text(isPaused ? "recorder.paused" : "recorder.on")}</strong> <span role="timer">${clock(its.seconds())}</span></p>
        <p class="quiet">${text("recorder.sent", { sent: bytes(its.sent()), all: bytes(its.its.bytes) })}</p>
      </div>
      <p class="unseen" role="status">${isPaused ? text("recorder.paused") : minutes > 0 ? text("recorder.minutes", { count: minutes }) : text("recorder.on")}</p>
      ${refusal ? html`<p class="note bad" role="alert">${unsentNow(its, refusal)}</p>` : nothing}
      <p role="status">${offline ? text("recorder.offline") : nothing}</p>
      <div class="row">
        <button class="button plain" @click=${() => { isPaused ? its.resume() : its.pause(); draw(); }}>${text(isPaused ? "recorder.resume" : "recorder.pause")}</button>
        <button class="button" @click=${stop}>${text("recorder.stop")}</button>
      </div>
    </div>`;
  }

  /** @param {Recording} its */
  function sending(its) {
    const percent = Math.floor((its.sent() / (its.its.bytes || 1)) * 100);
    const reason = its.reason();
    return html`<div class="sheet live">
      ${reason ? html`<p class="note">${text(`recorder.${reason}`, { most: bytes(MOST_BYTES) })}</p>` : nothing}
      <h2 tabindex="-1" dir="auto">${text("upload.sending", { name: its.its.title })}</h2>
      <progress max="100" value=${percent} aria-label=${text("upload.sending", { name: its.its.title })}></progress>
      <strong>${percent} %</strong>
      <p class="quiet" role="status">${text(its.isStuck() ? "recorder.stuck" : "recorder.leave_soon")}</p>
    </div>`;
  }

  /** Asks what it is called, and begins. */
  function namesForm() {
    form({
      text,
      fields: [
        { name: "title", label: text("recorder.name"), maxlength: 100 },
        { name: "project", label: text("recorder.project"), hint: text("recorder.project_hint"), maxlength: 100, required: false },
      ],
      submit: text("recorder.start"),
      send: begin,
      draw(content) {
        fields = content;
        draw();
      },
    });
  }

  function draw() {
    if (left.aborted || !fields) return;
    const live = recording ? (isRecording() ? controls(recording) : sending(recording)) : nothing;
    show(
      text("recorder.title"),
      html`<div class="studio">
        <header><p><a href="/recordings">${text("recording.back")}</a></p><h1>${text("recorder.title")}</h1></header>
        ${recording ? nothing : unsent}
        ${possible.length === 0
          ? html`<p class="note" role="status">${text("recorder.unsupported")}</p>`
          : html`${recording ? nothing : choices()}
              <div class="live-picture" ?hidden=${recording !== undefined && !isRecording()}>
                ${preview}${stream ? nothing : html`<button class="button" ?disabled=${isBeginning} @click=${look}>${text(`recorder.look_${source}`)}</button>`}
              </div>
              ${wrong ? html`<p class="note bad" role="alert">${wrong}</p>` : nothing}
              ${recording ? live : fields}`}
      </div>`,
    );
  }

  addEventListener("beforeunload", (event) => isRecording() && event.preventDefault(), { signal: left });
  addEventListener("popstate", wentBack, { signal: left });
  document.addEventListener("click", followed, { signal: left, capture: true });
  for (const event of ["online", "offline"]) addEventListener(event, draw, { signal: left });
  left.addEventListener("abort", () => stream && !recording && release(stream));
  offer = await leftovers(visit, (content) => { unsent = content; draw(); }, { stays: true });
  namesForm();
}

/** @param {unknown} error What the browser says when it gives neither screen nor camera. */
function reasonOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no_device";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  throw error;
}
