//! POST /v1/courses/{course_id}/enroll

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::enroll::Enroll>()
}
