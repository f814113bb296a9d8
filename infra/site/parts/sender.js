// A recording on its way to the school while it is still being made: each part goes as soon as it is full, and is tried until
// it gets through.

import { Refusal } from "../lib/lectern.js";
import { arrived, forget, part } from "./kept.js";
import { LONGEST_PAUSE_MS, patiently, pause, put } from "./upload.js";

/**
 * Whoever gives up what is not sent finds it nowhere; what has arrived as a whole stays at the school.
 * @param {import("../lib/lectern.js").Lectern} api @param {import("./kept.js").Kept} its
 */
export async function discard(api, its) {
  const { recording_id, video_id } = its;
  try {
    const { status } = await api.get("/v1/videos/{video_id}", { path: { video_id } });
    if (status === "uploading") await api.delete("/v1/recordings/{recording_id}", { path: { recording_id } });
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
  }
  await forget(its);
}

/**
 * @param {object} it
 * @param {import("../lib/lectern.js").Lectern} it.api
 * @param {import("./kept.js").Kept} it.its
 * @param {() => void} it.changed How much has arrived, or whether it gets through.
 * @param {AbortSignal} it.signal
 */
export function sender({ api, its, changed, signal }) {
  const path = { video_id: its.video_id };
  let isOver = false;
  let isDone = false;
  let isStuck = false;
  /** Bytes of the part that is on its way. */
  let gone = 0;
  /** @type {Promise<void> | undefined} */
  let sending;

  /** How much of it all is known once it is over: only then can the last part be smaller. */
  const size = () => (isOver ? { size_bytes: its.bytes } : {});
  const isDue = () => its.bytes >= (its.sent + 1) * its.part_size || (isOver && its.bytes > its.sent * its.part_size);

  async function next() {
    const number = its.sent + 1;
    const { parts, uploaded } = await api.post("/v1/videos/{video_id}/upload/parts", { path, body: { numbers: [number], ...size() }, signal });
    // Of a tab that was closed before it heard the answer.
    const isThere = uploaded.some((known) => known.number === number);
    if (!isThere) await put(parts[0]?.url ?? "", await part(its, number), {}, told, signal);
    await arrived(its);
    told(0);
  }

  /** @param {number} bytes */
  function told(bytes) {
    gone = bytes;
    changed();
  }

  async function complete() {
    const { uploaded } = await api.post("/v1/videos/{video_id}/upload/parts", { path, body: { numbers: [], ...size() }, signal });
    const parts = uploaded.map(({ number, etag }) => ({ number, etag }));
    await api.post("/v1/videos/{video_id}/upload/complete", { path, body: { upload_id: its.upload_id, parts }, signal });
  }

  /** However long it takes. @param {() => Promise<void>} step */
  async function steadily(step) {
    for (;;) {
      try {
        await patiently(signal, step);
        isStuck = false;
        return;
      } catch (error) {
        signal.throwIfAborted();
        const isMomentary = error instanceof Refusal && (!error.problem.code || error.status === 429 || error.status >= 500);
        if (!isMomentary) throw error;
        isStuck = true;
        told(0);
        await pause(LONGEST_PAUSE_MS, signal);
      }
    }
  }

  async function flow() {
    while (isDue()) await steadily(next);
    if (!isOver || isDone) return;
    await steadily(complete).catch(async (error) => {
      if (!(error instanceof Refusal && error.is("upload_closed"))) throw error;
      // The answer to what ended it may have been lost.
      if ((await api.get("/v1/videos/{video_id}", { path })).status === "uploading") throw error;
    });
    isDone = true;
    await forget(its);
  }

  return {
    /** Sends what has become a whole part. */
    async more() {
      await (sending ??= flow().finally(() => (sending = undefined)));
    },
    /** Sends the rest. */
    async end() {
      isOver = true;
      // What it failed of may be over.
      await sending?.catch(() => undefined);
      await flow();
    },
    sent: () => Math.min(its.sent * its.part_size, its.bytes) + gone,
    isStuck: () => isStuck,
  };
}
