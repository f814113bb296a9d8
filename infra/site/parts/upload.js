// A file on its way to the school: at once where it is small, otherwise in parts, of which only those are sent again that
// have not arrived.

import { Refusal } from "../lib/lectern.js";

/** @typedef {import("../lib/lectern.js").Lectern} Lectern */
/** @typedef {import("../lib/lectern.js").Schemas} Schemas */
/**
 * Where a video goes, by the id of what shows it.
 * @typedef {{ id: string, begin: (body: Schemas["BeginUploadInput"], signal: AbortSignal) => Promise<Schemas["BegunUpload"]> }} Destination
 */
/**
 * An upload in parts that has begun, and the file that it was begun with.
 * @typedef {{ video_id: string, upload_id: string, part_size: number, name: string, size: number, lastModified: number }} Begun
 */

/** @satisfies {Record<string, Schemas["VideoType"]>} */
const TYPES = /** @type {const} */ ({
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
});
/** What a file chooser is to offer. */
export const ACCEPT = [...new Set(Object.values(TYPES)), ...Object.keys(TYPES).map((name) => `.${name}`)].join();
export const MOST_BYTES = 60_397_977_600;
const AT_ONCE = 3;
const TRIES = 6;
/** A link is good for an hour: none is asked for long before its part's turn. */
const LINKS = 10;
export const LONGEST_PAUSE_MS = 30_000;

/** By its type or, where the browser knows none, by the end of its name. @param {File} file */
export function typeOf({ name, type }) {
  const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
  return Object.values(TYPES).find((known) => known === type) ?? Object.entries(TYPES).find(([known]) => known === ending)?.[1];
}

/** @param {string} id @returns {Begun | undefined} */
export function begunFor(id) {
  return JSON.parse(localStorage.getItem(place(id)) ?? "null") ?? undefined;
}

/** @param {string} id */
export function forget(id) {
  localStorage.removeItem(place(id));
}

/** The video that was sent last, until it is ready. @param {string} id @returns {string | undefined} */
export function sentFor(id) {
  return localStorage.getItem(sentPlace(id)) || undefined;
}

/** @param {string} id @param {string} video_id None once it is ready. */
export function remember(id, video_id) {
  if (video_id) localStorage.setItem(sentPlace(id), video_id);
  else localStorage.removeItem(sentPlace(id));
}

/** @param {Begun} begun @param {File} file */
export function isSame(begun, file) {
  return begun.name === file.name && begun.size === file.size && begun.lastModified === file.lastModified;
}

/** @param {string} id */
function place(id) {
  return `lectern-upload-${id}`;
}

/** @param {string} id */
function sentPlace(id) {
  return `lectern-sent-${id}`;
}

/**
 * Sends a file, or what is missing of it; called off, it can be called again.
 * @param {object} it
 * @param {Lectern} it.api
 * @param {Destination} it.to
 * @param {File} it.file
 * @param {(sent: number) => void} it.progress
 * @param {AbortSignal} it.signal
 * @returns {Promise<string>} The video.
 */
export async function upload({ api, to: { id, begin }, file, progress, signal }) {
  let begun = begunFor(id);
  /** @type {Map<number, string>} */
  const links = new Map();
  if (!begun) {
    const { name, size, lastModified } = file;
    const body = { filename: name, size_bytes: size, content_type: typeOf(file) ?? TYPES.mp4 };
    const { video_id, upload: its } = await begin(body, signal);
    if (!("upload_id" in its)) {
      await patiently(signal, () => put(its.url, file.slice(), its.headers, progress, signal));
      return video_id;
    }
    const { upload_id, part_size } = its;
    begun = { video_id, upload_id, part_size, name, size, lastModified };
    localStorage.setItem(place(id), JSON.stringify(begun));
    for (const { number, url } of its.parts) links.set(number, url);
  }
  const { video_id } = begun;
  try {
    await inParts(api, begun, links, file, progress, signal);
  } catch (error) {
    if (!(error instanceof Refusal) || !(error.is("upload_closed") || error.status === 404)) throw error;
    forget(id);
    // The answer to what ended it may have been lost.
    if (error.status === 404 || (await api.get("/v1/videos/{video_id}", { path: { video_id } })).status === "uploading") throw error;
  }
  forget(id);
  return video_id;
}

/**
 * @param {Lectern} api @param {Begun} begun @param {Map<number, string>} links @param {File} file
 * @param {(sent: number) => void} progress @param {AbortSignal} paused
 */
async function inParts(api, { video_id, upload_id, part_size }, links, file, progress, paused) {
  const path = { video_id };
  /** Bytes of each part that have been sent. @type {Map<number, number>} */
  const sent = new Map();
  const part = (/** @type {number} */ number) => file.slice((number - 1) * part_size, number * part_size);
  const count = () => progress([...sent.values()].reduce((sum, bytes) => sum + bytes, 0));

  for (let round = 0; ; round++) {
    // What has arrived is for the school to say: it also knows of parts whose answers were lost.
    const { uploaded } = await api.post("/v1/videos/{video_id}/upload/parts", { path, body: { numbers: [] }, signal: paused });
    for (const { number } of uploaded) sent.set(number, part(number).size);
    count();
    const arrived = new Set(uploaded.map(({ number }) => number));
    const queue = Array.from({ length: Math.ceil(file.size / part_size) }, (_, n) => n + 1).filter((number) => !arrived.has(number));
    if (queue.length === 0) {
      const parts = uploaded.map(({ number, etag }) => ({ number, etag }));
      await api.post("/v1/videos/{video_id}/upload/complete", { path, body: { upload_id, parts }, signal: paused });
      return;
    }
    if (round === TRIES) throw new Refusal(0, {});

    const failed = new AbortController();
    const signal = AbortSignal.any([paused, failed.signal]);
    let signing = Promise.resolve();
    /** @param {number} number */
    const link = async (number) => {
      signing = signing.then(async () => {
        if (links.has(number)) return;
        const numbers = [number, ...queue.filter((next) => !links.has(next)).slice(0, LINKS - 1)];
        const { parts } = await api.post("/v1/videos/{video_id}/upload/parts", { path, body: { numbers }, signal });
        for (const { number, url } of parts) links.set(number, url);
      });
      await signing;
      return links.get(number) ?? "";
    };
    const work = async () => {
      for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
        const its = number;
        await patiently(signal, async () => {
          const url = await link(its);
          // Whatever it fails of, the next try has a fresh one.
          links.delete(its);
          const gone = (/** @type {number} */ bytes) => {
            sent.set(its, bytes);
            count();
          };
          await put(url, part(its), {}, gone, signal);
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work)).catch((error) => {
      failed.abort();
      throw error;
    });
  }
}

/** Tries again after growing pauses. @param {AbortSignal} signal @param {() => Promise<void>} send */
export async function patiently(signal, send) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === TRIES - 1 || (error instanceof Refusal && error.problem.code)) throw error;
      await pause(Math.min(1000 * 2 ** attempt, LONGEST_PAUSE_MS), signal);
    }
  }
}

/** Ends sooner when there is a connection again. @param {number} ms @param {AbortSignal} signal */
export async function pause(ms, signal) {
  const over = new AbortController();
  await new Promise((done) => {
    setTimeout(done, ms);
    addEventListener("online", done, { signal: over.signal });
    signal.addEventListener("abort", done, { signal: over.signal });
  });
  over.abort();
  signal.throwIfAborted();
}

/**
 * With XMLHttpRequest, since fetch does not tell how much of a body has gone.
 * @param {string} url @param {Blob} body @param {Record<string, string>} headers
 * @param {(bytes: number) => void} progress @param {AbortSignal} signal @returns {Promise<void>}
 */
export function put(url, body, headers, progress, signal) {
  return new Promise((done, failed) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => {
      // What is sent at once replaces nothing: 412 answers a second try whose first has arrived.
      if (request.status >= 300 && request.status !== 412) return failed(new Refusal(request.status, {}));
      progress(body.size);
      done();
    };
    request.onerror = () => failed(new Refusal(0, {}));
    request.onabort = () => failed(signal.reason);
    request.send(body);
  });
}
