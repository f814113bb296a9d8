//! Brings a certificate to whoever earned it.

use askama::Template;
use domain::certificates::{CertificateId, CertificateRendered};
use kernel::UserId;

use super::{Mail, Page, page::title};

/// The PDF of a certificate was made.
pub(super) struct Certificate {
    id: CertificateId,
    user_id: UserId,
    course: String,
    number: String,
    /// Which of its drawings it is.
    rendering: u32,
}

impl From<CertificateRendered> for Certificate {
    fn from(certificate: CertificateRendered) -> Self {
        Self {
            id: certificate.certificate_id,
            user_id: certificate.user_id,
            course: title(&certificate.course_title),
            number: certificate.certificate_no.to_string(),
            rendering: certificate.rendering,
        }
    }
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct Html<'a> {
    page: &'a Page,
    mail: &'a Certificate,
}

#[derive(Template)]
#[template(path = "certificate.txt")]
struct Text<'a> {
    page: &'a Page,
    mail: &'a Certificate,
}

impl Mail for Certificate {
    fn user_id(&self) -> Option<UserId> {
        Some(self.user_id)
    }

    /// One that is made anew, because its template changed, is not news to the learner.
    fn is_news(&self) -> bool {
        self.rendering == 1
    }

    fn certificate_id(&self) -> Option<CertificateId> {
        Some(self.id)
    }

    fn subject(&self, _: &str) -> String {
        format!("Your certificate: {}", self.course)
    }

    fn html(&self, page: &Page) -> askama::Result<String> {
        Html { page, mail: self }.render()
    }

    fn text(&self, page: &Page) -> askama::Result<String> {
        Text { page, mail: self }.render()
    }
}
