//! GET /v1/me/courses

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::list_my_courses::ListMyCourses>()
}
