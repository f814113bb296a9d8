// The player's keys. Letters work wherever nothing else takes them; what scrolls a page is the player's while it has the focus.

/**
 * What keys do.
 * @typedef {object} Deeds
 * @property {() => void} play
 * @property {(seconds: number) => void} by
 * @property {(share: number) => void} to
 * @property {(volume: number) => void} louder
 * @property {() => void} mute
 * @property {() => void} captions
 * @property {() => void} full
 * @property {() => void} picture
 * @property {(steps: number) => void} faster
 * @property {() => boolean} close Whether there was something to close.
 */

const TOGGLES = [" ", "k", "m", "c", "f", "p"];

/** @param {HTMLElement} root @param {AbortSignal} left @param {() => void} stir @param {Deeds} deeds */
export function controlByKeys(root, left, stir, deeds) {
  /** @type {Record<string, () => void>} */
  const anywhere = {
    " ": deeds.play,
    k: deeds.play,
    j: () => deeds.by(-10),
    l: () => deeds.by(10),
    ArrowLeft: () => deeds.by(-5),
    ArrowRight: () => deeds.by(5),
    m: deeds.mute,
    c: deeds.captions,
    f: deeds.full,
    p: deeds.picture,
    "<": () => deeds.faster(-1),
    ">": () => deeds.faster(1),
  };
  for (let n = 0; n < 10; n++) anywhere[n] = () => deeds.to(n / 10);
  /** @type {Record<string, () => void>} */
  const focused = {
    ArrowUp: () => deeds.louder(0.05),
    ArrowDown: () => deeds.louder(-0.05),
    Home: () => deeds.to(0),
    End: () => deeds.to(1),
  };
  /** A slider's own way. @type {Record<string, () => void>} */
  const seeking = { ArrowUp: () => deeds.by(5), ArrowDown: () => deeds.by(-5), PageUp: () => deeds.by(60), PageDown: () => deeds.by(-60) };

  document.addEventListener(
    "keydown",
    (event) => {
      const { key, target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !(target instanceof HTMLElement)) return;
      const isInside = root.contains(target);
      const taken = target.closest("a, button, input, select, textarea, summary, audio, video, [contenteditable], [role=slider]");
      // Buttons and links take no letters: K pauses what a time in the text has begun.
      if (taken && !isInside && (key === " " || !taken.matches("a, button, summary"))) return;
      if (isInside && key === "Escape" && deeds.close()) return event.preventDefault();
      if (target.matches("select, .volume") || (target.matches("button") && key === " ")) return;
      const isSeekBar = target.matches("input");
      const deed = (isSeekBar && seeking[key]) || anywhere[key] || (isInside && focused[key]);
      if (!deed) return;
      event.preventDefault();
      // A key that is held down would do and undo it.
      if (!event.repeat || !TOGGLES.includes(key)) deed();
      stir();
    },
    { signal: left },
  );
}
