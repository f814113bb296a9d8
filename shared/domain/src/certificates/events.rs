//! What happens to certificates, as others are told of it.

use kernel::UserId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CertificateId, CertificateNo};
use crate::{
    catalog::CourseId,
    event::{EventData, EventType},
};

/// All of them.
pub(crate) const EVENTS: &[EventType] = &[
    EventType::of::<CertificateIssued>(),
    EventType::of::<CertificateChanged>(),
    EventType::of::<CertificateRendered>(),
    EventType::of::<CertificateRevoked>(),
];

/// A completed course became a certificate: its number is taken, its PDF is to be made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateIssued {
    pub certificate_id: CertificateId,
    pub certificate_no: CertificateNo,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub course_title: String,
    pub learner_name: String,
}

impl EventData for CertificateIssued {
    const TYPE: &'static str = "certificate.issued";
    const VERSION: u32 = 1;
}

/// What a certificate says or looks like changed: its PDF is to be made again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateChanged {
    pub certificate_id: CertificateId,
    pub user_id: UserId,
}

impl EventData for CertificateChanged {
    const TYPE: &'static str = "certificate.changed";
    const VERSION: u32 = 1;
}

/// A certificate's PDF was made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRendered {
    pub certificate_id: CertificateId,
    pub certificate_no: CertificateNo,
    pub user_id: UserId,
    pub course_title: String,
    /// Counts from 1; only the first is announced to the learner.
    pub rendering: u32,
}

impl EventData for CertificateRendered {
    const TYPE: &'static str = "certificate.rendered";
    const VERSION: u32 = 1;
}

/// A certificate no longer counts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRevoked {
    pub certificate_id: CertificateId,
    pub certificate_no: CertificateNo,
    pub user_id: UserId,
    pub reason: String,
}

impl EventData for CertificateRevoked {
    const TYPE: &'static str = "certificate.revoked";
    const VERSION: u32 = 1;
}
