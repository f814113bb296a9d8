// What /courses/{slug} gains from a script: its trailer, and for who is signed in whether they are enrolled and how to go on.

import { html, nothing, render } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { told } from "../parts/form.js";
import { icon } from "../parts/icons.js";

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, go, address, parameters, left }) {
  const place = document.getElementById("enrol");
  if (!place) return;
  const trailer = document.getElementById("trailer");
  if (trailer) void showTrailer(trailer, api, text, left);
  // The way without a script stands there already.
  const user = await session.user();
  const course_id = parameters.slug ?? "";
  const course = user ? await api.get("/v1/courses/{course_id}", { path: { course_id } }) : undefined;
  if (left.aborted) return;
  if (course && (user?.id === course.author_id || user?.roles.includes("admin"))) {
    place.after(Object.assign(document.createElement("a"), { href: `/studio/courses/${course.id}/trailer`, textContent: text("trailer.change") }));
  }
  // What has a price cannot be bought yet, as it says there.
  if (!course?.enrollment && !place.querySelector("a")) return;
  let isBusy = false;
  let refused = "";

  async function enrol() {
    if (isBusy) return;
    if (!course) return go(`/sign-in?to=${encodeURIComponent(address.pathname)}`);
    [isBusy, refused] = [true, ""];
    draw();
    try {
      await api.post("/v1/courses/{course_id}/enroll", { path: { course_id: course.id } });
      await go(`/learn/${course.id}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.is("already_enrolled")) return go(`/learn/${course.id}`);
      refused = told(text, error);
    } finally {
      isBusy = false;
      if (!left.aborted) draw();
    }
  }

  function draw() {
    const own = course?.enrollment;
    render(
      own
        ? html`<p class="quiet">${text("course.enrolled")}</p><a class="button whole" href=${`/learn/${course.id}`}>${text("learning.go_on")}</a>`
        : html`<button class="button whole" aria-disabled=${isBusy ? "true" : nothing} @click=${enrol}>${text("course.enrol")}</button>
            ${refused ? html`<p class="note bad" role="alert">${refused}</p>` : nothing}`,
      /** @type {HTMLElement} */ (place),
    );
  }
  place.replaceChildren();
  draw();
}

/**
 * Its picture where the server has made room for it; the player comes when somebody wants to see it.
 * @param {HTMLElement} place @param {import("../lib/lectern.js").Lectern} api @param {import("../text.js").Text} text @param {AbortSignal} left
 */
async function showTrailer(place, api, text, left) {
  const read = api.get("/v1/videos/{video_id}", { path: { video_id: place.dataset.video ?? "" } });
  // A course can be read without.
  const its = await read.catch(() => undefined);
  if (left.aborted) return;
  if (!its) return place.remove();
  const play = async () => {
    const { player } = await import("../parts/player.js");
    if (left.aborted) return;
    const title = document.querySelector("main h1")?.textContent ?? "";
    const { element, playFrom } = player({ api, text, its, title, left });
    place.replaceChildren(element);
    element.focus();
    playFrom(0);
  };
  render(
    html`<button aria-label=${text("trailer.play")} @click=${play}>
      ${its.poster_url ? html`<img src=${its.poster_url} alt="">` : nothing}<span class="begin">${icon("play")}</span></button>`,
    place,
  );
}
