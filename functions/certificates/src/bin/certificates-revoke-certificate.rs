//! POST /v1/admin/certificates/{certificate_id}/revoke

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<certificates::revoke_certificate::RevokeCertificate>()
}
