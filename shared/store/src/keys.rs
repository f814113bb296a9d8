//! The only place that builds keys. Each partition key begins with the school, each part is separated by `#`, and no
//! part but the last can hold one, so that different things never share a key.

use std::{fmt, marker::PhantomData};

use domain::{
    catalog::{
        Category, Course, CourseCard, Lesson, LessonSummary, ListingFilter, Module, Sort, SortPosition,
    },
    certificates::{Certificate, CertificateNo, CertificateTemplate},
    event::Event,
    identity::{Email, OneTimeToken, Session, TokenPurpose, User},
    learning::{Enrollment, LessonProgress},
    mail::{Delivery, Suppression},
};
use kernel::{
    CategoryId, CertificateId, CourseId, EnrollmentId, EventId, Id, Kind, LessonId, ModuleId, School,
    SessionId, Timestamp, UserId,
};
use sha2::{Digest, Sha256};

use crate::{
    idempotency::KeptReply,
    inbox::Receipt,
    outbox::OUTBOX_SHARDS,
    rate::{RateBucket, RateWindow},
    sequence::Sequence,
};

/// A partition of the table or of an index.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Partition(String);

impl Partition {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where one item of type `E` lives.
pub struct Key<E> {
    pub(crate) pk: String,
    pub(crate) sk: String,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for Key<E> {
    fn clone(&self) -> Self {
        Self { pk: self.pk.clone(), sk: self.sk.clone(), entity: PhantomData }
    }
}

impl<E> PartialEq for Key<E> {
    fn eq(&self, other: &Self) -> bool {
        (&self.pk, &self.sk) == (&other.pk, &other.sk)
    }
}

impl<E> fmt::Debug for Key<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}

/// A pointer from something unique (an email, a slug) or something ordered (an author's courses) to an id.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(bound = "")]
pub struct Pointer<K: Kind> {
    /// What it points at.
    pub target: Id<K>,
}

/// Points at a user.
pub type UserPointer = Pointer<kernel_kinds::User>;
/// Points at a course.
pub type CoursePointer = Pointer<kernel_kinds::Course>;
/// Points at a certificate.
pub type CertificatePointer = Pointer<kernel_kinds::Certificate>;
/// Points at a category.
pub type CategoryPointer = Pointer<kernel_kinds::Category>;

/// The kinds that pointers point at, by short names.
pub mod kernel_kinds {
    pub use kernel::{
        CategoryKind as Category, CertificateKind as Certificate, CourseKind as Course, UserKind as User,
    };
}

fn partition(school: &School, rest: fmt::Arguments<'_>) -> Partition {
    Partition(format!("S#{school}#{rest}"))
}

fn at<E>(partition: Partition, sk: impl fmt::Display) -> Key<E> {
    Key { pk: partition.0, sk: sk.to_string(), entity: PhantomData }
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A person's own partition: account and sessions and enrolments.
#[must_use]
pub fn user_partition(school: &School, id: UserId) -> Partition {
    partition(school, format_args!("USER#{id}"))
}

/// An account.
#[must_use]
pub fn user(school: &School, id: UserId) -> Key<User> {
    at(user_partition(school, id), "USER")
}

/// A sign-in of an account.
#[must_use]
pub fn session(school: &School, user: UserId, id: SessionId) -> Key<Session> {
    at(user_partition(school, user), format_args!("SESSION#{id}"))
}

/// Keeps an email unique and finds its account.
#[must_use]
pub fn email(school: &School, email: &Email) -> Key<UserPointer> {
    at(partition(school, format_args!("EMAIL#{email}")), "EMAIL")
}

/// Keeps a username unique and finds its account.
#[must_use]
pub fn username(school: &School, username: &str) -> Key<UserPointer> {
    at(partition(school, format_args!("USERNAME#{}", username.to_lowercase())), "USERNAME")
}

/// A course with its card, modules and lesson summaries.
#[must_use]
pub fn course_partition(school: &School, id: CourseId) -> Partition {
    partition(school, format_args!("COURSE#{id}"))
}

/// A course.
#[must_use]
pub fn course(school: &School, id: CourseId) -> Key<Course> {
    at(course_partition(school, id), "COURSE")
}

/// A course's card.
#[must_use]
pub fn course_card(school: &School, id: CourseId) -> Key<CourseCard> {
    at(course_partition(school, id), "CARD")
}

/// A module, beside its course.
#[must_use]
pub fn module(school: &School, course: CourseId, id: ModuleId) -> Key<Module> {
    at(course_partition(school, course), format_args!("MODULE#{id}"))
}

/// Finds a module's course.
#[must_use]
pub fn module_course(school: &School, id: ModuleId) -> Key<CoursePointer> {
    at(partition(school, format_args!("MODULE#{id}")), "MODULE")
}

/// A lesson's line in the outline, beside its course.
#[must_use]
pub fn lesson_summary(school: &School, course: CourseId, id: LessonId) -> Key<LessonSummary> {
    at(course_partition(school, course), format_args!("LESSON#{id}"))
}

/// A lesson with its content.
#[must_use]
pub fn lesson(school: &School, id: LessonId) -> Key<Lesson> {
    at(partition(school, format_args!("LESSON#{id}")), "LESSON")
}

/// Keeps a slug unique and finds its course.
#[must_use]
pub fn slug(school: &School, slug: &str) -> Key<CoursePointer> {
    at(partition(school, format_args!("SLUG#{slug}")), "SLUG")
}

/// The courses that somebody wrote, by creation.
#[must_use]
pub fn authored_partition(school: &School, author: UserId) -> Partition {
    partition(school, format_args!("AUTHORED#{author}"))
}

/// One course in its author's list.
#[must_use]
pub fn authored(school: &School, author: UserId, course: CourseId) -> Key<CoursePointer> {
    at(authored_partition(school, author), course)
}

/// One ordering of the catalogue: the courses that match `filter`, sorted by `sort`.
#[must_use]
pub fn listing_partition(school: &School, filter: &ListingFilter, sort: Sort) -> Partition {
    partition(school, format_args!("LISTING#{filter}#{}", sort.name()))
}

/// One course's place in one ordering.
#[must_use]
pub fn listing(school: &School, position: &SortPosition) -> Key<CoursePointer> {
    at(listing_partition(school, &position.filter, position.sort), &position.value)
}

/// All categories of a school.
#[must_use]
pub fn categories_partition(school: &School) -> Partition {
    partition(school, format_args!("CATEGORIES"))
}

/// A category.
#[must_use]
pub fn category(school: &School, id: CategoryId) -> Key<Category> {
    at(categories_partition(school), id)
}

/// Keeps a category's slug unique.
#[must_use]
pub fn category_slug(school: &School, slug: &str) -> Key<CategoryPointer> {
    at(partition(school, format_args!("CATEGORYSLUG#{slug}")), "CATEGORYSLUG")
}

/// A learner's enrolment in a course: its key makes it unique.
#[must_use]
pub fn enrollment(school: &School, user: UserId, course: CourseId) -> Key<Enrollment> {
    at(user_partition(school, user), format_args!("ENROLLMENT#{course}"))
}

/// Index 1: a learner's enrolments by time.
#[must_use]
pub fn enrollments_partition(school: &School, user: UserId) -> Partition {
    partition(school, format_args!("ENROLLMENTS#{user}"))
}

pub(crate) fn enrollment_index(
    school: &School,
    user: UserId,
    id: EnrollmentId,
    at: Timestamp,
) -> (String, String) {
    (enrollments_partition(school, user).0, format!("{at}#{id}"))
}

/// A learner's progress in the lessons of a course.
#[must_use]
pub fn progress_partition(school: &School, user: UserId, course: CourseId) -> Partition {
    partition(school, format_args!("PROGRESS#{user}#{course}"))
}

/// A learner's progress in one lesson.
#[must_use]
pub fn progress(school: &School, user: UserId, course: CourseId, lesson: LessonId) -> Key<LessonProgress> {
    at(progress_partition(school, user, course), lesson)
}

/// A certificate.
#[must_use]
pub fn certificate(school: &School, id: CertificateId) -> Key<Certificate> {
    at(partition(school, format_args!("CERTIFICATE#{id}")), "CERTIFICATE")
}

/// Index 1: a learner's certificates by time of issue.
#[must_use]
pub fn certificates_partition(school: &School, user: UserId) -> Partition {
    partition(school, format_args!("CERTIFICATES#{user}"))
}

pub(crate) fn certificate_index(
    school: &School,
    user: UserId,
    number: CertificateNo,
    at: Timestamp,
) -> (String, String) {
    (certificates_partition(school, user).0, format!("{at}#{number}"))
}

/// Keeps a certificate's number unique and finds the certificate.
#[must_use]
pub fn certificate_no(school: &School, number: CertificateNo) -> Key<CertificatePointer> {
    at(partition(school, format_args!("CERTIFICATENO#{number}")), "CERTIFICATENO")
}

/// The last certificate number of a year.
#[must_use]
pub fn certificate_sequence(school: &School, year: u16) -> Key<Sequence> {
    at(partition(school, format_args!("CERTIFICATESEQUENCE#{year}")), "SEQUENCE")
}

/// How a course's certificates look.
#[must_use]
pub fn certificate_template(school: &School, course: CourseId) -> Key<CertificateTemplate> {
    at(partition(school, format_args!("CERTIFICATETEMPLATE#{course}")), "CERTIFICATETEMPLATE")
}

/// An event that waits to be published. Sixteen shards keep the hottest far below a partition's limit (R6).
#[must_use]
pub fn outbox(school: &School, id: EventId) -> Key<Event> {
    at(outbox_partition(school, id.uuid().as_bytes()[15] % OUTBOX_SHARDS), id)
}

/// One shard of the waiting events, oldest first.
#[must_use]
pub fn outbox_partition(school: &School, shard: u8) -> Partition {
    partition(school, format_args!("OUTBOX#{shard:02}"))
}

/// Says that `consumer` has applied an event.
#[must_use]
pub fn inbox(school: &School, consumer: &str, event: EventId) -> Key<Receipt> {
    at(partition(school, format_args!("INBOX#{consumer}#{event}")), "INBOX")
}

/// The one mail about an event.
#[must_use]
pub fn delivery(school: &School, event: EventId) -> Key<Delivery> {
    at(partition(school, format_args!("DELIVERY#{event}")), "DELIVERY")
}

/// A token that was mailed, by the hash of its text: who reads the table cannot use it.
#[must_use]
pub fn one_time_token(school: &School, purpose: TokenPurpose, text: &str) -> Key<OneTimeToken> {
    at(partition(school, format_args!("ONETIMETOKEN#{}#{}", purpose.name(), digest(text))), "ONETIMETOKEN")
}

/// Says that an address gets no mail any more. It outlives the account, so the address is hashed.
#[must_use]
pub fn suppression(school: &School, email: &Email) -> Key<Suppression> {
    at(partition(school, format_args!("SUPPRESSION#{}", digest(email.as_str()))), "SUPPRESSION")
}

/// The kept reply to an idempotent request. What the client chose is hashed, so that it cannot shape the key.
#[must_use]
pub fn kept_reply(school: &School, caller: UserId, operation: &str, idempotency_key: &str) -> Key<KeptReply> {
    at(partition(school, format_args!("REPLY#{caller}#{operation}#{}", digest(idempotency_key))), "REPLY")
}

/// The bucket that limits how often `subject` may do `name`. Subjects (addresses, emails) are hashed.
#[must_use]
pub fn rate_bucket(school: &School, name: &str, subject: &str) -> Key<RateBucket> {
    at(partition(school, format_args!("RATE#{name}#{}", digest(subject))), "RATE")
}

/// The window that counts how often `subject` did `name` in it.
#[must_use]
pub fn rate_window(school: &School, name: &str, subject: &str) -> Key<RateWindow> {
    at(partition(school, format_args!("RATEWINDOW#{name}#{}", digest(subject))), "RATEWINDOW")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use domain::catalog::{Level, PriceFilter};
    use kernel::Violations;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    /// Every builder on the same few values: what a tuple is made of, and the key that it gives.
    fn all(school: &School, texts: &[String], ids: &[uuid_like::Ids]) -> Vec<(String, (String, String))> {
        fn pair<E>(key: Key<E>) -> (String, String) {
            (key.pk, key.sk)
        }
        let mut keys = Vec::new();
        let mut note = |tuple: String, key: (String, String)| keys.push((format!("{school} {tuple}"), key));
        for (year, sequence) in [(2026, 1), (2026, 12), (2027, 1)] {
            let number = CertificateNo { year, sequence };
            note(format!("certificate no {number}"), pair(certificate_no(school, number)));
            note(format!("certificate sequence {year}"), pair(certificate_sequence(school, year)));
        }
        for text in texts {
            let mut ignored = Violations::default();
            if let Some(address) = Email::parse(text, "", &mut ignored) {
                note(format!("email {address}"), pair(email(school, &address)));
                note(format!("suppression {address}"), pair(suppression(school, &address)));
            }
            note(format!("username {}", text.to_lowercase()), pair(username(school, text)));
            note(format!("slug {text}"), pair(slug(school, text)));
            note(format!("category slug {text}"), pair(category_slug(school, text)));
            note(format!("rate login {text}"), pair(rate_bucket(school, "login", text)));
            for purpose in [TokenPurpose::VerifyEmail, TokenPurpose::ResetPassword] {
                note(format!("token {purpose:?} {text}"), pair(one_time_token(school, purpose, text)));
            }
        }
        for a in ids {
            note(format!("user {}", a.user), pair(user(school, a.user)));
            note(format!("course {}", a.course), pair(course(school, a.course)));
            note(format!("card {}", a.course), pair(course_card(school, a.course)));
            note(format!("module course {}", a.module), pair(module_course(school, a.module)));
            note(format!("lesson {}", a.lesson), pair(lesson(school, a.lesson)));
            note(format!("category {}", a.category), pair(category(school, a.category)));
            note(format!("certificate {}", a.certificate), pair(certificate(school, a.certificate)));
            note(format!("template {}", a.course), pair(certificate_template(school, a.course)));
            note(format!("outbox {}", a.event), pair(outbox(school, a.event)));
            note(format!("inbox x {}", a.event), pair(inbox(school, "x", a.event)));
            note(format!("delivery {}", a.event), pair(delivery(school, a.event)));
            for b in ids {
                note(format!("session {} {}", a.user, b.session), pair(session(school, a.user, b.session)));
                note(format!("module {} {}", a.course, b.module), pair(module(school, a.course, b.module)));
                note(
                    format!("summary {} {}", a.course, b.lesson),
                    pair(lesson_summary(school, a.course, b.lesson)),
                );
                note(format!("authored {} {}", a.user, b.course), pair(authored(school, a.user, b.course)));
                note(
                    format!("enrollment {} {}", a.user, b.course),
                    pair(enrollment(school, a.user, b.course)),
                );
                note(
                    format!("progress {} {} {}", a.user, b.course, a.lesson),
                    pair(progress(school, a.user, b.course, a.lesson)),
                );
                for level in [None, Some(Level::Beginner)] {
                    for price in [None, Some(PriceFilter::Free)] {
                        let filter = ListingFilter { level, category: Some(a.category), price };
                        let position = SortPosition {
                            filter,
                            sort: Sort::Title,
                            value: b.course.to_string(),
                            course_id: b.course,
                        };
                        note(format!("listing {position:?}"), pair(listing(school, &position)));
                    }
                }
            }
            for text in texts {
                note(format!("reply {} {text}", a.user), pair(kept_reply(school, a.user, "op", text)));
            }
        }
        keys
    }

    mod uuid_like {
        use super::*;

        #[derive(Clone, Debug)]
        pub(super) struct Ids {
            pub(super) user: UserId,
            pub(super) course: CourseId,
            pub(super) module: ModuleId,
            pub(super) lesson: LessonId,
            pub(super) category: CategoryId,
            pub(super) session: SessionId,
            pub(super) event: EventId,
            pub(super) certificate: CertificateId,
        }

        impl Ids {
            pub(super) fn generate() -> Self {
                Self {
                    user: Id::generate(NOW),
                    course: Id::generate(NOW),
                    module: Id::generate(NOW),
                    lesson: Id::generate(NOW),
                    category: Id::generate(NOW),
                    session: Id::generate(NOW),
                    event: Id::generate(NOW),
                    certificate: Id::generate(NOW),
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn r29_different_tuples_never_share_a_key(
            schools in prop::collection::btree_set("[a-z0-9-]{1,8}", 2),
            texts in prop::collection::btree_set("[a-zA-Z#@.\\PC]{0,12}", 1..5),
        ) {
            let ids = [uuid_like::Ids::generate(), uuid_like::Ids::generate()];
            let texts: Vec<String> = texts.into_iter().collect();
            let mut seen: HashMap<(String, String), String> = HashMap::new();
            for school in schools {
                let school: School = school.parse().unwrap();
                for (tuple, key) in all(&school, &texts, &ids) {
                    let start = format!("S#{school}#");
                    prop_assert!(key.0.starts_with(&start), "{} does not begin with its school", key.0);
                    if let Some(other) = seen.insert(key.clone(), tuple.clone()) {
                        prop_assert_eq!(other, tuple, "both give {:?}", key);
                    }
                }
            }
        }
    }
}
