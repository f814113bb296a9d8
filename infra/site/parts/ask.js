// A question before something that cannot be undone.

import { html, render } from "../lib/lit-html/lit-html.js";

/**
 * @param {object} it
 * @param {import("../text.js").Text} it.text
 * @param {string} it.question
 * @param {string} it.yes What the button says that does it.
 * @param {AbortSignal} it.left
 * @returns {Promise<boolean>}
 */
export function ask({ text, question, yes, left }) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "asked");
  render(
    html`<p id="asked">${question}</p>
      <div class="row">
        <button class="button plain" @click=${() => dialog.close()}>${text("ask.no")}</button>
        <button class="button" @click=${() => dialog.close("yes")}>${yes}</button>
      </div>`,
    dialog,
  );
  document.body.append(dialog);
  dialog.showModal();
  left.addEventListener("abort", () => dialog.close());
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
  });
}
