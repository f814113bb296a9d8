//! GET /v1/courses/{course_id}/progress

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::get_course_progress::GetCourseProgress>()
}
