// What is said in a video, for reading along: the languages that it has, and how its author adds one.

import { html } from "../lib/lit-html/lit-html.js";
import { form } from "./form.js";

/** The first to choose from; any other can be typed. */
const LANGUAGES = ["ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt-BR", "ru", "sv", "tr", "uk", "vi", "zh-Hans", "zh-Hant"];

/**
 * @param {object} it
 * @param {import("../lib/lectern.js").Lectern} it.api
 * @param {import("../text.js").Text} it.text
 * @param {import("../lib/lectern.js").Schemas["VideoDetail"]} it.video
 * @param {() => Promise<void>} it.added
 * @param {(content: unknown) => void} it.draw Called whenever it looks different.
 */
export function captions({ api, text, video, added, draw }) {
  form({
    text,
    fields: [
      { name: "webvtt", label: text("captions.file"), type: "file", accept: ".vtt,text/vtt", hint: text("captions.file_hint") },
      { name: "language", label: text("captions.language"), hint: text("captions.language_hint"), dir: "ltr", options: LANGUAGES.map((value) => ({ value, label: ownName(value) })) },
      { name: "label", label: text("captions.label"), hint: text("captions.label_hint"), required: false },
    ],
    submit: text("captions.add"),
    async send({ webvtt = "", language = "", label }) {
      await api.post("/v1/videos/{video_id}/captions", { path: { video_id: video.id }, body: { webvtt, language, label: label || ownName(language) } });
      await added();
    },
    draw: (content) =>
      draw(html`<section class="sheet">
        <h2>${text("captions.title")}</h2>
        ${video.captions.length > 0
          ? html`<ul class="ticks">${video.captions.map(({ language, label, url }) => html`<li><a href=${url ?? ""} download dir="auto">${label} (${language})</a></li>`)}</ul>`
          : html`<p class="quiet">${text("captions.none")}</p>`}
        ${content}
      </section>`),
  });
}

/** As those who speak it call it. @param {string} language */
function ownName(language) {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  } catch {
    return language;
  }
}
