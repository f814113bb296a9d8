//! What is left to chance: how long somebody waits, and marks that nobody else has.

use std::time::Duration;

use kernel::{Error, Result};

/// Waits after a collision: 10 to 20 ms after the first (`attempt` 0), twice that after the second, and so on, at
/// most 160.
///
/// # Errors
/// The machine has no randomness.
pub async fn pause(attempt: u32) -> Result<()> {
    rest(Duration::from_millis(10 << attempt.min(3))).await
}

/// Waits at least so long, and up to twice that.
pub(crate) async fn rest(least: Duration) -> Result<()> {
    let mut byte = [0];
    getrandom::fill(&mut byte).map_err(Error::internal)?;
    tokio::time::sleep(least + least * u32::from(byte[0]) / 255).await;
    Ok(())
}

/// 128 random bits.
pub(crate) fn token() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
