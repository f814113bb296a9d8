//! Roles are granted by admins; the first one has nobody to ask.

use domain::identity::Role;
use kernel::{Error, Result, School, UserId};
use runtime::App;
use store::{Consistency, keys};

/// Makes `user` an admin of `school`.
///
/// # Errors
/// There is no such account, or it changed meanwhile.
pub async fn grant_first_admin(app: &App, school: &School, user: UserId) -> Result<()> {
    let key = keys::user(school, user);
    let stored =
        app.store.get(&key, Consistency::Strong).await?.ok_or_else(|| Error::not_found("account"))?;
    let mut account = stored.value;
    account.set_roles(account.roles.iter().copied().chain([Role::Admin]).collect());
    let mut change = app.store.transaction(school);
    change.replace(&key, &account, stored.rev);
    change.commit().await
}
