//! GET /v1/certificates/{certificate_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::get_certificate::GetCertificate>()
}
