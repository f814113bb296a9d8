//! GET /v1/courses/{course_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::get_course::GetCourse>()
}
