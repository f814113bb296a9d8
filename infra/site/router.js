// From an address to a page, without loading everything anew: the access token lives in memory, and a page that is left
// takes it along.

import { html, render } from "./lib/lit-html/lit-html.js";
import { Refusal } from "./lib/lectern.js";

/** @typedef {import("./app.js").School} School */
/**
 * What a page is given.
 * @typedef {School & {
 *   address: URL,
 *   parameters: Record<string, string>,
 *   show: (title: string, content: unknown) => void,
 *   go: (path: string, instead?: boolean) => Promise<void>,
 *   left: AbortSignal,
 * }} Visit
 * @typedef {{ open: (visit: Visit) => Promise<void> | void, needsAccount?: boolean }} Page
 */

/** The pages that are drawn here, one file each. @type {[string, () => Promise<Page>][]} */
const PAGES = [
  ["/sign-in", () => import("./pages/sign_in.js")],
  ["/register", () => import("./pages/register.js")],
  ["/verify-email", () => import("./pages/verify_email.js")],
  ["/forgot-password", () => import("./pages/forgot_password.js")],
  ["/reset-password", () => import("./pages/reset_password.js")],
  ["/profile", () => import("./pages/profile.js")],
  ["/learn", () => import("./pages/my_learning.js")],
  ["/learn/{course_id}", () => import("./pages/resume.js")],
  ["/lessons/{lesson_id}", () => import("./pages/lesson.js")],
  ["/studio/lessons/{lesson_id}/video", () => import("./pages/lesson_video.js")],
  ["/studio/courses/{course_id}/trailer", () => import("./pages/course_trailer.js")],
  ["/recordings", () => import("./pages/recordings.js")],
  ["/recordings/new", () => import("./pages/new_recording.js")],
  ["/recordings/{recording_id}", () => import("./pages/recording.js")],
  ["/certificates", () => import("./pages/certificates.js")],
];
/** What the server's pages gain from a reader who is signed in. @type {[string, () => Promise<Page>][]} */
const ENHANCED = [["/courses/{slug}", () => import("./pages/course.js")]];

/** Shown while a page is on its way, unless it is there at once. */
const PATIENCE_MS = 150;

const trusted = window.trustedTypes?.createPolicy("lectern", { createHTML: (page) => page });

/** The parameters of an address that fits a pattern. @param {string} pattern @param {string} path */
export function matched(pattern, path) {
  const [wanted, given] = [pattern.split("/"), path.replace(/(.)\/$/, "$1").split("/")];
  if (wanted.length !== given.length) return undefined;
  /** @type {Record<string, string>} */
  const parameters = {};
  for (const [n, part] of wanted.entries()) {
    const value = given[n] ?? "";
    if (part.startsWith("{")) parameters[part.slice(1, -1)] = decoded(value);
    else if (part !== value) return undefined;
  }
  return parameters;
}

/** As it is where it is not well encoded; then nothing is called so. @param {string} text */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {[string, () => Promise<Page>][]} pages @param {URL} address */
function found(pages, address) {
  for (const [pattern, load] of pages) {
    const parameters = matched(pattern, address.pathname);
    if (parameters) return { load, parameters };
  }
  return undefined;
}

/** Opens the page of the address, and from then on of every link that is followed; returns what opens it anew. @param {School} school */
export async function follow(school) {
  let leave = new AbortController();
  /** What is open, but for what stands behind #. */
  let shown = "";

  /** @param {URL} address @param {boolean} isFirst @param {number} [top] Where the reader was when they left it. */
  async function open(address, isFirst, top = 0) {
    leave.abort();
    leave = new AbortController();
    shown = address.pathname + address.search;
    document.getElementById("said")?.replaceChildren();
    const left = leave.signal;
    /** What lit-html draws into; not what the server's page stands in. @type {HTMLElement | undefined} */
    let drawn;
    /** @param {string} title @param {unknown} content */
    const show = (title, content) => {
      if (left.aborted) return;
      clearTimeout(waiting);
      document.title = `${title} · ${document.documentElement.dataset.school ?? ""}`;
      drawn ??= emptied();
      render(content, drawn);
    };
    const waiting = setTimeout(() => show(school.text("loading"), skeleton(school)), PATIENCE_MS);
    const page = found(PAGES, address);
    const visit = { ...school, address, left, show, go, parameters: page?.parameters ?? {} };
    try {
      if (page) {
        const { open, needsAccount } = await page.load().catch((cause) => {
          throw new Refusal(0, {}, cause);
        });
        if (needsAccount && !(await school.session.user())) {
          return go(signIn(address), true);
        }
        await open(visit);
      } else {
        if (!isFirst) await fetched(address, left);
        clearTimeout(waiting);
        const more = found(ENHANCED, address);
        drawn = undefined;
        // What the server's page says stands, whatever becomes of the rest.
        try {
          if (more) await (await more.load()).open({ ...visit, parameters: more.parameters });
        } catch (error) {
          if (!left.aborted) console.warn(error);
        }
      }
    } catch (error) {
      const isOver = error instanceof Refusal && error.status === 401 && !(await school.session.user().catch(() => undefined));
      if (isOver && !left.aborted) return go(signIn(address), true);
      if (!left.aborted) show(...wrong(school, error, () => open(address, false)));
    } finally {
      clearTimeout(waiting);
    }
    if (left.aborted) return;
    markHere();
    if (!isFirst) arrived(top);
  }

  /** @param {string} path @param {boolean} [instead] */
  async function go(path, instead = false) {
    const address = new URL(path, location.href);
    if (!instead) history.replaceState({ top: scrollY }, "");
    history[instead ? "replaceState" : "pushState"](null, "", address);
    await open(address, false);
  }

  // Whoever comes back finds the place where they were.
  addEventListener("scrollend", () => history.replaceState({ top: scrollY }, ""));
  addEventListener("popstate", (event) => {
    const to = new URL(location.href);
    const id = to.hash.slice(1);
    // Within what is open, the browser goes there itself.
    if (to.pathname + to.search === shown && (!id || document.getElementById(id))) return;
    void open(to, false, event.state?.top ?? 0);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || link.target || link.hasAttribute("download") || event.defaultPrevented) return;
    const address = new URL(link.href);
    const isOurs = address.origin === location.origin && !/^\/(v1|docs|mailbox|\.well-known)(\/|$)/.test(address.pathname);
    if (!isOurs || (address.hash && address.pathname === location.pathname)) return;
    event.preventDefault();
    void go(address.href);
  });
  await open(new URL(location.href), true);
  return () => open(new URL(location.href), false, scrollY);
}

/** The place of a page, with nothing in it: lit-html takes one where it has drawn for its own. */
function emptied() {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const fresh = /** @type {HTMLElement} */ (main.cloneNode(false));
  main.replaceWith(fresh);
  return fresh;
}

/** A page that the server made. @param {URL} address @param {AbortSignal} left */
async function fetched(address, left) {
  const response = await fetch(address, { headers: { accept: "text/html" }, signal: left }).catch((cause) => {
    throw left.aborted ? cause : new Refusal(0, {}, cause);
  });
  // Only a page is taken for one: an answer of the API may have anybody's words in it.
  if (!response.headers.get("content-type")?.startsWith("text/html")) throw new Refusal(response.ok ? 404 : response.status, {});
  const text = await response.text();
  const page = new DOMParser().parseFromString(/** @type {string} */ (trusted?.createHTML(text) ?? text), "text/html");
  const content = page.getElementById("main");
  if (!content) throw new Refusal(response.status, {});
  document.title = page.title;
  emptied().replaceChildren(...content.childNodes);
}

/** Where to sign in for a page. A token from a mail stays behind #, where no server sees it. @param {URL} address */
function signIn(address) {
  return `/sign-in?to=${encodeURIComponent(address.pathname + address.search)}${address.hash}`;
}

/** Where a reader goes on who cannot see that the page has changed. @param {number} top */
function arrived(top) {
  scrollTo(0, top);
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const heading = main.querySelector("h1") ?? main;
  heading.setAttribute("tabindex", "-1");
  /** @type {HTMLElement} */ (heading).focus({ preventScroll: true });
}

/** Marks where the reader is among the links of the frame. */
export function markHere() {
  for (const link of document.querySelectorAll(".bar nav a")) {
    const isHere = new URL(/** @type {HTMLAnchorElement} */ (link).href).pathname === location.pathname;
    link.toggleAttribute("aria-current", isHere);
    if (isHere) link.setAttribute("aria-current", "page");
  }
}

/** @param {School} school */
function skeleton({ text }) {
  return html`<div class="waiting" role="status"><span class="unseen">${text("loading")}</span><span></span><span></span><span></span></div>`;
}

/**
 * Never a dead end: what happened, and what can be done about it.
 * @param {School} school @param {unknown} error @param {() => void} again @returns {[title: string, content: unknown]}
 */
function wrong({ text }, error, again) {
  const status = error instanceof Refusal ? error.status : -1;
  const busy = status === 429 || status === 503;
  const kind = status === 0 ? "offline" : status === 404 || status === 400 ? "absent" : status === 403 ? "forbidden" : "broken";
  if (kind === "broken" && !busy) console.error(error);
  const title = text(`wrong.${kind}.title`);
  const content = html`<div class="empty" role="alert">
    <h1>${title}</h1>
    <p class="quiet">${text(busy ? (status === 429 ? "problem.rate_limited" : "problem.unavailable") : `wrong.${kind}.text`)}</p>
    <div class="row">
      ${kind === "absent" ? null : html`<button class="button" @click=${again}>${text("wrong.again")}</button>`}
      <a class="button plain" href="/courses">${text("wrong.courses")}</a>
    </div>
  </div>`;
  return [title, content];
}
