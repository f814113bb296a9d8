//! POST /v1/modules/{module_id}/lessons

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::add_lesson::AddLesson>()
}
