//! A certificate: what was true when it was issued, kept as it was then.

use kernel::{Code, Error, Line, Result, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ALREADY_REVOKED, CertificateId, CertificateNo, CodeKey, NAME_SETTLED};
use crate::{
    catalog::CourseId,
    learning::{CourseCompleted, EnrollmentId},
};

/// How long after the issue learners may correct their name by themselves.
const OWN_CORRECTION_SECONDS: i64 = 30 * 24 * 3600;

/// All are kept, so there must be an end (R7).
const MAX_CORRECTIONS: usize = 20;

/// The name on a certificate: first and last name.
pub type LearnerName = Line<1, 201>;
/// Why a certificate was revoked or corrected.
pub type Reason = Line<1, 500>;

/// Where a certificate stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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
pub struct Revocation {
    pub revoked_at: Timestamp,
    pub reason: Reason,
}

/// A name that was corrected. The name is what a certificate is worth, so who changed it and from what stays known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Correction {
    pub corrected_at: Timestamp,
    pub by: UserId,
    pub before: String,
    /// Of an admin's correction.
    pub reason: Option<Reason>,
}

/// A certificate: one for each enrolment, whose id it bears.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    pub id: CertificateId,
    pub number: CertificateNo,
    pub user_id: UserId,
    pub course_id: CourseId,
    /// As it was at the issue, or was corrected to.
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
    /// Oldest first.
    #[serde(default)]
    pub corrections: Vec<Correction>,
    /// Issued before there were codes, a certificate gets one with its next rendering.
    #[serde(default)]
    pub code_key: Option<CodeKey>,
}

impl Certificate {
    /// The certificate of a completed course. Its PDF is still to be made.
    #[must_use]
    pub fn issue(
        completed: &CourseCompleted,
        instructor_name: String,
        number: CertificateNo,
        code_key: CodeKey,
        now: Timestamp,
    ) -> Self {
        Self {
            id: Self::id_for(completed.enrollment_id),
            number,
            user_id: completed.user_id,
            course_id: completed.course_id,
            learner_name: completed.learner_name.clone(),
            course_title: completed.course_title.clone(),
            instructor_name,
            duration_minutes: completed.duration_minutes,
            completed_at: completed.completed_at,
            issued_at: now,
            renderings: 1,
            rendering: None,
            revocation: None,
            corrections: Vec::new(),
            code_key: Some(code_key),
        }
    }

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

    /// The code on its rendering with that number.
    #[must_use]
    pub fn code(&self, rendering: u32) -> Option<String> {
        self.code_key.as_ref().map(|key| key.code(rendering))
    }

    /// Which of its renderings bears a code that somebody typed.
    #[must_use]
    pub fn rendering_with(&self, code: &str) -> Option<u32> {
        self.code_key.as_ref()?.rendering_with(code, self.renderings)
    }

    /// Where anybody verifies the rendering with that number, at a school's address: what its QR code says.
    #[must_use]
    pub fn verify_url(&self, site: &str, rendering: u32) -> String {
        let code = self.code(rendering).map(|code| format!("?code={code}")).unwrap_or_default();
        format!("{site}/v1/verify/{}{code}", self.number)
    }

    /// Until when its learner may correct the name: once, unless an admin did.
    #[must_use]
    pub fn correctable_until(&self) -> Option<Timestamp> {
        let untouched = self.revocation.is_none() && self.corrections.is_empty();
        untouched.then(|| self.issued_at.plus_seconds(OWN_CORRECTION_SECONDS))
    }

    /// Takes it back, for good.
    ///
    /// # Errors
    /// [`ALREADY_REVOKED`].
    pub fn revoke(&mut self, reason: Reason, now: Timestamp) -> Result<()> {
        if self.revocation.is_some() {
            return Err(Error::new(ALREADY_REVOKED, "its revocation stands with the reason given then"));
        }
        self.revocation = Some(Revocation { revoked_at: now, reason });
        Ok(())
    }

    /// Wants another rendering.
    ///
    /// # Errors
    /// [`ALREADY_REVOKED`].
    pub fn redraw(&mut self) -> Result<()> {
        if self.revocation.is_some() {
            return Err(Error::new(ALREADY_REVOKED, "what was revoked is not rendered again"));
        }
        self.renderings += 1;
        Ok(())
    }

    /// Wants another rendering with the name as its learner corrects it. The name that it bears is not a correction, so that a
    /// request whose reply got lost can be sent again.
    ///
    /// # Errors
    /// It was corrected before, was issued too long ago or was revoked.
    pub fn correct_own_name(&mut self, name: LearnerName, now: Timestamp) -> Result<()> {
        let name = String::from(name);
        let in_time = self.correctable_until().is_some_and(|until| now <= until);
        if name != self.learner_name && !in_time && self.revocation.is_none() {
            return Err(Error::new(
                NAME_SETTLED,
                "learners correct it once, in the 30 days after the issue; ask an admin of the school",
            ));
        }
        self.redraw()?;
        self.rename(name, None, self.user_id, now);
        Ok(())
    }

    /// Wants another rendering with the name as an admin corrects it; nothing where it bears that name already.
    ///
    /// # Errors
    /// It was revoked or corrected too often.
    pub fn correct_name(
        &mut self,
        name: LearnerName,
        reason: Reason,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let name = String::from(name);
        if self.revocation.is_none() && name == self.learner_name {
            return Ok(());
        }
        if self.corrections.len() >= MAX_CORRECTIONS {
            return Err(Error::new(Code::LIMIT_REACHED, "a name is corrected at most 20 times"));
        }
        self.redraw()?;
        self.rename(name, Some(reason), by, now);
        Ok(())
    }

    fn rename(&mut self, name: String, reason: Option<Reason>, by: UserId, corrected_at: Timestamp) {
        if name != self.learner_name {
            let before = std::mem::replace(&mut self.learner_name, name);
            self.corrections.push(Correction { corrected_at, by, before, reason });
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;

    const ISSUED: Timestamp = Timestamp::from_millis(1_768_467_600_000);
    const DAY: i64 = 24 * 3600;

    fn certificate() -> Certificate {
        let completed = CourseCompleted {
            enrollment_id: Id::generate(ISSUED),
            user_id: Id::generate(ISSUED),
            course_id: Id::generate(ISSUED),
            course_title: "Knots".to_owned(),
            author_id: Id::generate(ISSUED),
            learner_name: "Grace Hoper".to_owned(),
            duration_minutes: 60,
            completed_at: ISSUED,
        };
        let number = "CERT-2026-000123".parse().unwrap();
        Certificate::issue(&completed, "Ada".to_owned(), number, CodeKey::new([7; 16]), ISSUED)
    }

    fn code_of(result: Result<()>) -> Option<Code> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn an_issued_certificate_waits_for_its_first_rendering() {
        let it = certificate();
        assert_eq!((it.status(), it.renderings, it.pdf()), (CertificateStatus::Rendering, 1, None));
        assert!(it.code(1).is_some());
    }

    #[test]
    fn learners_correct_their_name_once_in_thirty_days() {
        let last_moment = ISSUED.plus_seconds(30 * DAY);
        let mut own = certificate();
        assert_eq!(
            code_of(own.correct_own_name("Other".into(), Timestamp::from_millis(last_moment.millis() + 1))),
            Some(NAME_SETTLED)
        );
        own.correct_own_name(" Grace Hopper ".into(), last_moment).unwrap();
        assert_eq!(own.learner_name, "Grace Hopper");
        let [correction] = own.corrections.as_slice() else { panic!("{own:?}") };
        assert_eq!(
            (correction.before.as_str(), correction.by, correction.corrected_at),
            ("Grace Hoper", own.user_id, last_moment)
        );
        assert_eq!((own.correctable_until(), correction.reason.as_ref()), (None, None));
        assert_eq!(code_of(own.correct_own_name("Another".into(), ISSUED)), Some(NAME_SETTLED));
        own.correct_own_name("Grace Hopper".into(), last_moment.plus_seconds(DAY)).unwrap();
        assert_eq!((own.corrections.len(), own.renderings), (1, 3), "rendered again, not corrected");
    }

    #[test]
    fn what_an_admin_corrected_is_settled() {
        let mut it = certificate();
        let admin = Id::generate(ISSUED);
        it.correct_name(
            "Grace Hopper".into(),
            " Showed a passport. ".into(),
            admin,
            ISSUED.plus_seconds(90 * DAY),
        )
        .unwrap();
        let [correction] = it.corrections.as_slice() else { panic!("{it:?}") };
        assert_eq!((correction.by, correction.reason.as_deref()), (admin, Some("Showed a passport.")));
        assert_eq!(code_of(it.correct_own_name("Grace Hoper".into(), ISSUED)), Some(NAME_SETTLED));
        it.correct_name("Grace Hopper".into(), "Again.".into(), admin, ISSUED).unwrap();
        assert_eq!((it.corrections.len(), it.renderings), (1, 2), "a repeated request changes nothing");
        for n in 1..MAX_CORRECTIONS {
            it.correct_name(format!("Grace {n}").into(), "Again.".into(), admin, ISSUED).unwrap();
        }
        assert_eq!(
            code_of(it.correct_name("Grace".into(), "Again.".into(), admin, ISSUED)),
            Some(Code::LIMIT_REACHED)
        );
    }

    #[test]
    fn what_was_revoked_stays_as_it_is() {
        let mut it = certificate();
        it.revoke(" A mistake. ".into(), ISSUED).unwrap();
        let before = it.clone();
        let revocation = Some(Revocation { revoked_at: ISSUED, reason: "A mistake.".into() });
        assert_eq!((it.status(), &it.revocation), (CertificateStatus::Revoked, &revocation));
        assert_eq!(code_of(it.revoke("Another.".into(), ISSUED)), Some(ALREADY_REVOKED));
        assert_eq!(code_of(it.redraw()), Some(ALREADY_REVOKED));
        assert_eq!(code_of(it.correct_own_name("Other".into(), ISSUED)), Some(ALREADY_REVOKED));
        assert_eq!(
            code_of(it.correct_name("Grace Hoper".into(), "x".into(), it.user_id, ISSUED)),
            Some(ALREADY_REVOKED)
        );
        assert_eq!(
            code_of(it.correct_name("Other".into(), "x".into(), it.user_id, ISSUED)),
            Some(ALREADY_REVOKED)
        );
        assert_eq!(it, before);
    }

    #[test]
    fn each_rendering_is_verified_at_an_address_of_its_own() {
        let mut it = certificate();
        let first = it.verify_url("https://school.example", 1);
        let (page, code) = first.split_once("?code=").unwrap();
        assert_eq!(page, "https://school.example/v1/verify/CERT-2026-000123");
        assert_eq!((it.rendering_with(code), it.rendering_with(&it.code(2).unwrap())), (Some(1), None));
        it.redraw().unwrap();
        assert_eq!((it.rendering_with(code), it.rendering_with(&it.code(2).unwrap())), (Some(1), Some(2)));
        it.code_key = None;
        assert_eq!(it.verify_url("https://school.example", 1), page);
        assert_eq!(it.rendering_with(code), None);
    }

    #[test]
    fn a_certificate_from_before_there_were_codes_is_read() {
        let mut item = serde_json::to_value(certificate()).unwrap();
        let members = item.as_object_mut().unwrap();
        members.remove("code_key").unwrap();
        members.remove("corrections").unwrap();
        let old: Certificate = serde_json::from_value(item).unwrap();
        assert_eq!((old.code_key, old.corrections), (None, Vec::new()));
    }
}
