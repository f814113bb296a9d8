//! What happens to accounts, as others are told of it.

use kernel::UserId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Role;
use crate::event::{EventData, EventType};

/// All of them.
pub(crate) const EVENTS: &[EventType] = &[
    EventType::of::<UserRegistered>(),
    EventType::of::<UserVerificationRequested>(),
    EventType::of::<UserPasswordForgotten>(),
    EventType::of::<UserRolesChanged>(),
];

/// Somebody made an account.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserRegistered {
    pub user_id: UserId,
    pub first_name: String,
    pub last_name: String,
}

impl EventData for UserRegistered {
    const TYPE: &'static str = "user.registered";
    const VERSION: u32 = 1;
}

/// Somebody wants the mail again that confirms their address.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserVerificationRequested {
    pub user_id: UserId,
}

impl EventData for UserVerificationRequested {
    const TYPE: &'static str = "user.verification_requested";
    const VERSION: u32 = 1;
}

/// Somebody asked for a new password for an address.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserPasswordForgotten {
    /// Nobody, where no account has the address: that is told too, so that asking takes the same work either way.
    pub user_id: Option<UserId>,
}

impl EventData for UserPasswordForgotten {
    const TYPE: &'static str = "user.password_forgotten";
    const VERSION: u32 = 1;
}

/// An admin changed what an account may do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserRolesChanged {
    pub user_id: UserId,
    pub before: Vec<Role>,
    pub after: Vec<Role>,
}

impl EventData for UserRolesChanged {
    const TYPE: &'static str = "user.roles_changed";
    const VERSION: u32 = 1;
}
