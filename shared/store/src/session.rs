//! Sign-ins and mailed tokens; expired ones disappear by themselves.

use domain::identity::{OneTimeToken, Session};

use crate::Entity;

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
