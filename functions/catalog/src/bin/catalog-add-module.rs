//! POST /v1/courses/{course_id}/modules

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::add_module::AddModule>()
}
