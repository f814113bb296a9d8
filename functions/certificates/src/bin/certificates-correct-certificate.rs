//! POST /v1/admin/certificates/{certificate_id}/correct

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::correct_certificate::CorrectCertificate>()
}
