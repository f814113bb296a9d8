//! POST /v1/courses/{course_id}/publish

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::publish_course::PublishCourse>()
}
