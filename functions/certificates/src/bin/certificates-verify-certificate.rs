//! GET /v1/verify/{certificate_no}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::verify_certificate::VerifyCertificate>()
}
