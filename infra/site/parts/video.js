// The API of videos, as the player and the upload call it.

/** @typedef {import("../lib/lectern.js").Lectern} Lectern */
/**
 * until infra/client/api.ts has it
 * @typedef {{ position_seconds: number, watched_seconds: number, percent: number, completed: boolean }} WatchProgress
 * @typedef {{ width: number, height: number, bitrate: number }} Rendition
 * @typedef {{ language: string, label: string, url: string }} Caption
 * @typedef {object} Video
 * @property {string} id
 * @property {string} lesson_id
 * @property {"uploading" | "uploaded" | "processing" | "ready" | "failed"} status
 * @property {string | null} [filename]
 * @property {string | null} [failure_code]
 * @property {string | null} [failure_reason]
 * @property {number | null} [duration_seconds]
 * @property {Rendition[] | null} [renditions]
 * @property {string | null} [playback_url] The master playlist; its link is good for some hours.
 * @property {string | null} [poster_url]
 * @property {string | null} [thumbnails_url]
 * @property {Caption[] | null} [captions]
 * @property {WatchProgress | null} [progress] Of whoever is enrolled.
 * @typedef {{ watched: [from: number, to: number][], position_seconds: number, rendition?: number }} Watched
 */

/** @param {Lectern} api @param {string} video_id @returns {Promise<Video>} */
export async function getVideo(api, video_id) {
  // until infra/client/api.ts has it
  return /** @type {any} */ (api).get("/v1/videos/{video_id}", { path: { video_id } });
}

/**
 * @param {Lectern} api @param {string} video_id @param {Watched} body @param {boolean} keepalive
 * @returns {Promise<Omit<WatchProgress, "position_seconds">>}
 */
export async function reportWatched(api, video_id, body, keepalive) {
  // until infra/client/api.ts has it
  return /** @type {any} */ (api).post("/v1/videos/{video_id}/progress", { path: { video_id }, body, keepalive });
}

/** The video of a lesson. @param {object} lesson @returns {string | undefined} */
export function videoOf(lesson) {
  // until infra/client/api.ts has it
  return /** @type {{ video_id?: string | null }} */ (lesson).video_id ?? undefined;
}
