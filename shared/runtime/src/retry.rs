//! Optimistic locking without bothering the caller.

use kernel::{Code, Result};

/// How often a change is made again on what somebody else left.
const ATTEMPTS: u32 = 8;

/// Runs read–decide–write until nobody changed what it had read in between.
///
/// # Errors
/// What `change` fails with; [`Code::Conflict`] when it kept losing.
pub async fn retry_on_conflict<T>(mut change: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    for _ in 1..ATTEMPTS {
        match change().await {
            Err(error) if error.code() == Code::Conflict => {}
            done => return done,
        }
    }
    change().await
}
