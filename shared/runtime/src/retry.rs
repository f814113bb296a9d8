//! Optimistic locking that no feature sees: what lost a race begins again from the start, so that permission is asked,
//! everything read and all of it decided once more.

use kernel::{Code, Result};

/// How often a change is begun again.
const RETRIES: u32 = 12;

/// Does `work` until it loses no race any more: after the first lost one at once, then after growing, random pauses.
///
/// # Errors
/// What `work` fails with, a lost race among it when too many were lost.
pub(crate) async fn collisions<T, F: Future<Output = Result<T>>>(work: impl Fn() -> F) -> Result<T> {
    for lost in 0..RETRIES {
        match work().await {
            Err(error) if error.code() == Code::CONFLICT => {}
            done => return done,
        }
        if lost > 0 {
            store::pause(lost - 1).await?;
        }
    }
    work().await
}
