// /certificates, and /certificates?course={course_id} of whoever has just completed it.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { list } from "../parts/more.js";

export const needsAccount = true;

/** A certificate takes some seconds to be made, and as many again to be drawn. */
const AGAIN_MS = 2000;
const MOST_TIMES = 30;

/** @param {import("../router.js").Visit} visit */
export async function open({ api, text, show, left, address }) {
  const completed = address.searchParams.get("course");
  let times = 0;
  let timer = 0;
  async function load() {
    await list(
      (cursor) => api.get("/v1/me/certificates", { query: cursor ? { cursor } : {} }),
      (certificates, more) => {
        const isComing = completed !== null && times < MOST_TIMES && !certificates.some(({ course_id }) => course_id === completed);
        show(
          text("certificates.title"),
          html`<h1>${text("certificates.title")}</h1>
            ${isComing ? html`<p class="note" role="status">${text("certificates.coming")}</p>` : nothing}
            ${isComing && certificates.length === 0 ? nothing : certificates.length > 0
              ? html`<ul class="grid">${certificates.map((certificate) => card(text, certificate))}</ul>`
              : html`<div class="empty"><h2>${text("certificates.empty.title")}</h2><p class="quiet">${text("certificates.empty.text")}</p><a class="button" href="/learn">${text("nav.learning")}</a></div>`}
            ${more ? html`<div class="pager"><button class="button plain" @click=${more}>${text("more")}</button></div>` : nothing}`,
        );
        const isChanging = isComing || certificates.some(({ status }) => status === "rendering");
        clearTimeout(timer);
        const again = () => void (left.aborted || load().catch(later));
        const later = () => void (timer = setTimeout(again, AGAIN_MS));
        if (isChanging && !more && ++times < MOST_TIMES) later();
      },
    );
  }
  await load();
}

/** @param {import("../text.js").Text} text @param {import("../lib/lectern.js").Schemas["MyCertificate"]} certificate */
function card(text, { certificate_no, course_title, learner_name, issued_at, pdf_url, status, verify_url }) {
  return html`<li><article class="card">
    <div class="diploma" aria-hidden="true"><span>${text("certificate.heading")}</span><strong dir="auto">${learner_name}</strong><span dir="auto">${course_title}</span></div>
    <h2 dir="auto">${course_title}</h2>
    <p class="quiet">${certificate_no} · ${new Date(issued_at).toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" })}</p>
    <div class="row">
      ${pdf_url ? html`<a class="button" href=${pdf_url} download>${text("certificate.download")}</a>` : html`<span class="chip">${text(`certificate.${status}`)}</span>`}
      <a class="button plain" href=${verify_url}>${text("certificate.verify")}</a>
    </div>
  </article></li>`;
}
