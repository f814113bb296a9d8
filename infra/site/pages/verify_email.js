// /verify-email#token: where the link in a mail leads. What stands behind # never leaves the browser but in the request.

import { html } from "../lib/lit-html/lit-html.js";
import { form } from "../parts/form.js";
import { decoded } from "../router.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, show, address }) {
  const user = await session.user();
  const token = decoded(address.hash.slice(1));
  /** @param {unknown} content */
  const draw = (content) =>
    show(text("verify.title"), html`<div class="sheet narrow"><h1>${text("verify.title")}</h1><p class="quiet">${user?.email}</p>${content}</div>`);
  const confirmed = () => draw(html`<p class="note good" role="status" tabindex="-1">${text("verify.done")}</p><p><a class="button" href="/learn">${text("nav.learning")}</a></p>`);
  if (user?.email_verified) return confirmed();
  form({
    text,
    fields: [{ name: "token", label: text("verify.code"), autocomplete: "one-time-code", value: token, hint: text("verify.hint"), dir: "ltr" }],
    submit: text("verify.submit"),
    async send({ token = "" }) {
      await api.post("/v1/auth/email/verify", { body: { token: token.trim() }, once: true });
      history.replaceState(null, "", address.pathname);
      // So that what the pages know of the account is true; the next renewal brings it otherwise.
      await session.renew((await session.token()) ?? "").catch(() => undefined);
      confirmed();
    },
    draw,
    after: html`<button class="button plain whole" type="button" @click=${resend}>${text("verify.resend")}</button>`,
  });

  async function resend() {
    await api.post("/v1/auth/email/verify/resend");
    draw(html`<p class="note good" role="status" tabindex="-1">${text("verify.sent")}</p>`);
    /** @type {HTMLElement | null} */ (document.querySelector("main .note.good"))?.focus();
  }
}
