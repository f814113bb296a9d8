// /studio/lessons/{lesson_id}/video

import { ownOnly, studio } from "../parts/studio.js";

export const needsAccount = true;

/** @param {import("../router.js").Visit} visit */
export async function open(visit) {
  const { api, session, text, parameters } = visit;
  const path = { lesson_id: parameters.lesson_id ?? "" };
  const { id, course_id, title, content_type, video_id } = await api.get("/v1/lessons/{lesson_id}", { path });
  const { author_id } = await api.get("/v1/courses/{course_id}", { path: { course_id } });
  ownOnly(await session.user(), author_id);
  await studio(visit, {
    id,
    name: text("upload.title"),
    title,
    video_id,
    back: { href: `/lessons/${id}`, words: text("upload.lesson") },
    closed: content_type === "video" ? "" : text("upload.not_a_video_lesson"),
    begin: (body, signal) => api.post("/v1/lessons/{lesson_id}/video", { path, body, signal }),
  });
}
