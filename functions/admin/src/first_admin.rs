//! Roles are granted by admins; the first one has nobody to ask.

use domain::identity::{Email, Role, User};
use kernel::{Code, Error, Result, School, Violations};
use store::{
    Consistency, Store, Stored,
    keys::{self, UserPointer},
};

/// The account of `email` in `school`, to be looked at before it is given anything.
///
/// # Errors
/// There is no such account.
pub async fn find_account(store: &Store, school: &School, email: &str) -> Result<Stored<User>> {
    let absent =
        || Error::new(Code::NOT_FOUND, format!("no account has the email {email}: register it first"));
    let address = Email::parse(email, "", &mut Violations::default()).ok_or_else(absent)?;
    let pointer = store.get::<UserPointer>(&keys::email(school, &address), Consistency::Strong).await?;
    let key = keys::user(school, pointer.ok_or_else(absent)?.value.target);
    store.get(&key, Consistency::Strong).await?.ok_or_else(absent)
}

/// Makes `account` an admin, as it was read: what somebody agreed to is what happens.
///
/// # Errors
/// Its address is not confirmed, so that anybody may have made it in the name of that address; or it changed meanwhile.
pub async fn grant_first_admin(store: &Store, school: &School, account: Stored<User>) -> Result<()> {
    let Stored { value: mut account, rev } = account;
    if !account.email_verified {
        let email = &account.email;
        return Err(Error::new(
            Code::FORBIDDEN,
            format!(
                "nobody confirmed that {email} is theirs, so somebody else may have made this account: confirm it with the \
                 mail that came of registering"
            ),
        ));
    }
    account.set_roles(account.roles.iter().copied().chain([Role::Admin]).collect());
    let mut change = store.transaction(school);
    change.replace(&keys::user(school, account.id), &account, rev);
    change.commit().await
}
