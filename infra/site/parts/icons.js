// The signs on the player's buttons.

import { html } from "../lib/lit-html/lit-html.js";

const SHAPES = {
  play: "M8 5.5v13l10-6.5z",
  pause: "M8 6v12M16 6v12",
  volume: "M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  muted: "M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM16 9.5l5 5M21 9.5l-5 5",
  captions: "M3.5 6h17v12.5h-17zM10.5 10.8a2 2 0 1 0 0 2.8M17 10.8a2 2 0 1 0 0 2.8",
  chapters: "M4 6.5h1M9 6.5h11M4 12h1M9 12h11M4 17.5h1M9 17.5h11",
  settings: "M4 7.5h8M18 7.5h2M4 16.5h2M12 16.5h8M17.5 7.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM11.5 16.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
  picture: "M20.5 11V5.5h-17v13H10M13 14h7.5v4.5H13z",
  full: "M4 9V4.5h5M15 4.5h5V9M20 15v4.5h-5M9 19.5H4V15",
  small: "M9 4.5V9H4M20 9h-5V4.5M15 19.5V15h5M4 15h5v4.5",
};

/** @param {keyof typeof SHAPES} name */
export function icon(name) {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${SHAPES[name]} fill=${name === "play" ? "currentColor" : "none"} /></svg>`;
}
