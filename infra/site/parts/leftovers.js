// Recordings that broke off before all of them was sent: whoever comes back finishes them, or gives them up.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { ask } from "./ask.js";
import { told } from "./form.js";
import { keptBy, lockOf, whole } from "./kept.js";
import { discard, sender } from "./sender.js";
import { clock } from "./units.js";

/** @typedef {import("./kept.js").Kept} Kept */

/** Where whoever was signed out meanwhile goes on. */
export const SIGN_IN = "/sign-in?to=/recordings&kept=recording";

/** @param {unknown} error */
export const isTooLate = (error) => error instanceof Refusal && (error.is("upload_closed") || error.status === 404);

/** Why one is not taken, in words. @param {import("../text.js").Text} text @param {Kept} its @param {unknown} error */
export function refused(text, { title, sent }, error) {
  if (isTooLate(error)) return text(sent === 0 ? "recordings.too_late_file" : "recordings.too_late", { title });
  return error instanceof Refusal ? told(text, error) : text("wrong.broken.text");
}

/**
 * @param {import("../router.js").Visit} visit
 * @param {(content: unknown) => void} draw Called whenever they look different.
 * @param {object} [on]
 * @param {() => void} [on.gone] Called when one was given up, or settled in another tab.
 * @param {boolean} [on.stays] Whether to stay on the page when one has arrived.
 * @returns What looks again whether there are others.
 */
export async function leftovers({ api, session, text, go, left }, draw, { gone = () => {}, stays = false } = {}) {
  const user_id = (await session.user())?.id ?? "";
  /** @type {Kept[]} */
  let all = [];
  /** The one that is being sent. @type {{ its: Kept, sending: ReturnType<typeof sender> } | undefined} */
  let current;
  let wrong = "";
  /** What has arrived, where that is only said. @type {Kept[]} */
  let there = [];
  /** Those that the school takes no more. @type {Set<string>} */
  const late = new Set();
  /** Where they can be had as files, by their ids. @type {Map<string, string>} */
  const files = new Map();
  left.addEventListener("abort", () => files.forEach((file) => URL.revokeObjectURL(file)));

  /** @param {Kept} its */
  async function finish(its) {
    if (current) return;
    wrong = "";
    current = { its, sending: sender({ api, its, changed: drawn, signal: left }) };
    const { sending } = current;
    drawn();
    await settle(its, () => sending.end(), () => {
      if (stays) there = [...there, its];
      else void go(`/recordings/${its.recording_id}`);
    });
  }

  /** @param {Kept} its */
  async function giveUp(its) {
    if (!(await ask({ text, question: text("recordings.discard_question", { title: its.title }), yes: text("recordings.discard"), left }))) return;
    await settle(its, () => discard(api, its), gone);
  }

  /** @param {Kept} its @param {() => Promise<void>} work @param {() => void} done */
  async function settle(its, work, done) {
    try {
      // Another tab may be doing it.
      await navigator.locks.request(lockOf(its), { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        // Or have done it, or some of it, since this one read what is kept.
        const fresh = await known(its);
        if (fresh) {
          Object.assign(its, fresh);
          await work();
        }
        all = all.filter((other) => other !== its);
        if (fresh) done();
        else gone();
      });
    } catch (error) {
      if (left.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 401) return void go(SIGN_IN);
      wrong = refused(text, its, error);
      if (isTooLate(error)) late.add(its.recording_id);
      await makeFile(its);
    } finally {
      if (current?.its === its) current = undefined;
      if (!left.aborted) drawn();
    }
  }

  /** As it is kept now; nothing once it is sent or given up. @param {Kept} its */
  const known = async ({ recording_id }) => (await keptBy(user_id)).find((its) => its.recording_id === recording_id);

  /** A part that has been sent is missing here. @param {Kept} its */
  async function makeFile(its) {
    const { recording_id, sent } = its;
    if (late.has(recording_id) && sent === 0 && !files.has(recording_id)) files.set(recording_id, URL.createObjectURL(await whole(its)));
  }

  /** @param {Kept} its */
  function note(its) {
    const file = files.get(its.recording_id);
    const begun = new Date(its.begun_at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const percent = current ? Math.floor((current.sending.sent() / its.bytes) * 100) : 0;
    return html`<section class="note">
      <h2 dir="auto">${its.title}</h2>
      <p>${text("recordings.left", { begun, length: clock(its.seconds) })}</p>
      ${current?.its === its
        ? html`<progress max="100" value=${percent} aria-label=${text("upload.sending", { name: its.title })}></progress>
            <p role="status">${current.sending.isStuck() ? text("recorder.stuck") : nothing}</p>`
        : html`<div class="row">
            <button class="button" aria-disabled=${current ? "true" : nothing} @click=${() => finish(its)}>${text("recordings.finish")}</button>
            ${file ? html`<a class="button plain" href=${file} download=${`${its.title}.${its.content_type.split("/")[1]}`}>${text("recordings.file")}</a>` : nothing}
            <button class="button plain" @click=${() => giveUp(its)}>${text("recordings.discard")}</button>
          </div>`}
    </section>`;
  }

  /** @param {Kept} its */
  function arrival({ recording_id, title }) {
    return html`<p class="note good" role="status">${text("recordings.sent", { title })} <a href=${`/recordings/${recording_id}`}>${text("recordings.look")}</a></p>`;
  }

  function drawn() {
    draw(html`${all.map(note)}${there.map(arrival)}${wrong ? html`<p class="note bad" role="alert">${wrong}</p>` : nothing}`);
  }

  /** @param {Kept} kept */
  async function offer(kept) {
    const its = await known(kept);
    if (!its || all.some(({ recording_id }) => recording_id === its.recording_id)) return;
    if (its.bytes === 0) return void discard(api, its).then(gone, () => undefined);
    await makeFile(its);
    all = [...all, its];
    drawn();
  }

  /** @param {string} [id] One that the school has just refused as too late. */
  async function look(id) {
    if (id) late.add(id);
    for (const its of await keptBy(user_id)) {
      if (all.some(({ recording_id }) => recording_id === its.recording_id)) continue;
      const isFree = await navigator.locks.request(lockOf(its), { ifAvailable: true }, async (lock) => lock && (await offer(its), true));
      // While another tab records or sends it, or this one still keeps its end, it is not left over.
      if (!isFree) void navigator.locks.request(lockOf(its), { signal: left }, () => offer(its)).catch(() => undefined);
    }
  }
  await look();
  return look;
}
