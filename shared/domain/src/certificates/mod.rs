//! What a learner gets for completing a course.

mod certificate;
mod number;
mod template;

pub use certificate::{Certificate, CertificateStatus, Rendering, Revocation};
pub use number::CertificateNo;
pub use template::{CertificateTemplate, Color, MAX_LOGO_BYTES};
