//! A certificate: what was true when it was issued, kept as it was then.

use kernel::{CertificateId, CourseId, EnrollmentId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CertificateNo;

/// Where a certificate stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum CertificateStatus {
    /// Its PDF, or a newer one, is being made.
    Rendering,
    Ready,
    Revoked,
}

/// A PDF that was made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rendering {
    /// Which of the wanted renderings it is.
    pub count: u32,
    /// Where it lies in the bucket.
    pub object: String,
    /// Signed by the school over what the PDF says: a compact JWS.
    pub credential: String,
}

/// Why a certificate no longer counts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Revocation {
    pub revoked_at: Timestamp,
    pub reason: String,
}

/// A certificate: one for each enrolment, whose id it bears.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    pub id: CertificateId,
    pub number: CertificateNo,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub learner_name: String,
    pub course_title: String,
    pub instructor_name: String,
    pub duration_minutes: u32,
    pub completed_at: Timestamp,
    pub issued_at: Timestamp,
    /// How many renderings were asked for, the first one by issuing.
    pub renderings: u32,
    /// The newest that was made.
    pub rendering: Option<Rendering>,
    pub revocation: Option<Revocation>,
}

impl Certificate {
    /// The id of the certificate for an enrolment: the same UUID, so that there cannot be two.
    #[must_use]
    pub fn id_for(enrollment: EnrollmentId) -> CertificateId {
        CertificateId::from_uuid(enrollment.uuid())
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> CertificateStatus {
        match (&self.revocation, &self.rendering) {
            (Some(_), _) => CertificateStatus::Revoked,
            (None, Some(made)) if made.count >= self.renderings => CertificateStatus::Ready,
            (None, _) => CertificateStatus::Rendering,
        }
    }

    /// The PDF to hand out: the newest there is, even while a newer one is being made, and none once revoked.
    #[must_use]
    pub fn pdf(&self) -> Option<&Rendering> {
        self.rendering.as_ref().filter(|_| self.revocation.is_none())
    }
}
