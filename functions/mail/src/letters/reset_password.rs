//! Brings what lets somebody choose a new password.

use askama::Template;
use domain::identity::{TokenPurpose, UserPasswordForgotten};
use kernel::UserId;

use super::{Mail, Page};

/// Somebody forgot the password of an account, or says so.
pub(super) struct ResetPassword {
    /// Nobody, where no account has the address.
    user_id: Option<UserId>,
}

impl From<UserPasswordForgotten> for ResetPassword {
    fn from(account: UserPasswordForgotten) -> Self {
        Self { user_id: account.user_id }
    }
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct Html<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "reset_password.txt")]
struct Text<'a> {
    page: &'a Page,
}

impl Mail for ResetPassword {
    fn user_id(&self) -> Option<UserId> {
        self.user_id
    }

    fn purpose(&self) -> Option<TokenPurpose> {
        Some(TokenPurpose::ResetPassword)
    }

    fn subject(&self, school: &str) -> String {
        format!("Choose a new password at {school}")
    }

    fn html(&self, page: &Page) -> askama::Result<String> {
        Html { page }.render()
    }

    fn text(&self, page: &Page) -> askama::Result<String> {
        Text { page }.render()
    }
}
