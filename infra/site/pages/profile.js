// /profile

import { html } from "../lib/lit-html/lit-html.js";
import { form } from "../parts/form.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, show, go }) {
  let account = await api.get("/v1/me");
  /** @type {{ own: unknown, password: unknown }} */
  const drawn = { own: undefined, password: undefined };
  let said = "";
  function draw() {
    show(
      text("profile.title"),
      html`<div class="row between"><h1>${text("profile.title")}</h1>
          <button class="button plain" @click=${() => session.end().then(() => go("/"))}>${text("sign_out")}</button></div>
        ${said ? html`<p class="note good" role="status" tabindex="-1">${said}</p>` : null}
        <div class="grid">
          <section class="sheet"><h2>${text("profile.about")}</h2>${drawn.own}</section>
          <section class="sheet"><h2>${text("profile.password")}</h2>${drawn.password}</section>
        </div>`,
    );
  }
  /** @param {keyof typeof drawn} part */
  const into = (part) => (/** @type {unknown} */ content) => {
    drawn[part] = content;
    if (drawn.own && drawn.password) draw();
  };
  const about = () =>
    form({
      text,
      fields: [
        { name: "first_name", label: text("account.first_name"), autocomplete: "given-name", value: account.first_name },
        { name: "last_name", label: text("account.last_name"), autocomplete: "family-name", value: account.last_name },
        { name: "headline", label: text("account.headline"), value: account.profile.headline ?? "", required: false },
        { name: "website_url", label: text("account.website"), type: "url", autocomplete: "url", value: account.profile.website_url ?? "", required: false, dir: "ltr" },
      ],
      submit: text("profile.save"),
      async send({ first_name = "", last_name = "", headline, website_url }) {
        const body = { first_name, last_name, headline: headline || null, website_url: website_url || null };
        said = "";
        account = await api.patch("/v1/me", { body, rev: account.rev });
        said = text("profile.saved");
        await session.renew((await session.token()) ?? "").catch(() => undefined);
        about();
      },
      draw: into("own"),
    });
  const password = () =>
    form({
      text,
      fields: [
        { name: "current", label: text("account.current_password"), type: "password", autocomplete: "current-password", dir: "ltr" },
        { name: "new", label: text("account.new_password"), type: "password", autocomplete: "new-password", hint: text("account.password_hint"), dir: "ltr" },
      ],
      submit: text("profile.change_password"),
      async send({ current = "", new: next = "" }) {
        said = "";
        await api.put("/v1/auth/password", { body: { current, new: next }, once: true });
        said = text("profile.password_changed");
        account = { ...account, rev: (await api.get("/v1/me")).rev };
        password();
      },
      draw: into("password"),
    });
  about();
  password();
}
