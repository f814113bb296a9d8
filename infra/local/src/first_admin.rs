//! Roles are granted by admins; the first one has nobody to ask.

use domain::identity::{Email, Role};
use kernel::{Code, Error, Result, School, Violations};
use store::{Consistency, Store, keys};

/// Makes the account of `email` in `school` an admin.
///
/// # Errors
/// There is no such account, or it changed meanwhile.
pub async fn grant_first_admin(store: &Store, school: &School, email: &str) -> Result<()> {
    let absent =
        || Error::new(Code::NotFound, format!("no account has the email {email}: register it first"));
    let address = Email::parse(email, "", &mut Violations::default()).ok_or_else(absent)?;
    let pointer = store.get(&keys::email(school, &address), Consistency::Strong).await?.ok_or_else(absent)?;
    let key = keys::user(school, pointer.value.target);
    let stored = store.get(&key, Consistency::Strong).await?.ok_or_else(absent)?;
    let mut account = stored.value;
    account.set_roles(account.roles.iter().copied().chain([Role::Admin]).collect());
    let mut change = store.transaction(school);
    change.replace(&key, &account, stored.rev);
    change.commit().await
}
