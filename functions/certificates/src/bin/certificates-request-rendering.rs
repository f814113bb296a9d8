//! POST /v1/certificates/{certificate_id}/render

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::request_rendering::RequestRendering>()
}
