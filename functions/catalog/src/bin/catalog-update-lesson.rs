//! PATCH /v1/lessons/{lesson_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::update_lesson::UpdateLesson>()
}
