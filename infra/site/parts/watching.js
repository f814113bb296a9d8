// What was really played of a video, told to the school while it plays and when it is left.

/** @typedef {[from: number, to: number]} Stretch */
/** @typedef {import("../lib/lectern.js").Schemas} Schemas */

const EVERY_MS = 15_000;
/** The most that one call takes. */
const MOST = 200;

/**
 * @param {object} it
 * @param {HTMLVideoElement} it.video
 * @param {() => number | undefined} it.rendition The height of what plays.
 * @param {(watched: Schemas["WatchVideoInput"], keepalive: boolean) => Promise<Schemas["Watched"]>} it.send
 * @param {(progress: Schemas["Watched"]) => void} it.heard
 * @param {AbortSignal} it.left
 */
export function watch({ video, rendition, send, heard, left }) {
  /** Not known to the school yet. @type {Stretch[]} */
  let unsaid = [];
  /** What plays at the moment. @type {Stretch | undefined} */
  let open;
  let isSending = false;
  /** The position that the school knows. */
  let told = -1;
  /** What was said while leaving. */
  let last = "";

  function played() {
    if (video.seeking || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const at = hundredths(video.currentTime);
    if (open && at < open[1]) close();
    // Media time: at twice the speed, twice as much of it is played.
    if (open) open[1] = at;
    else if (!video.paused) open = [at, at];
  }

  function close() {
    if (open && open[1] > open[0]) unsaid = union([...unsaid, open]);
    open = undefined;
  }

  /** By the time a seek is heard of the video stands elsewhere: then a stretch ends where it was last seen. */
  function ends() {
    played();
    close();
  }

  /** @param {boolean} [isLast] */
  async function say(isLast = false) {
    const isPlaying = open !== undefined;
    ends();
    if (isPlaying && !isLast) played();
    if (isSending && !isLast) return;
    const position_seconds = hundredths(video.currentTime);
    if (unsaid.length === 0 && (told < 0 || position_seconds === told)) return;
    const watched = unsaid.slice(0, MOST);
    const height = rendition();
    const body = { watched, position_seconds, ...(height ? { rendition: height } : {}) };
    // What is left for good is hidden first. What is on its way may go out once more: the school takes the union.
    if (isLast && JSON.stringify(body) === last) return;
    last = isLast ? JSON.stringify(body) : "";
    isSending = true;
    try {
      const progress = await send(body, isLast);
      unsaid = unsaid.filter((stretch) => !watched.includes(stretch));
      told = position_seconds;
      heard(progress);
    } catch {
      // It goes along with the next.
      last = "";
    } finally {
      isSending = false;
    }
  }

  video.addEventListener("timeupdate", played);
  video.addEventListener("playing", played);
  for (const event of ["seeking", "waiting", "emptied", "error"]) video.addEventListener(event, ends);
  for (const event of ["pause", "ended"]) video.addEventListener(event, () => void say());
  const timer = setInterval(say, EVERY_MS);
  const leaves = () => void say(true);
  addEventListener("pagehide", leaves, { signal: left });
  document.addEventListener("visibilitychange", () => document.hidden && leaves(), { signal: left });
  left.addEventListener("abort", () => {
    clearInterval(timer);
    leaves();
  });
  // `timeupdate` comes four times a second: whoever is about to seek says how far it has come.
  return played;
}

/** @param {number} seconds */
function hundredths(seconds) {
  return Math.round(seconds * 100) / 100;
}

/** In order, and none overlapping another. @param {Stretch[]} stretches */
export function union(stretches) {
  /** @type {Stretch[]} */
  const united = [];
  for (const [from, to] of stretches.toSorted(([a], [b]) => a - b)) {
    const before = united.at(-1);
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else united.push([from, to]);
  }
  return united;
}
