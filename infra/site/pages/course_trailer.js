// /studio/courses/{course_id}/trailer

import { ownOnly, studio } from "../parts/studio.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open(visit) {
  const { api, session, text, parameters } = visit;
  const path = { course_id: parameters.course_id ?? "" };
  const { id, slug, title, author_id, trailer_video_id } = await api.get("/v1/courses/{course_id}", { path });
  ownOnly(await session.user(), author_id);
  await studio(visit, {
    id,
    name: text("trailer.title"),
    title,
    hint: text("trailer.hint"),
    video_id: trailer_video_id,
    back: { href: `/courses/${slug}`, words: text("trailer.course") },
    begin: (body, signal) => api.post("/v1/courses/{course_id}/trailer", { path, body, signal }),
    remove: () => api.delete("/v1/courses/{course_id}/trailer", { path }),
  });
}
