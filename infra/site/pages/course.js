// What /courses/{slug} gains from a reader who is signed in: whether they are enrolled, and how to go on.

import { html, nothing, render } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";
import { told } from "../parts/form.js";

/** @param {import("../router.js").Visit} visit */
export async function open({ api, session, text, go, address, parameters, left }) {
  const place = document.getElementById("enrol");
  if (!place) return;
  // The way without a script stands there already.
  const user = await session.user();
  const course_id = parameters.slug ?? "";
  const course = user ? await api.get("/v1/courses/{course_id}", { path: { course_id } }) : undefined;
  if (left.aborted) return;
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
