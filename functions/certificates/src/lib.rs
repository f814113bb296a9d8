//! Certificates: issued once for each completed course, rendered, shown, verified by anyone, revoked.

mod accept;
mod access;
pub mod correct_certificate;
pub mod credential;
mod draw;
pub mod get_certificate;
pub mod get_template;
pub mod issue_certificate;
pub mod list_my_certificates;
pub mod preview_template;
pub mod render_certificate;
pub mod request_rendering;
pub mod revoke_certificate;
pub mod set_template;
pub mod verify_certificate;
mod view;

pub use view::{CertificateView, MyCertificate, TemplateView};

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<correct_certificate::CorrectCertificate>()
        .endpoint::<get_certificate::GetCertificate>()
        .endpoint::<get_template::GetTemplate>()
        .endpoint::<list_my_certificates::ListMyCertificates>()
        .endpoint::<preview_template::PreviewTemplate>()
        .endpoint::<request_rendering::RequestRendering>()
        .endpoint::<revoke_certificate::RevokeCertificate>()
        .endpoint::<set_template::SetTemplate>()
        .endpoint::<verify_certificate::VerifyCertificate>()
        .consumer::<issue_certificate::IssueCertificate>()
        .consumer::<render_certificate::RenderCertificate>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
