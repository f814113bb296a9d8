// /sign-in

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { form } from "../parts/form.js";

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, show, go, address }) {
  const to = inside(address.searchParams.get("to"));
  // What stands behind # goes along, and never into what a server sees.
  const whole = to + address.hash;
  if (await session.user().catch(() => undefined)) return go(whole, true);
  const isKept = address.searchParams.get("kept") === "recording";
  form({
    text,
    fields: [
      { name: "email", label: text("account.email"), type: "email", autocomplete: "username", dir: "ltr" },
      { name: "password", label: text("account.password"), type: "password", autocomplete: "current-password", dir: "ltr" },
    ],
    submit: text("sign_in.submit"),
    async send({ email = "", password = "" }) {
      session.begin(await api.post("/v1/auth/login", { body: { email, password, session: "cookie" } }));
      await go(whole, true);
    },
    draw: (content) =>
      show(text("sign_in.title"), html`<div class="sheet narrow"><h1>${text("sign_in.title")}</h1>${isKept ? html`<p class="note" role="status">${text("sign_in.kept")}</p>` : nothing}${content}</div>`),
    after: html`<p><a href="/forgot-password">${text("sign_in.forgot")}</a></p>
      <p class="quiet">${text("sign_in.new_here")} <a href=${`/register?to=${encodeURIComponent(to)}${address.hash}`}>${text("register.title")}</a></p>`,
  });
}

/** Where to go on: a page of this school, whatever the address says. @param {string | null} path */
export function inside(path) {
  if (path === null || !URL.canParse(path, location.origin)) return "/learn";
  const address = new URL(path, location.origin);
  const isOurs = address.origin === location.origin && address.protocol === location.protocol;
  return isOurs && !/^\/(\/|v1(\/|$))/.test(address.pathname) ? address.pathname + address.search : "/learn";
}
