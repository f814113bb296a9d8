// What was recorded and is not at the school yet. The browser keeps it, so that a closed tab or an outage loses none of it.

/**
 * @typedef {object} Kept
 * @property {string} recording_id
 * @property {string} video_id
 * @property {string} upload_id
 * @property {number} part_size
 * @property {string} user_id Whose it is: others may use this browser too.
 * @property {string} title
 * @property {string} content_type
 * @property {number} begun_at
 * @property {number} seconds
 * @property {number} bytes Of all that was recorded.
 * @property {number} sent How many parts have arrived; those are not kept.
 */

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((done, failed) => {
    const opening = indexedDB.open("lectern-recordings", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("recordings", { keyPath: "recording_id" });
      opening.result.createObjectStore("pieces");
    };
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
}

/**
 * One transaction: all of it is kept, or nothing.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(recordings: IDBObjectStore, pieces: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const transaction = (await (opened ??= database())).transaction(["recordings", "pieces"], mode);
  const request = work(transaction.objectStore("recordings"), transaction.objectStore("pieces"));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => failed(transaction.error);
  });
}

/** The pieces of a part, in their order; of all parts without a number. @param {Kept} its @param {number} [number] */
function piecesOf({ recording_id }, number) {
  const place = number === undefined ? [recording_id] : [recording_id, number];
  return IDBKeyRange.bound(place, [...place, []]);
}

/** Those of a person, the oldest first. @param {string} user_id @returns {Promise<Kept[]>} */
export async function keptBy(user_id) {
  /** @type {Kept[]} */
  const all = await within("readonly", (recordings) => recordings.getAll());
  return all.filter((its) => its.user_id === user_id).sort((a, b) => a.begun_at - b.begun_at);
}

let turn = Promise.resolve();
/**
 * Changes what is known of a recording along with its pieces. One at a time, since each writes all that is known.
 * @param {Kept} its @param {Partial<Kept>} change @param {(pieces: IDBObjectStore) => void} [work]
 */
function write(its, change, work = () => {}) {
  const written = turn.then(async () => {
    await within("readwrite", (recordings, pieces) => {
      work(pieces);
      return recordings.put({ ...its, ...change });
    });
    Object.assign(its, change);
  });
  turn = written.catch(() => {});
  return written;
}

/** @param {Kept} its */
export function begin(its) {
  return write(its, {});
}

/** Adds what was recorded; no piece belongs to two parts. @param {Kept} its @param {Blob} recorded */
export async function keep(its, recorded) {
  for (let rest = recorded; rest.size > 0; ) {
    const number = Math.floor(its.bytes / its.part_size) + 1;
    const piece = rest.slice(0, number * its.part_size - its.bytes);
    await write(its, { bytes: its.bytes + piece.size }, (pieces) => pieces.put(piece, [its.recording_id, number, its.bytes]));
    rest = rest.slice(piece.size);
  }
}

/** @param {Kept} its @param {number} number */
export async function part(its, number) {
  return new Blob(await within("readonly", (_, pieces) => pieces.getAll(piecesOf(its, number))));
}

/** All of it, while none has been sent. @param {Kept} its */
export async function whole(its) {
  return new Blob(await within("readonly", (_, pieces) => pieces.getAll(piecesOf(its))), { type: its.content_type });
}

/** The next part has arrived. @param {Kept} its */
export function arrived(its) {
  const sent = its.sent + 1;
  return write(its, { sent }, (pieces) => pieces.delete(piecesOf(its, sent)));
}

/** @param {Kept} its */
export async function forget(its) {
  await within("readwrite", (recordings, pieces) => {
    pieces.delete(piecesOf(its));
    return recordings.delete(its.recording_id);
  });
}

/** Held by the tab that records it or sends the rest of it. @param {{ recording_id: string }} its */
export function lockOf({ recording_id }) {
  return `lectern-recording-${recording_id}`;
}
