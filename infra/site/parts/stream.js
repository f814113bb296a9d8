// A stream as a video element plays it: by hls.js where the browser has what that needs, else by itself.

/** @typedef {import("hls.js").default} Hls */

/**
 * @param {object} it
 * @param {HTMLVideoElement} it.video
 * @param {() => void} it.changed Called when there are other qualities, or another one plays.
 * @param {(isRefused: boolean) => void} it.failed The stream does not go on; refused where its link has expired.
 */
export function stream({ video, changed, failed }) {
  /** @type {Hls | undefined} */
  let hls;
  let recovered = 0;
  /** The height that was asked for; 0 lets hls.js choose. */
  let chosen = 0;
  /** What the last `play` was for: whoever is slower has nothing more to do. */
  let current = "";

  /** @param {string} url @param {number} at Where to begin, in seconds. */
  async function play(url, at) {
    stop();
    current = url;
    const { default: Hls } = await import("../lib/hls/hls.js");
    if (current !== url) return;
    if (!Hls.isSupported()) {
      video.src = url;
      if (at > 0) video.addEventListener("loadedmetadata", () => (video.currentTime = at), { once: true });
      return;
    }
    // A worker would be a script from a blob:, which the pages' policy does not let run.
    // What is loaded and never seen is paid for all the same.
    const saving = { capLevelToPlayerSize: true, maxMaxBufferLength: 60 };
    const its = (hls = new Hls({ enableWorker: false, startPosition: at > 0 ? at : -1, ...saving }));
    its.on(Hls.Events.MANIFEST_PARSED, () => choose(chosen));
    its.on(Hls.Events.LEVEL_SWITCHED, changed);
    its.on(Hls.Events.ERROR, (_, { fatal, type, response }) => {
      if (its !== hls) return;
      if (response?.code === 403) return failed(true);
      if (!fatal) return;
      if (type === Hls.ErrorTypes.MEDIA_ERROR && recovered++ < 2) return its.recoverMediaError();
      failed(false);
    });
    its.loadSource(url);
    its.attachMedia(video);
  }

  function stop() {
    current = "";
    hls?.destroy();
    hls = undefined;
    video.removeAttribute("src");
  }

  /** @param {number} height */
  function choose(height) {
    chosen = height;
    if (hls) hls.nextLevel = hls.levels.findIndex((level) => level.height === height);
    changed();
  }

  // What hls.js cannot mend it says itself.
  video.addEventListener("error", () => !hls && current && failed(true));

  return {
    play,
    stop,
    /** The heights there are, the largest first; none where the browser chooses by itself. */
    heights: () => [...new Set(hls?.levels.map(({ height }) => height) ?? [])].sort((a, b) => b - a),
    /** The height that plays. */
    height: () => hls?.levels[hls.currentLevel]?.height || video.videoHeight || undefined,
    choose,
    chosen: () => chosen,
  };
}
