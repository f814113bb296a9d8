// The bar of a school on this machine: who to be, and where else to look. The deployed site does not have it.

import { BrowserSession } from "/assets/dev/lib/session.js";

const logins = await (await fetch("/local/logins.json")).json();

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: block; background: #22252b; color: #e8e6e0; font: 0.875rem/1.4 system-ui, sans-serif; }
  div { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; max-inline-size: 74rem; margin-inline: auto; padding: 0.375rem 1rem; }
  span { color: #a6acb7; }
  a, button { min-block-size: 1.75rem; padding: 0.25rem 0.5rem; border: 0; border-radius: 0.375rem; background: none; color: #f2ab7d; font: inherit; text-decoration: underline; cursor: pointer; }
  a:focus-visible, button:focus-visible { outline: 2px solid #f2ab7d; }
  nav { margin-inline-start: auto; }
`);

/** @param {string} name @param {Record<string, string>} attributes @param {...(Node | string)} content */
function element(name, attributes, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** @param {{ role: string, email: string, password: string }} login */
function button({ role, email, password }) {
  const made = element("button", { type: "button", title: `${email} / ${password}` }, role);
  made.addEventListener("click", async () => {
    const body = JSON.stringify({ email, password, session: "cookie" });
    const answer = await fetch("/v1/auth/login", { method: "POST", headers: { "content-type": "application/json" }, body });
    if (answer.ok) {
      new BrowserSession().begin(await answer.json());
      location.assign("/learn");
    } else made.textContent = `${role}: answered ${answer.status}`;
  });
  return made;
}

const bar = element("aside", { "aria-label": "Lectern on this machine", lang: "en" });
const inside = bar.attachShadow({ mode: "open" });
inside.adoptedStyleSheets = [style];
const links = [["/local", "About"], ["/docs", "API reference"], ["/mailbox", "Mailbox"]];
inside.append(
  element(
    "div",
    {},
    element("span", {}, logins.length > 0 ? "On this machine. Be the" : "On this machine."),
    ...logins.map(button),
    element("nav", {}, ...links.map(([href, name]) => element("a", { href }, name))),
  ),
);
document.body.append(bar);
