// /forgot-password

import { html } from "../lib/lit-html/lit-html.js";
import { form } from "../parts/form.js";

/** @param {import("../router.js").Visit} visit */
export function open({ api, text, show }) {
  /** @param {unknown} content */
  const draw = (content) =>
    show(text("forgot.title"), html`<div class="sheet narrow"><h1>${text("forgot.title")}</h1>${content}</div>`);
  form({
    text,
    fields: [{ name: "email", label: text("account.email"), type: "email", autocomplete: "username", hint: text("forgot.hint"), dir: "ltr" }],
    submit: text("forgot.submit"),
    async send({ email = "" }) {
      await api.post("/v1/auth/password/forgot", { body: { email } });
      // The same whether or not there is such an account.
      draw(html`<p class="note good" role="status" tabindex="-1">${text("forgot.sent")}</p><p><a href="/sign-in">${text("sign_in.title")}</a></p>`);
    },
    draw,
  });
}
