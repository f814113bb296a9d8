//! GET /v1/lessons/{lesson_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::get_lesson::GetLesson>()
}
