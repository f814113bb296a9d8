//! Accounts, sign-ins and mailed tokens; what has expired disappears by itself.

pub(crate) mod keys;

use domain::identity::{OneTimeToken, Session, User};

use crate::core::entity::Entity;

impl Entity for User {
    const TYPE: &'static str = "user";
}

impl Entity for Session {
    const TYPE: &'static str = "session";

    fn ttl(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Entity for OneTimeToken {
    const TYPE: &'static str = "one_time_token";

    fn ttl(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}
