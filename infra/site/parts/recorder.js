// Records the screen or a camera: what is recorded is kept at once, and sent while it goes on.

import { begin, keep, lockOf } from "./kept.js";
import { discard, sender } from "./sender.js";

/** @typedef {"screen" | "webcam"} Source */
/** @typedef {Awaited<ReturnType<typeof record>>} Recording */

/** The first that the browser can make is taken. */
const TYPES = /** @type {const} */ ([
  ["video/webm;codecs=vp9,opus", "video/webm"],
  ["video/webm;codecs=vp8,opus", "video/webm"],
  ["video/mp4", "video/mp4"],
]);
export const MOST_BYTES = 2_097_152_000;
const PIECE_MS = 1000;

function type() {
  return TYPES.find(([mimeType]) => globalThis.MediaRecorder?.isTypeSupported(mimeType));
}

/** What can be recorded here: phones do not share their screens. @returns {Source[]} */
export function sources() {
  const devices = navigator.mediaDevices;
  if (!devices || !type()) return [];
  return "getDisplayMedia" in devices ? ["screen", "webcam"] : ["webcam"];
}

/** Asks for it; refused with what the browser says of it. @param {Source} source @param {boolean} hasSound */
export async function captured(source, hasSound) {
  const devices = navigator.mediaDevices;
  if (source === "webcam") return devices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 } }, audio: hasSound });
  const screen = await devices.getDisplayMedia({ video: { frameRate: { max: 30 } } });
  try {
    const sound = hasSound ? await devices.getUserMedia({ audio: true }) : undefined;
    return new MediaStream([...screen.getTracks(), ...(sound?.getTracks() ?? [])]);
  } catch (error) {
    release(screen);
    throw error;
  }
}

/** Until then its lamp is on. @param {MediaStream} stream */
export function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * Begins to record.
 * @param {object} it
 * @param {import("../lib/lectern.js").Lectern} it.api
 * @param {MediaStream} it.stream
 * @param {{ title: string, project?: string }} it.names
 * @param {string} it.user_id
 * @param {() => void} it.changed
 * @param {AbortSignal} it.left
 */
export async function record({ api, stream, names, user_id, changed, left }) {
  const [mimeType, content_type] = type() ?? TYPES[0];
  const { recording_id, video_id, upload } = await api.post("/v1/recordings", { body: { ...names, content_type }, signal: left });
  const { upload_id, part_size } = upload;
  /** @type {import("./kept.js").Kept} */
  const its = { recording_id, video_id, upload_id, part_size, user_id, title: names.title, content_type, begun_at: Date.now(), seconds: 0, bytes: 0, sent: 0 };
  let letGo = () => {};
  await new Promise((held) => {
    void navigator.locks.request(lockOf(its), () => {
      held(undefined);
      return new Promise((done) => (letGo = () => done(undefined)));
    });
  });
  /** @type {MediaRecorder} */
  let media;
  try {
    await begin(its);
    left.throwIfAborted();
    media = new MediaRecorder(stream, { mimeType });
    // What was to be recorded may be over.
    media.start(PIECE_MS);
  } catch (error) {
    await discard(api, its).catch(() => undefined);
    letGo();
    throw error;
  }
  const sending = sender({ api, its, changed, signal: left });
  /** Why it stopped by itself. @type {"" | "longest" | "full"} */
  let reason = "";
  /** What the school refused: the rest waits for the end. @type {unknown} */
  let refusal;
  let keeping = Promise.resolve();
  /** Recorded before the last pause. */
  let before = 0;
  let since = performance.now();
  const seconds = () => before + (media.state === "recording" ? (performance.now() - since) / 1000 : 0);

  function stop() {
    if (media.state === "inactive") return;
    before = seconds();
    media.stop();
  }

  media.ondataavailable = ({ data }) => {
    its.seconds = Math.round(seconds());
    keeping = keeping.then(() => keep(its, data)).catch(() => {
      reason = "full";
      stop();
    });
    void keeping.then(() => {
      // Room for what comes after the stop.
      if (its.bytes > MOST_BYTES - part_size && media.state !== "inactive") {
        reason = "longest";
        stop();
      }
      if (media.state !== "inactive" && !refusal && !left.aborted) sending.more().catch((error) => (refusal = error));
      changed();
    });
  };
  // The browser has a bar of its own to end the sharing of a screen, and a camera can be pulled out.
  stream.getVideoTracks()[0]?.addEventListener("ended", stop);
  left.addEventListener("abort", stop);

  const stopped = new Promise((done) => (media.onstop = done));
  /** Sends the rest; false where there is nothing. */
  async function end() {
    try {
      await stopped;
      release(stream);
      await keeping;
      if (left.aborted) return false;
      if (its.bytes === 0) await discard(api, its);
      else await sending.end();
      return its.bytes > 0;
    } finally {
      letGo();
    }
  }
  const ended = end();

  return {
    its,
    /** When all of it is at the school; false where there is nothing. */
    ended,
    stop,
    pause() {
      before = seconds();
      media.pause();
    },
    resume() {
      since = performance.now();
      media.resume();
    },
    seconds,
    state: () => media.state,
    reason: () => reason,
    refusal: () => refusal,
    sent: sending.sent,
    isStuck: sending.isStuck,
  };
}
