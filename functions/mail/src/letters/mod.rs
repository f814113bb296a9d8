//! The mails: for each a file with its struct, which says whom an event makes us write to and what, and two templates over
//! one layout.

mod certificate;
mod confirm_address;
mod enrolled;
mod page;
mod reset_password;
mod video_failed;

use domain::{
    certificates::{CertificateId, CertificateRendered},
    event::{Event, EventData},
    identity::{TokenPurpose, UserPasswordForgotten, UserRegistered, UserVerificationRequested},
    learning::EnrollmentCreated,
    video::VideoFailed,
};
use kernel::{Error, Result, UserId};
use runtime::Subscription;

pub(crate) use self::page::{Facts, Page};
use self::{
    certificate::Certificate, confirm_address::ConfirmAddress, enrolled::Enrolled,
    reset_password::ResetPassword, video_failed::NoVideo,
};

/// Which event calls for which mail.
const MAILS: &[Call] = &[
    Call::on::<UserRegistered, ConfirmAddress>(),
    Call::on::<UserVerificationRequested, ConfirmAddress>(),
    Call::on::<UserPasswordForgotten, ResetPassword>(),
    Call::on::<EnrollmentCreated, Enrolled>(),
    Call::on::<CertificateRendered, Certificate>(),
    Call::on::<VideoFailed, NoVideo>(),
];

/// One kind of mail.
pub(crate) trait Mail: Send + Sync {
    /// Whom it concerns, if anybody.
    fn user_id(&self) -> Option<UserId>;

    /// What the token that it brings is good for, if it brings one.
    fn purpose(&self) -> Option<TokenPurpose> {
        None
    }

    /// Whether an account was made, rather than that somebody asked for it.
    fn comes_of_registering(&self) -> bool {
        false
    }

    /// Whether it tells anything new.
    fn is_news(&self) -> bool {
        true
    }

    /// The certificate that it brings.
    fn certificate_id(&self) -> Option<CertificateId> {
        None
    }

    /// Its subject, in the name of a school.
    fn subject(&self, school: &str) -> String;

    /// What mail programs show.
    fn html(&self, page: &Page) -> askama::Result<String>;

    /// What they show that show no HTML.
    fn text(&self, page: &Page) -> askama::Result<String>;
}

/// The mail that an event calls for.
pub struct Occasion(pub(crate) Box<dyn Mail>);

struct Call {
    event: (&'static str, u32),
    read: fn(&Event) -> std::result::Result<Occasion, String>,
}

impl Call {
    const fn on<D: EventData, M: Mail + From<D> + 'static>() -> Self {
        Self { event: (D::TYPE, D::VERSION), read: read::<D, M> }
    }
}

fn read<D: EventData, M: Mail + From<D> + 'static>(event: &Event) -> std::result::Result<Occasion, String> {
    event.data::<D>().map(|data| Occasion(Box::new(M::from(data))))
}

impl Subscription for Occasion {
    const EVENTS: &'static [(&'static str, u32)] = &{
        let mut events = [("", 0); MAILS.len()];
        let mut n = 0;
        while n < MAILS.len() {
            events[n] = MAILS[n].event;
            n += 1;
        }
        events
    };

    fn read(event: &Event) -> std::result::Result<Self, String> {
        let call = MAILS.iter().find(|call| call.event.0 == event.event_type);
        (call.ok_or_else(|| format!("{} calls for no mail", event.event_type))?.read)(event)
    }
}

/// A file that comes with a mail.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: Vec<u8>,
}

/// A mail before it is in an envelope. It may hold a token, so it cannot be logged.
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) attachments: Vec<Attachment>,
}

impl Letter {
    /// The letter of a mail, as yet without attachments.
    ///
    /// # Errors
    /// A template fails, which it never should.
    pub(crate) fn write(mail: &dyn Mail, facts: &Facts) -> Result<Self> {
        let mut page = Page::new(facts);
        page.subject = mail.subject(&page.school);
        Ok(Self {
            text: mail.text(&page).map_err(Error::internal)?,
            html: mail.html(&page).map_err(Error::internal)?,
            subject: page.subject,
            attachments: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Id, Timestamp};
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);

    fn facts(first_name: &str) -> Facts {
        Facts {
            school: "Lectern".to_owned(),
            first_name: first_name.to_owned(),
            verify_url: "https://lectern.test/v1/verify/CERT-2026-000123?code=7Q2M-0K9R-XW4T-H8VE".to_owned(),
            home: "https://pages.lectern.test".to_owned(),
            token: Some("lot_0123456789".to_owned()),
        }
    }

    /// The place of the enrolment among them.
    const ENROLLED: usize = 3;

    fn all(first_name: &str, title: &str) -> Vec<Letter> {
        let user_id = Id::generate(NOW);
        let mails: [Box<dyn Mail>; 5] = [
            Box::new(ConfirmAddress::from(UserRegistered {
                user_id,
                first_name: first_name.to_owned(),
                last_name: String::new(),
            })),
            Box::new(ConfirmAddress::from(UserVerificationRequested { user_id })),
            Box::new(ResetPassword::from(UserPasswordForgotten { user_id: Some(user_id) })),
            Box::new(Enrolled::from(EnrollmentCreated {
                enrollment_id: Id::generate(NOW),
                user_id,
                course_id: Id::generate(NOW),
                course_title: title.to_owned(),
                learner_name: first_name.to_owned(),
            })),
            Box::new(Certificate::from(CertificateRendered {
                certificate_id: Id::generate(NOW),
                certificate_no: "CERT-2026-000123".parse().unwrap(),
                user_id,
                course_title: title.to_owned(),
                rendering: 1,
            })),
        ];
        mails.iter().map(|mail| Letter::write(&**mail, &facts(first_name)).unwrap()).collect()
    }

    #[test]
    fn a_title_cannot_add_headers_or_lines() {
        for letter in
            all("Ada\r\nBcc: all@example.org", "Rust\r\nBcc: all@example.org\r\n\r\nBuy\u{85}this\u{2028}now")
        {
            assert!(!letter.subject.contains(|c: char| c.is_control()), "{:?}", letter.subject);
            assert!(
                !letter.text.lines().any(|line| line.starts_with("Bcc") || line.starts_with("this")),
                "{}",
                letter.text
            );
        }
    }

    #[test]
    fn a_title_cannot_add_markup() {
        for letter in all("<b>Ada</b>", "<img src=x onerror=alert(1)> & \"friends\"") {
            assert!(!letter.html.contains("<img") && !letter.html.contains("<b>"), "{}", letter.html);
            assert!(!letter.text.contains("&#"), "plain text is not escaped: {}", letter.text);
        }
        assert_eq!(all("Ada", "a & b")[ENROLLED].subject, "You are enrolled: a & b");
    }

    #[test]
    fn a_very_long_title_is_cut() {
        let title = "Ω".repeat(5000);
        for letter in all(&"Ada ".repeat(2000), &title) {
            assert!(letter.subject.chars().count() < 150 && letter.text.len() < 2500, "{}", letter.text);
        }
    }

    #[test]
    fn a_title_cannot_turn_the_text_around_it() {
        let letter = &all("דוד", "יסודות Rust")[ENROLLED];
        assert!(
            letter.text.contains("Hello דוד,") && letter.html.contains("<bdi>דוד</bdi>"),
            "{}",
            letter.html
        );
        assert_eq!(letter.subject, "You are enrolled: יסודות Rust");
    }

    #[test]
    fn who_has_a_name_that_could_become_a_link_is_greeted_without_it() {
        assert!(all("Win at prize.example", "Rust").iter().all(|letter| letter.text.contains("Hello,")));
        assert!(all("Ada", "Rust").iter().all(|letter| letter.text.contains("Hello Ada,")));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_the_words_the_structure_stays(first_name in "\\PC{0,60}|.{0,60}", title in "(?s).{0,200}") {
            for (letter, tame) in all(&first_name, &title).iter().zip(all("Ada", "Rust")) {
                prop_assert!(!letter.subject.contains(|c: char| c.is_control()));
                let tags = |letter: &Letter| letter.html.matches('<').count();
                // The greeting's <bdi> and its end are there only with a name.
                let missing = if letter.text.contains("Hello,") { 2 } else { 0 };
                prop_assert_eq!(tags(letter) + missing, tags(&tame));
                let lines = |letter: &Letter| letter.text.lines().count();
                prop_assert_eq!(lines(letter), lines(&tame));
            }
        }
    }
}
