//! Optimistic locking without bothering the caller: read, decide, write, and begin again when somebody else changed
//! what was read. A loop in the feature, since a closure that borrows across awaits cannot be proven `Send` yet.

use kernel::{Code, Error};

/// How often a change is begun again.
const RETRIES: u32 = 8;

/// Counts the attempts of one change.
#[derive(Debug, Default)]
pub struct Attempts(u32);

impl Attempts {
    /// Whether `error` is a lost race that is worth another attempt.
    pub fn again(&mut self, error: &Error) -> bool {
        self.0 += 1;
        error.code() == Code::Conflict && self.0 <= RETRIES
    }
}
