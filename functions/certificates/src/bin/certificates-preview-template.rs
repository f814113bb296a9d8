//! POST /v1/courses/{course_id}/certificate-template/preview

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::preview_template::PreviewTemplate>()
}
