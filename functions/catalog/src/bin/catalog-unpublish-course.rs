//! POST /v1/courses/{course_id}/unpublish

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::unpublish_course::UnpublishCourse>()
}
