//! What verify and reset have in common: the token that was mailed.

use domain::identity::{OneTimeToken, TokenPurpose, rules};
use kernel::{Result, School, Violations};
use runtime::App;
use store::{Consistency, Key, Stored, keys};

/// A token that is kept, whoever it was mailed to and however long ago.
pub(crate) struct MailedToken {
    pub(crate) key: Key<OneTimeToken>,
    pub(crate) kept: Stored<OneTimeToken>,
}

/// Finds what `text` is the token of. An unknown one, a used one and one of another purpose or school are all nothing.
pub(crate) async fn find(
    app: &App,
    school: &School,
    purpose: TokenPurpose,
    text: &str,
) -> Result<Option<MailedToken>> {
    let key = keys::one_time_token(school, purpose, text);
    let kept = app.store.get(&key, Consistency::Strong).await?;
    Ok(kept.map(|kept| MailedToken { key, kept }))
}

/// Notes that the token is not good; it does not tell why.
pub(crate) fn refuse(violations: &mut Violations) {
    let detail =
        "is not good: it was used before, is too old, or was not mailed to this account; ask for a new one";
    violations.add("/token", rules::INVALID_TOKEN, detail);
}
