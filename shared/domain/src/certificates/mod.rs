//! What a learner gets for completing a course.

mod certificate;
mod code;
mod initials;
mod number;
mod template;

pub use certificate::{Certificate, CertificateStatus, Correction, Rendering, Revocation};
pub use code::CodeKey;
pub use initials::initials;
pub use number::CertificateNo;
pub use template::{CertificateTemplate, Color, MAX_LOGO_BYTES};
