//! Tells somebody that a course is open to them.

use askama::Template;
use domain::learning::EnrollmentCreated;
use kernel::UserId;

use super::{Mail, Page, page::title};

/// Somebody enrolled in a course.
pub(super) struct Enrolled {
    user_id: UserId,
    course: String,
}

impl From<EnrollmentCreated> for Enrolled {
    fn from(enrollment: EnrollmentCreated) -> Self {
        Self { user_id: enrollment.user_id, course: title(&enrollment.course_title) }
    }
}

#[derive(Template)]
#[template(path = "enrolled.html")]
struct Html<'a> {
    page: &'a Page,
    mail: &'a Enrolled,
}

#[derive(Template)]
#[template(path = "enrolled.txt")]
struct Text<'a> {
    page: &'a Page,
    mail: &'a Enrolled,
}

impl Mail for Enrolled {
    fn user_id(&self) -> Option<UserId> {
        Some(self.user_id)
    }

    fn subject(&self, _: &str) -> String {
        format!("You are enrolled: {}", self.course)
    }

    fn html(&self, page: &Page) -> askama::Result<String> {
        Html { page, mail: self }.render()
    }

    fn text(&self, page: &Page) -> askama::Result<String> {
        Text { page, mail: self }.render()
    }
}
