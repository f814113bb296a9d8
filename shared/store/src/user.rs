//! Accounts.

use domain::identity::User;

use crate::Entity;

impl Entity for User {
    const TYPE: &'static str = "user";
}
