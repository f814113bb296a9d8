//! GET /v1/instructor/courses

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::list_authored_courses::ListAuthoredCourses>()
}
