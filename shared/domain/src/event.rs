//! What happened, told to whoever subscribes. An event is self-contained: a consumer never joins two of them (R4).
//! Within a version a payload only gains optional fields.

use kernel::{CertificateId, CourseId, EnrollmentId, EventId, LessonId, School, Timestamp, UserId};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{certificates::CertificateNo, identity::Role};

/// The payload of one type of event.
pub trait EventData: Serialize + DeserializeOwned + JsonSchema {
    /// `<thing>.<past tense verb>`.
    const TYPE: &'static str;
    /// Rises when a payload changes in a way that old readers cannot take.
    const VERSION: u32;
}

/// An event in its envelope, as it stands in the outbox and travels through queues.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: String,
    pub version: u32,
    pub occurred_at: Timestamp,
    pub school: School,
    /// Who caused it; absent for jobs.
    pub actor: Option<UserId>,
    /// The request that started the chain.
    pub correlation_id: String,
    /// The event that caused this one, if one did.
    pub causation_id: Option<EventId>,
    pub data: Value,
}

impl Event {
    /// Reads the payload.
    ///
    /// # Errors
    /// Another type, a newer version, or a payload that does not fit: the message belongs to the DLQ.
    pub fn data<D: EventData>(&self) -> Result<D, String> {
        if self.event_type != D::TYPE || self.version != D::VERSION {
            return Err(format!(
                "expected {} v{}, got {} v{}",
                D::TYPE,
                D::VERSION,
                self.event_type,
                self.version
            ));
        }
        serde_json::from_value(self.data.clone())
            .map_err(|error| format!("{} v{}: {error}", D::TYPE, D::VERSION))
    }
}

/// Somebody made an account.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserRegistered {
    pub user_id: UserId,
    pub first_name: String,
    pub last_name: String,
}

impl EventData for UserRegistered {
    const TYPE: &'static str = "user.registered";
    const VERSION: u32 = 1;
}

/// Somebody wants the mail again that confirms their address.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserVerificationRequested {
    pub user_id: UserId,
}

impl EventData for UserVerificationRequested {
    const TYPE: &'static str = "user.verification_requested";
    const VERSION: u32 = 1;
}

/// Somebody asked for a new password for an address.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserPasswordForgotten {
    /// Nobody, where no account has the address: that is told too, so that asking takes the same work either way.
    pub user_id: Option<UserId>,
}

impl EventData for UserPasswordForgotten {
    const TYPE: &'static str = "user.password_forgotten";
    const VERSION: u32 = 1;
}

/// An admin changed what an account may do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserRolesChanged {
    pub user_id: UserId,
    pub before: Vec<Role>,
    pub after: Vec<Role>,
}

impl EventData for UserRolesChanged {
    const TYPE: &'static str = "user.roles_changed";
    const VERSION: u32 = 1;
}

/// A course became visible to learners.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoursePublished {
    pub course_id: CourseId,
    pub author_id: UserId,
    pub title: String,
    pub slug: String,
}

impl EventData for CoursePublished {
    const TYPE: &'static str = "course.published";
    const VERSION: u32 = 1;
}

/// A course went out of sight; its learners keep it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CourseUnpublished {
    pub course_id: CourseId,
    pub author_id: UserId,
    pub title: String,
}

impl EventData for CourseUnpublished {
    const TYPE: &'static str = "course.unpublished";
    const VERSION: u32 = 1;
}

/// A learner got access to a course.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EnrollmentCreated {
    pub enrollment_id: EnrollmentId,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub course_title: String,
    pub learner_name: String,
}

impl EventData for EnrollmentCreated {
    const TYPE: &'static str = "enrollment.created";
    const VERSION: u32 = 1;
}

/// A learner completed a lesson, for the first and only time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LessonCompleted {
    pub user_id: UserId,
    pub course_id: CourseId,
    pub lesson_id: LessonId,
    pub completed_at: Timestamp,
}

impl EventData for LessonCompleted {
    const TYPE: &'static str = "lesson.completed";
    const VERSION: u32 = 1;
}

/// A learner completed a course, for the first and only time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CourseCompleted {
    pub enrollment_id: EnrollmentId,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub course_title: String,
    pub author_id: UserId,
    pub learner_name: String,
    pub duration_minutes: u32,
    pub completed_at: Timestamp,
}

impl EventData for CourseCompleted {
    const TYPE: &'static str = "course.completed";
    const VERSION: u32 = 1;
}

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

/// Every event type with its version and the schema of its payload: what `events/schemas` holds.
#[must_use]
pub fn schemas() -> Vec<(&'static str, u32, Schema)> {
    fn of<D: EventData>() -> (&'static str, u32, Schema) {
        // A reader of one file has it all.
        let whole = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        (D::TYPE, D::VERSION, whole.into_generator().into_root_schema_for::<D>())
    }
    vec![
        of::<UserRegistered>(),
        of::<UserVerificationRequested>(),
        of::<UserPasswordForgotten>(),
        of::<UserRolesChanged>(),
        of::<CoursePublished>(),
        of::<CourseUnpublished>(),
        of::<EnrollmentCreated>(),
        of::<LessonCompleted>(),
        of::<CourseCompleted>(),
        of::<CertificateIssued>(),
        of::<CertificateChanged>(),
        of::<CertificateRendered>(),
        of::<CertificateRevoked>(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `events/goldens/<type>.v<N>.json`, which is kept for ever, and writes it back unchanged.
    fn survives<D: EventData>() {
        let file =
            format!("{}/../../events/goldens/{}.v{}.json", env!("CARGO_MANIFEST_DIR"), D::TYPE, D::VERSION);
        let golden = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let event: Event = serde_json::from_str(&golden).unwrap();
        let data: D = event.data().unwrap();
        assert_eq!(serde_json::to_value(&data).unwrap(), event.data, "{file}");
        let golden: Value = serde_json::from_str(&golden).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), golden, "{file}");
    }

    #[test]
    fn the_goldens_of_every_version_are_read_for_ever() {
        survives::<UserRegistered>();
        survives::<UserVerificationRequested>();
        survives::<UserPasswordForgotten>();
        survives::<UserRolesChanged>();
        survives::<CoursePublished>();
        survives::<CourseUnpublished>();
        survives::<EnrollmentCreated>();
        survives::<LessonCompleted>();
        survives::<CourseCompleted>();
        survives::<CertificateIssued>();
        survives::<CertificateChanged>();
        survives::<CertificateRendered>();
        survives::<CertificateRevoked>();
        let goldens =
            std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/goldens")).unwrap();
        assert_eq!(goldens.count(), schemas().len(), "a golden for each version of each type");
    }

    #[test]
    fn another_type_or_version_is_not_read() {
        let event = Event {
            id: EventId::generate(Timestamp::from_millis(0)),
            event_type: LessonCompleted::TYPE.to_owned(),
            version: 2,
            occurred_at: Timestamp::from_millis(0),
            school: "main".parse().unwrap(),
            actor: None,
            correlation_id: String::new(),
            causation_id: None,
            data: Value::Null,
        };
        assert!(event.data::<LessonCompleted>().unwrap_err().contains("v2"));
        assert!(event.data::<CourseCompleted>().is_err());
    }
}
