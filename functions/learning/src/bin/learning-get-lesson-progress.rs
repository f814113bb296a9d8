//! GET /v1/lessons/{lesson_id}/progress

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::get_lesson_progress::GetLessonProgress>()
}
