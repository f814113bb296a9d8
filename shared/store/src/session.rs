//! Sign-ins; expired ones disappear by themselves.

use domain::identity::Session;

use crate::Entity;

impl Entity for Session {
    const TYPE: &'static str = "session";

    fn ttl(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}
