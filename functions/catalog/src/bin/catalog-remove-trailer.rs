//! DELETE /v1/courses/{course_id}/trailer

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::remove_trailer::RemoveTrailer>()
}
