//! Keys of accounts, sign-ins and what finds them.

use domain::identity::{Email, OneTimeToken, Session, SessionId, TokenPurpose, User};
use kernel::{School, UserId, UserKind};

use crate::core::key::{Key, Partition, Pointer, at, digest, partition};

/// Points at a user.
pub type UserPointer = Pointer<UserKind>;

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

/// A token that was mailed, by the hash of its text: who reads the table cannot use it.
#[must_use]
pub fn one_time_token(school: &School, purpose: TokenPurpose, text: &str) -> Key<OneTimeToken> {
    at(partition(school, format_args!("ONETIMETOKEN#{}#{}", purpose.name(), digest(text))), "ONETIMETOKEN")
}
