//! What a mailed token proves: that whoever presents it reads the mail of that address.

use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{Email, User};

/// What a token is good for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenPurpose {
    VerifyEmail,
    ResetPassword,
}

impl TokenPurpose {
    /// Its name in keys, so that a token is never found under another purpose.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
        }
    }

    /// How long a token is good: a reset hands over the account, so it gets little time.
    #[must_use]
    pub const fn hours(self) -> i64 {
        match self {
            Self::VerifyEmail => 24,
            Self::ResetPassword => 1,
        }
    }
}

/// A token that was mailed. Its text is in the mail alone; here it is known by its hash.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OneTimeToken {
    pub user_id: UserId,
    /// Where it was mailed: it proves nothing about another address.
    pub email: Email,
    /// The account's when it was mailed.
    pub epoch: u32,
    pub expires_at: Timestamp,
}

impl OneTimeToken {
    /// What is kept of a token that is mailed to `user` now.
    #[must_use]
    pub fn new(purpose: TokenPurpose, user: &User, now: Timestamp) -> Self {
        Self {
            user_id: user.id,
            email: user.email.clone(),
            epoch: user.epoch,
            expires_at: now.plus_seconds(purpose.hours() * 3600),
        }
    }

    /// Whether it still is good for `user`: theirs, in time, for the address of now, and of the account's epoch, so that one
    /// reset voids all the tokens that were mailed before it.
    #[must_use]
    pub fn is_good_for(&self, user: &User, now: Timestamp) -> bool {
        self.user_id == user.id
            && now < self.expires_at
            && user.is_active
            && self.email == user.email
            && self.epoch == user.epoch
    }
}
