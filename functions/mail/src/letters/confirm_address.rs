//! Asks whoever reads the mails of an address to say that it is theirs.

use askama::Template;
use domain::identity::{TokenPurpose, UserRegistered, UserVerificationRequested};
use kernel::UserId;

use super::{Mail, Page};

/// Somebody registered, or asked for this mail again.
pub(super) struct ConfirmAddress {
    user_id: UserId,
    comes_of_registering: bool,
}

impl From<UserRegistered> for ConfirmAddress {
    fn from(account: UserRegistered) -> Self {
        Self { user_id: account.user_id, comes_of_registering: true }
    }
}

impl From<UserVerificationRequested> for ConfirmAddress {
    fn from(account: UserVerificationRequested) -> Self {
        Self { user_id: account.user_id, comes_of_registering: false }
    }
}

#[derive(Template)]
#[template(path = "confirm_address.html")]
struct Html<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "confirm_address.txt")]
struct Text<'a> {
    page: &'a Page,
}

impl Mail for ConfirmAddress {
    fn user_id(&self) -> Option<UserId> {
        Some(self.user_id)
    }

    fn purpose(&self) -> Option<TokenPurpose> {
        Some(TokenPurpose::VerifyEmail)
    }

    fn comes_of_registering(&self) -> bool {
        self.comes_of_registering
    }

    fn subject(&self, school: &str) -> String {
        format!("Confirm your address at {school}")
    }

    fn html(&self, page: &Page) -> askama::Result<String> {
        Html { page }.render()
    }

    fn text(&self, page: &Page) -> askama::Result<String> {
        Text { page }.render()
    }
}
