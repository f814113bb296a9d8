//! certificate.issued, certificate.changed → a PDF in the bucket

fn main() -> Result<(), runtime::Error> {
    runtime::serve_consumer::<certificates::render_certificate::RenderCertificate>()
}
