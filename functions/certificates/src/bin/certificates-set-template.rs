//! PUT /v1/courses/{course_id}/certificate-template

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::set_template::SetTemplate>()
}
