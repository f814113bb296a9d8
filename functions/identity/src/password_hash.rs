//! Argon2id with the least parameters that R25 allows: 19 MiB, 2 passes, 1 lane.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::{Error, Result};

const MEMORY_KIB: u32 = 19 * 1024;
/// What a function that hashes is given, in MB: a hash takes CPU, which comes with memory.
pub(crate) const FUNCTION_MEMORY: u32 = 512;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A hash of today's parameters that no password has, for accounts that do not exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What every hash goes through, so that the meter counts it.
fn argon2() -> Result<Argon2<'static>> {
    store::hashing();
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password with a fresh salt, in PHC string form.
pub(crate) fn hash(password: &str) -> Result<String> {
    let hash =
        argon2()?.hash_password(password.as_bytes()).map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether `password` has this hash. Takes as long when there is no hash to compare with, so that the time does not
/// tell whether an account exists.
pub(crate) fn verify(password: &str, hash: Option<&str>) -> Result<bool> {
    let parsed =
        PasswordHash::new(hash.unwrap_or(NOBODY)).map_err(|error| Error::internal(error.to_string()))?;
    Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some())
}

/// Whether the hash was made with weaker parameters than today's.
pub(crate) fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r25_hashes_are_argon2id_with_19_mib_and_two_passes() {
        let hash = hash("ein sehr langes Paßwort 🔑").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!is_outdated(&hash));
        assert!(is_outdated("$argon2id$v=19$m=4096,t=3,p=1$c2FsdA$aGFzaA"));
        assert!(verify("ein sehr langes Paßwort 🔑", Some(&hash)).unwrap());
        assert!(!verify("ein sehr langes Passwort 🔑", Some(&hash)).unwrap());
        assert!(!is_outdated(NOBODY), "as much work as for an account that exists");
        assert!(!verify("nobody has this password", None).unwrap());
    }
}
