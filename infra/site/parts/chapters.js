// The chapters of a video, as its author writes them into the lesson: lines that begin with a time.

/** @typedef {{ at: number, title: string }} Chapter */

const TIME = /^\s*[([]?((?:\d{1,2}:[0-5]\d|\d{1,3}):[0-5]\d)(?![\w:])[)\]]?/;
const BREAKS = "address, blockquote, br, dd, div, dl, dt, h1, h2, h3, h4, h5, h6, hr, li, ol, p, table, td, th, tr, ul";

/**
 * Those of a text; their times become buttons there. None unless there are two or more, each later than the one before.
 * @param {Element} text @param {number} duration @param {(button: HTMLButtonElement, chapter: Chapter) => void} made
 * @returns {Chapter[]}
 */
export function chaptersOf(text, duration, made) {
  /** @type {(Chapter & { node: Text, from: number, to: number })[]} */
  const lines = [];
  /** @type {Chapter | undefined} */
  let line;
  let begins = true;
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) =>
    node instanceof Element && node.matches("pre, math") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Element) {
      if (node.matches(BREAKS)) [line, begins] = [undefined, true];
      continue;
    }
    if (!(node instanceof Text)) continue;
    let from = 0;
    for (const [n, words] of node.data.split("\n").entries()) {
      if (n > 0) [line, begins] = [undefined, true];
      const [all = "", time = ""] = (begins && TIME.exec(words)) || [];
      if (time) {
        const at = time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
        const start = from + words.indexOf(time);
        const begun = { at, title: words.slice(all.length), node, from: start, to: start + time.length };
        lines.push(begun);
        line = begun;
      } else if (line) {
        line.title += words;
      }
      begins &&= words.trim() === "";
      from += words.length + 1;
    }
  }
  const chapters = lines
    .map((line) => ({ ...line, title: line.title.replace(/^[\s\-–—:.|·]+/, "").trim() }))
    .filter(({ at, title }) => title && (!duration || at < duration));
  if (chapters.length < 2 || chapters.some(({ at }, n) => at <= (chapters[n - 1]?.at ?? -1))) return [];
  // From the end, since each cuts off what stands behind it.
  for (const { node, from, to, at, title } of chapters.toReversed()) {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "at";
    range.surroundContents(button);
    made(button, { at, title });
  }
  return chapters.map(({ at, title }) => ({ at, title }));
}
