//! Optimistic locking without bothering the caller: read, decide, write, and begin again when somebody else changed
//! what was read. A loop in the feature, since a closure that borrows across awaits cannot be proven `Send` yet.

use kernel::{Code, Error, Result};

/// How often a change is begun again.
const RETRIES: u32 = 12;

/// Counts the attempts of one change.
#[derive(Debug, Default)]
pub struct Attempts(u32);

impl Attempts {
    /// Returns when it is time for another attempt: after a lost race at once, then after growing, random pauses.
    ///
    /// # Errors
    /// `error`, when it is no lost race or too many were lost.
    pub async fn again(&mut self, error: Error) -> Result<()> {
        if error.code() != Code::Conflict || self.0 == RETRIES {
            return Err(error);
        }
        if self.0 > 0 {
            store::pause(self.0 - 1).await?;
        }
        self.0 += 1;
        Ok(())
    }
}
