// The school in a browser: who is signed in, what the address leads to, and the frame around it. Pages that anybody may
// read come as HTML from the server; those of one person are drawn here.

import { html, render } from "./lib/lit-html/lit-html.js";
import { Lectern, Refusal } from "./lib/lectern.js";
import { BrowserSession } from "./lib/session.js";
import { languageOf, load } from "./text.js";
import { told } from "./parts/form.js";
import { follow, markHere } from "./router.js";

/**
 * What every page is given.
 * @typedef {object} School
 * @property {Lectern} api
 * @property {BrowserSession} session
 * @property {import("./text.js").Text} text
 */

let isDrawn = false;
const language = languageOf(document.documentElement.lang);
/** Whose pages are shown. @type {string | undefined} */
let who;
/** @type {() => Promise<void>} */
let openAgain = async () => {};
const session = new BrowserSession((user, isElsewhere) => {
  const isOther = user?.id !== who;
  drawAccount(user);
  // Nobody goes on in somebody else's pages because they signed out, or another one in, in another tab.
  if (isElsewhere && isOther) void openAgain();
});
/** @type {School} */
const school = { api: new Lectern({ session }), session, text: await load(language) };

/** @param {import("./lib/lectern.js").Schemas["Account"] | undefined} user */
function drawAccount(user) {
  who = user?.id;
  const place = document.getElementById("account");
  if (!place) return;
  // What the server put there is for whoever has no script.
  if (!isDrawn) place.replaceChildren();
  isDrawn = true;
  const { text } = school;
  render(
    user
      ? html`<a href="/learn">${text("nav.learning")}</a><a href="/profile" dir="auto">${user.first_name}</a>`
      : html`<a href="/sign-in">${text("nav.sign_in")}</a>`,
    place,
  );
  markHere();
}

// What no page has an answer to is said all the same.
addEventListener("unhandledrejection", ({ reason }) => {
  if (!(reason instanceof Refusal)) return;
  const said = document.getElementById("said");
  if (said) said.textContent = told(school.text, reason);
});

openAgain = await follow(school);
drawAccount(await session.user().catch(() => undefined));
