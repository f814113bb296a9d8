// /learn/{course_id}: goes on where the learner left off.

/** @param {import("../router.js").Visit} visit */
export async function open({ api, go, parameters }) {
  const progress = await api.get("/v1/courses/{course_id}/progress", { path: { course_id: parameters.course_id ?? "" } });
  const begun = progress.lessons.find(({ status }) => status === "in_progress");
  const next = begun ?? progress.lessons.find(({ status }) => status !== "completed") ?? progress.lessons[0];
  await go(next ? `/lessons/${next.lesson_id}` : "/learn", true);
}

export const needsAccount = true;
