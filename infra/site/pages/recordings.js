// /recordings

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { leftovers } from "../parts/leftovers.js";
import { list } from "../parts/more.js";
import { clock } from "../parts/units.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open(visit) {
  const { api, text, show } = visit;
  /** @type {unknown} */
  let unsent;
  let redraw = () => {};
  const load = () =>
    list(
      (cursor) => api.get("/v1/me/recordings", { query: cursor ? { cursor } : {} }),
      (recordings, more) => {
        redraw = () =>
          show(
            text("recordings.title"),
            html`<div class="row between"><h1>${text("recordings.title")}</h1><a class="button" href="/recordings/new">${text("recordings.new")}</a></div>
              ${unsent}
              ${recordings.length > 0
                ? html`<ul class="grid">${recordings.map((recording) => card(text, recording))}</ul>`
                : html`<div class="empty"><h2>${text("recordings.empty.title")}</h2><p class="quiet">${text("recordings.empty.text")}</p><a class="button" href="/recordings/new">${text("recordings.new")}</a></div>`}
              ${more ? html`<div class="pager"><button class="button plain" @click=${more}>${text("more")}</button></div>` : nothing}`,
          );
        redraw();
      },
    );
  await leftovers(visit, (content) => { unsent = content; redraw(); }, { gone: load });
  await load();
}

/** @param {import("../text.js").Text} text @param {import("../lib/lectern.js").Schemas["RecordingLine"]} recording */
function card(text, { id, title, project, status, failure_reason, duration_seconds, poster_url, created_at }) {
  const date = new Date(created_at).toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
  return html`<li><article class="card">
    <div class="poster">${poster_url ? html`<img src=${poster_url} alt="" loading="lazy">` : nothing}</div>
    <h2><a href=${`/recordings/${id}`} dir="auto">${title}</a></h2>
    <ul class="facts">
      ${project ? html`<li dir="auto">${project}</li>` : nothing}
      <li>${date}</li>
      ${duration_seconds === null ? nothing : html`<li>${clock(duration_seconds)}</li>`}
    </ul>
    ${status === "ready" ? nothing : html`<p class="quiet">${status === "failed" ? text("upload.failed", { reason: failure_reason ?? "" }) : text(`recording.${status}`)}</p>`}
  </article></li>`;
}
