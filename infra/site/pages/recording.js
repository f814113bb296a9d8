// /recordings/{recording_id}

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { ask } from "../parts/ask.js";
import { becoming } from "../parts/becoming.js";
import { told } from "../parts/form.js";
import { keptBy } from "../parts/kept.js";
import { player } from "../parts/player.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, show, go, left, parameters }) {
  const path = { recording_id: parameters.recording_id ?? "" };
  const recording = await api.get("/v1/recordings/{recording_id}", { path });
  const { title, project, created_at } = recording;
  let { video } = recording;
  /** @type {HTMLElement | undefined} */
  let shown;
  let wrong = "";

  async function remove() {
    if (!(await ask({ text, question: text("recording.delete_question", { title }), yes: text("recording.delete"), left }))) return;
    try {
      await api.delete("/v1/recordings/{recording_id}", { path });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The answer to the first try may have been lost.
      if (error.status !== 404) {
        wrong = told(text, error);
        return draw();
      }
    }
    await go("/recordings");
  }

  function current() {
    if (video.status === "failed") return html`<p class="note bad" role="alert">${text("upload.failed", { reason: video.failure_reason ?? "" })}</p>`;
    if (video.status !== "ready") return html`<p class="note" role="status">${text(video.status === "uploading" ? "recording.unsent" : "upload.arrived")}</p>`;
    return (shown ??= player({ api, text, its: video, title, left }).element);
  }

  function draw() {
    show(
      title,
      html`<div class="studio">
        <header>
          <p><a href="/recordings">${text("recording.back")}</a></p>
          <h1 dir="auto">${title}</h1>
          <ul class="facts">
            ${project ? html`<li dir="auto">${project}</li>` : nothing}
            <li>${new Date(created_at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })}</li>
          </ul>
        </header>
        ${current()}
        ${wrong ? html`<p class="note bad" role="alert">${wrong}</p>` : nothing}
        <button class="button plain" @click=${remove}>${text("recording.delete")}</button>
      </div>`,
    );
  }
  draw();
  const read = (/** @type {string} */ video_id) => api.get("/v1/videos/{video_id}", { path: { video_id } });
  // Nobody but the browser that holds it sends the rest.
  const isHeld = (await keptBy((await session.user())?.id ?? "")).some(({ recording_id }) => recording_id === recording.id);
  void becoming(video, read, (seen) => { video = seen; draw(); }, () => left.aborted || (video.status === "uploading" && !isHeld));
}
