// /register

import { html } from "../lib/lit-html/lit-html.js";
import { form } from "../parts/form.js";
import { inside } from "./sign_in.js";

/** @param {import("../router.js").Visit} visit */
export function open({ api, session, text, show, go, address }) {
  const to = inside(address.searchParams.get("to"));
  form({
    text,
    fields: [
      { name: "email", label: text("account.email"), type: "email", autocomplete: "username", dir: "ltr" },
      { name: "first_name", label: text("account.first_name"), autocomplete: "given-name" },
      { name: "last_name", label: text("account.last_name"), autocomplete: "family-name", hint: text("register.name_hint") },
      {
        name: "password",
        label: text("account.password"),
        type: "password",
        autocomplete: "new-password",
        hint: text("account.password_hint"),
        dir: "ltr",
      },
    ],
    submit: text("register.submit"),
    async send({ email = "", password = "", first_name = "", last_name = "" }) {
      const body = { email, password, first_name, last_name, session: /** @type {const} */ ("cookie") };
      session.begin(await api.post("/v1/auth/register", { body, once: true }));
      await go(to + address.hash, true);
    },
    draw: (content) =>
      show(text("register.title"), html`<div class="sheet narrow"><h1>${text("register.title")}</h1>${content}</div>`),
    after: html`<p class="quiet">${text("register.have_one")} <a href=${`/sign-in?to=${encodeURIComponent(to)}${address.hash}`}>${text("sign_in.title")}</a></p>`,
  });
}
