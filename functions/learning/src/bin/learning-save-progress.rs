//! PUT /v1/lessons/{lesson_id}/progress

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::save_progress::SaveProgress>()
}
