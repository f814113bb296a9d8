// /reset-password#token

import { html } from "../lib/lit-html/lit-html.js";
import { form } from "../parts/form.js";
import { decoded } from "../router.js";

/** @param {import("../router.js").Visit} visit */
export function open({ api, text, show, address }) {
  const token = decoded(address.hash.slice(1));
  /** @param {unknown} content */
  const draw = (content) =>
    show(text("reset.title"), html`<div class="sheet narrow"><h1>${text("reset.title")}</h1>${content}</div>`);
  form({
    text,
    fields: [
      { name: "token", label: text("verify.code"), autocomplete: "one-time-code", value: token, dir: "ltr" },
      { name: "password", label: text("reset.password"), type: "password", autocomplete: "new-password", hint: text("account.password_hint"), dir: "ltr" },
    ],
    submit: text("reset.submit"),
    async send({ token = "", password = "" }) {
      await api.post("/v1/auth/password/reset", { body: { token: token.trim(), password }, once: true });
      history.replaceState(null, "", address.pathname);
      draw(html`<p class="note good" role="status" tabindex="-1">${text("reset.done")}</p><p><a class="button" href="/sign-in">${text("sign_in.title")}</a></p>`);
    },
    draw,
    after: html`<p><a href="/forgot-password">${text("reset.again")}</a></p>`,
  });
}
