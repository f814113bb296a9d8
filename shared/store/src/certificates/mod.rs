//! Certificates: unique by their key, listed by time of issue in an index.

pub(crate) mod keys;
mod sequence;

use domain::certificates::{Certificate, CertificateTemplate};
use kernel::School;

pub use sequence::Sequence;

use crate::core::entity::Entity;

impl Entity for Certificate {
    const TYPE: &'static str = "certificate";

    fn index(&self, school: &School) -> Option<(String, String)> {
        Some(keys::certificate_index(school, self.user_id, self.number, self.issued_at))
    }
}

impl Entity for CertificateTemplate {
    const TYPE: &'static str = "certificate_template";
}
