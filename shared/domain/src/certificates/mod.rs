//! What a learner gets for completing a course.

mod certificate;
mod code;
mod codes;
mod events;
mod ids;
mod initials;
mod number;
pub mod rules;
mod template;

pub use certificate::{
    Certificate, CertificateStatus, Correction, LearnerName, Reason, Rendering, Revocation,
};
pub use code::CodeKey;
pub use codes::{ALREADY_REVOKED, NAME_SETTLED};
pub(crate) use events::EVENTS;
pub use events::{CertificateChanged, CertificateIssued, CertificateRendered, CertificateRevoked};
pub use ids::{CertificateId, CertificateKind};
pub use initials::initials;
pub use number::CertificateNo;
pub use template::{CertificateTemplate, Color, Heading, MAX_LOGO_BYTES, Signatory, Statement};
