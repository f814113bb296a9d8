//! What verify and reset have in common: the token that was mailed.

use domain::identity::{OneTimeToken, TokenPurpose, User};
use kernel::{Result, School, Violations};
use runtime::App;
use store::{Consistency, Key, Stored, keys};

/// A token that is good, with the account that it was mailed to.
pub(crate) struct MailedToken {
    pub(crate) key: Key<OneTimeToken>,
    pub(crate) rev: u64,
    pub(crate) user: Stored<User>,
}

/// Finds what `text` is the token of. An unknown one, a used one, one of another purpose, school, address or epoch and
/// one that is too old are all nothing.
pub(crate) async fn find(
    app: &App,
    school: &School,
    purpose: TokenPurpose,
    text: &str,
) -> Result<Option<MailedToken>> {
    let key = keys::one_time_token(school, purpose, text);
    let Some(token) = app.store.get(&key, Consistency::Strong).await? else { return Ok(None) };
    let user = app.store.get(&keys::user(school, token.value.user_id), Consistency::Strong).await?;
    let good = user.filter(|user| token.value.is_good_for(&user.value, app.now()));
    Ok(good.map(|user| MailedToken { key, rev: token.rev, user }))
}

/// Notes that the token is not good; it does not tell why.
pub(crate) fn refuse(violations: &mut Violations) {
    let detail = "is not good: it was used before, is too old, or was never mailed; ask for a new one";
    violations.add("/token", "invalid_token", detail);
}
