//! Every key, each built in the `keys.rs` of the domain whose things it names.

pub use crate::{
    calls::keys::*, catalog::keys::*, certificates::keys::*, core::key::Pointer, events::keys::*,
    identity::keys::*, learning::keys::*, mail::keys::*, video::keys::*,
};

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use domain::{
        catalog::{
            CategoryId, CourseId, LessonId, Level, ListingFilter, ModuleId, PriceFilter, Sort, SortPosition,
        },
        certificates::{CertificateId, CertificateNo},
        event::EventId,
        identity::{Email, SessionId, TokenPurpose},
        video::VideoId,
    };
    use kernel::{Id, School, Timestamp, UserId, Violations};
    use proptest::prelude::*;

    use super::*;
    use crate::Key;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    /// Every builder on the same few values: what a tuple is made of, and the key that it builds.
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
            note(format!("video {}", a.video), pair(video(school, a.video)));
            note(format!("video analytics {}", a.video), pair(video_analytics(school, a.video)));
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
            pub(super) video: VideoId,
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
                    video: Id::generate(NOW),
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
                        prop_assert_eq!(other, tuple, "both build {:?}", key);
                    }
                }
            }
        }
    }
}
