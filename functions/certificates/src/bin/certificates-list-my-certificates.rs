//! GET /v1/me/certificates

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::list_my_certificates::ListMyCertificates>()
}
