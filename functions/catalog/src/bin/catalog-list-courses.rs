//! GET /v1/courses

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::list_courses::ListCourses>()
}
