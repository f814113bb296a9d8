// What becomes of a video that was sent.

import { Refusal } from "../lib/lectern.js";

const FIRST_LOOK_MS = 2000;
const LONGEST_LOOK_MS = 10_000;

/** @typedef {import("../lib/lectern.js").Schemas} Schemas */

/**
 * Looks at it until it is known, or nobody wants to.
 * @param {Schemas["VideoDetail"]} video
 * @param {(video_id: string) => Promise<Schemas["VideoDetail"]>} read
 * @param {(video: Schemas["VideoDetail"]) => void} seen
 * @param {() => boolean} isOver
 */
export async function becoming(video, read, seen, isOver) {
  for (let wait = FIRST_LOOK_MS; !["ready", "failed"].includes(video.status); wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
    await new Promise((done) => setTimeout(done, wait));
    if (isOver()) return;
    try {
      video = await read(video.id);
    } catch (error) {
      // It was deleted. After anything else the next look may succeed.
      if (error instanceof Refusal && error.status === 404) return;
    }
    if (isOver()) return;
    seen(video);
  }
}
