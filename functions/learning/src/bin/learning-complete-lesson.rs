//! POST /v1/lessons/{lesson_id}/complete

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::complete_lesson::CompleteLesson>()
}
