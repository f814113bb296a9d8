//! Accounts that nobody can take over: their secrets are made for one run and told to nobody.

use crate::Failure;

/// With what somebody signs in.
#[derive(Clone)]
pub struct Login {
    pub email: String,
    pub password: String,
}

impl Login {
    /// A new one, at an address where SES takes every mail and nobody reads it.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn new() -> Result<Self, Failure> {
        let email = format!("success+{}@simulator.amazonses.com", secret()?);
        Ok(Self { email, password: secret()? })
    }
}

/// 128 random bits in hexadecimal.
fn secret() -> Result<String, Failure> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
