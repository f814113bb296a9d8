//! course.completed → a certificate with the next number

fn main() -> Result<(), runtime::Error> {
    runtime::serve_consumer::<certificates::issue_certificate::IssueCertificate>()
}
