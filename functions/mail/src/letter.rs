//! What the mails say. Names and titles come from strangers: whoever registers somebody else's address chooses words
//! that we send there in the school's name.

use askama::Template;
use domain::{
    event::{
        CertificateRendered, EnrollmentCreated, Event, EventData, UserPasswordForgotten, UserRegistered,
        UserVerificationRequested,
    },
    identity::TokenPurpose,
};
use kernel::{CertificateId, Error, Result, UserId};
use runtime::Subscription;

/// Titles may be longer in the catalogue; mail programs show less.
const TITLE_CHARS: usize = 120;
/// Whoever has a longer first name is greeted without it.
const NAME_CHARS: usize = 40;

/// What mails are about.
pub enum Occasion {
    Registered(UserRegistered),
    VerificationRequested(UserVerificationRequested),
    PasswordForgotten(UserPasswordForgotten),
    Enrolled(EnrollmentCreated),
    Certified(CertificateRendered),
}

impl Occasion {
    /// Whom it concerns, if anybody.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Registered(account) => Some(account.user_id),
            Self::VerificationRequested(account) => Some(account.user_id),
            Self::PasswordForgotten(account) => account.user_id,
            Self::Enrolled(enrollment) => Some(enrollment.user_id),
            Self::Certified(certificate) => Some(certificate.user_id),
        }
    }

    /// What the token is good for that the mail brings, if it brings one.
    pub(crate) fn purpose(&self) -> Option<TokenPurpose> {
        match self {
            Self::Registered(_) | Self::VerificationRequested(_) => Some(TokenPurpose::VerifyEmail),
            Self::PasswordForgotten(_) => Some(TokenPurpose::ResetPassword),
            Self::Enrolled(_) | Self::Certified(_) => None,
        }
    }

    /// The certificate that it brings.
    pub(crate) fn certificate_id(&self) -> Option<CertificateId> {
        match self {
            Self::Certified(certificate) => Some(certificate.certificate_id),
            _ => None,
        }
    }

    /// A certificate that is made anew, because its template changed, is no news to the learner.
    pub(crate) fn is_worth_a_mail(&self) -> bool {
        !matches!(self, Self::Certified(certificate) if certificate.rendering > 1)
    }
}

const fn name_of<D: EventData>() -> (&'static str, u32) {
    (D::TYPE, D::VERSION)
}

impl Subscription for Occasion {
    const EVENTS: &'static [(&'static str, u32)] = &[
        name_of::<UserRegistered>(),
        name_of::<UserVerificationRequested>(),
        name_of::<UserPasswordForgotten>(),
        name_of::<EnrollmentCreated>(),
        name_of::<CertificateRendered>(),
    ];

    fn read(event: &Event) -> std::result::Result<Self, String> {
        match event.event_type.as_str() {
            UserRegistered::TYPE => event.data().map(Self::Registered),
            UserVerificationRequested::TYPE => event.data().map(Self::VerificationRequested),
            UserPasswordForgotten::TYPE => event.data().map(Self::PasswordForgotten),
            EnrollmentCreated::TYPE => event.data().map(Self::Enrolled),
            CertificateRendered::TYPE => event.data().map(Self::Certified),
            other => Err(format!("{other} is no occasion for a mail")),
        }
    }
}

/// What every mail knows.
#[derive(Clone)]
pub struct Facts {
    /// The school's name.
    pub school: String,
    pub first_name: String,
    /// Where the certificate is verified, with its code; empty where the mail brings none.
    pub verify_url: String,
    /// Where learners find the school's pages, without a slash at the end.
    pub home: Option<String>,
    /// What the mail proves to who reads it.
    pub token: Option<String>,
}

/// A file that comes with a mail.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub content_type: &'static str,
    pub content: Vec<u8>,
}

/// A mail before it is in an envelope. It may hold a token, so it cannot be logged.
#[derive(Clone)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
    pub attachments: Vec<Attachment>,
}

/// What templates show; each value is one tame line.
struct Page {
    school: String,
    /// Empty for somebody whose name cannot be shown.
    name: String,
    home: Option<String>,
    subject: String,
    /// To type in, where there is no page for it.
    token: String,
    /// The page that takes the token. It stands behind the `#`, which browsers keep to themselves: servers log addresses.
    link: Option<String>,
    course: String,
    /// Of the certificate.
    number: String,
    /// Where it is verified.
    verify_url: String,
}

macro_rules! templates {
    ($($name:ident = $html:literal, $text:literal;)*) => {
        mod html { $(
            #[derive(askama::Template)]
            #[template(path = $html)]
            pub(super) struct $name<'a> { pub(super) page: &'a super::Page }
        )* }
        mod text { $(
            #[derive(askama::Template)]
            #[template(path = $text)]
            pub(super) struct $name<'a> { pub(super) page: &'a super::Page }
        )* }
    };
}

templates! {
    Verify = "verify.html", "verify.txt";
    Reset = "reset.html", "reset.txt";
    Enrolled = "enrolled.html", "enrolled.txt";
    Certificate = "certificate.html", "certificate.txt";
}

impl Letter {
    /// The letter for an occasion, as yet without attachments.
    ///
    /// # Errors
    /// A template fails, which it never should.
    pub fn write(occasion: &Occasion, facts: &Facts) -> Result<Self> {
        let school = tame(&facts.school, TITLE_CHARS);
        let mut page = Page {
            name: name(&facts.first_name),
            home: facts.home.clone(),
            subject: String::new(),
            token: facts.token.clone().unwrap_or_default(),
            link: None,
            course: String::new(),
            number: String::new(),
            verify_url: String::new(),
            school,
        };
        let page = &mut page;
        match occasion {
            Occasion::Registered(_) | Occasion::VerificationRequested(_) => {
                page.subject = format!("Confirm your address at {}", page.school);
                page.link = page.leads_to("verify-email");
                page.render(|page| html::Verify { page }, |page| text::Verify { page })
            }
            Occasion::PasswordForgotten(_) => {
                page.subject = format!("Choose a new password at {}", page.school);
                page.link = page.leads_to("reset-password");
                page.render(|page| html::Reset { page }, |page| text::Reset { page })
            }
            Occasion::Enrolled(enrollment) => {
                page.course = tame(&enrollment.course_title, TITLE_CHARS);
                page.subject = format!("You are enrolled: {}", page.course);
                page.render(|page| html::Enrolled { page }, |page| text::Enrolled { page })
            }
            Occasion::Certified(certificate) => {
                page.course = tame(&certificate.course_title, TITLE_CHARS);
                page.number = certificate.certificate_no.to_string();
                page.verify_url.clone_from(&facts.verify_url);
                page.subject = format!("Your certificate: {}", page.course);
                page.render(|page| html::Certificate { page }, |page| text::Certificate { page })
            }
        }
    }
}

impl Page {
    /// One of the school's pages, with the token.
    fn leads_to(&self, path: &str) -> Option<String> {
        self.home.as_ref().map(|home| format!("{home}/{path}#{}", self.token))
    }

    fn render<'a, H: Template, T: Template>(
        &'a self,
        html: impl Fn(&'a Self) -> H,
        text: impl Fn(&'a Self) -> T,
    ) -> Result<Letter> {
        Ok(Letter {
            subject: self.subject.clone(),
            html: html(self).render().map_err(Error::internal)?,
            text: text(self).render().map_err(Error::internal)?,
            attachments: Vec::new(),
        })
    }
}

/// One line without control characters, and without those that turn the direction of the text around them: letters of
/// right-to-left scripts do that by themselves, within their word.
fn tame(text: &str, most: usize) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let kept: String = text.chars().filter(|c| !turns(*c)).collect();
    let line = kept.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let start: String = line.chars().take(most - 1).collect();
    format!("{}…", start.trim_end())
}

/// A first name to greet somebody with, or nothing: mail programs make links of whatever looks like an address, and
/// nobody may send links of their own in the school's name.
fn name(text: &str) -> String {
    let name = tame(text, NAME_CHARS);
    let cut = name.ends_with('…');
    let is_address = name.contains(['/', ':', '@', '\\', '<', '>', '=', '%', '&', '[', ']', '(', ')']);
    // "J. R. R." and "Mary Jr." are names, "prize.example" is none.
    let has_domain = name.split(' ').any(|word| {
        word.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).skip(1).any(|part| part.chars().count() > 1)
    });
    if cut || is_address || has_domain { String::new() } else { name }
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
            home: Some("https://pages.lectern.test".to_owned()),
            token: Some("lot_0123456789".to_owned()),
        }
    }

    /// The place of the enrolment among them.
    const ENROLLED: usize = 3;

    fn all(first_name: &str, title: &str) -> Vec<Letter> {
        let user_id = Id::generate(NOW);
        let occasions = [
            Occasion::Registered(UserRegistered {
                user_id,
                first_name: first_name.to_owned(),
                last_name: String::new(),
            }),
            Occasion::VerificationRequested(UserVerificationRequested { user_id }),
            Occasion::PasswordForgotten(UserPasswordForgotten { user_id: Some(user_id) }),
            Occasion::Enrolled(EnrollmentCreated {
                enrollment_id: Id::generate(NOW),
                user_id,
                course_id: Id::generate(NOW),
                course_title: title.to_owned(),
                learner_name: first_name.to_owned(),
            }),
            Occasion::Certified(CertificateRendered {
                certificate_id: Id::generate(NOW),
                certificate_no: "CERT-2026-000123".parse().unwrap(),
                user_id,
                course_title: title.to_owned(),
                rendering: 1,
            }),
        ];
        occasions.iter().map(|occasion| Letter::write(occasion, &facts(first_name)).unwrap()).collect()
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
        assert_eq!(tame("12345", 5), "12345");
        assert_eq!(tame("123 56", 5), "123…");
    }

    #[test]
    fn a_title_cannot_turn_the_text_around_it() {
        assert_eq!(tame("a\u{202e}fdp.exe\u{202c}\u{200f}", 99), "afdp.exe");
        let letter = &all("דוד", "יסודות Rust")[ENROLLED];
        assert!(
            letter.text.contains("Hello דוד,") && letter.html.contains("<bdi>דוד</bdi>"),
            "{}",
            letter.html
        );
        assert_eq!(letter.subject, "You are enrolled: יסודות Rust");
    }

    #[test]
    fn a_name_that_could_become_a_link_is_not_shown() {
        for shown in ["Ada", "José María", "J. R. R.", "O'Neil", "Anne-Marie", "Mary Jr.", "李", "D.J."] {
            assert_eq!(name(shown), shown);
        }
        for hidden in [
            "Win at prize.example",
            "https://prize.example",
            "prize。example",
            "call me@prize",
            "Ada/Bob",
            "Your account will be closed unless you call us today",
        ] {
            assert_eq!(name(hidden), "", "{hidden}");
            assert!(all(hidden, "Rust").iter().all(|letter| letter.text.contains("Hello,")));
        }
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
