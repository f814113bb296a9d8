//! POST /v1/courses

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::create_course::CreateCourse>()
}
