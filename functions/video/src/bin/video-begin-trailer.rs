//! POST /v1/courses/{course_id}/trailer

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::begin_trailer::BeginTrailer>()
}
