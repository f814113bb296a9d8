//! Refresh tokens (R24). A token names its session and generation and proves itself by a MAC that only we can make;
//! the table keeps a hash of the current one. Since the secret of a generation is derived, the same child can be
//! handed out again when its reply got lost, without being stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::identity::SessionId;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Code, Error, Result, UserId};
use runtime::TokenKey;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Lets secret scanners recognise one.
const PREFIX: &str = "lrt_";

/// A refresh token that was found genuine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) generation: u32,
}

impl RefreshToken {
    fn head(self) -> Vec<u8> {
        let mut head = Vec::with_capacity(36);
        head.extend(self.user.uuid().as_bytes());
        head.extend(self.session.uuid().as_bytes());
        head.extend(self.generation.to_be_bytes());
        head
    }

    fn mac(self, key: &TokenKey) -> Result<Hmac<Sha256>> {
        let key =
            Sha256::new().chain_update(b"lectern refresh token v1").chain_update(key.pkcs8()).finalize();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
        mac.update(&self.head());
        Ok(mac)
    }

    /// The token's text, and the hash to keep of it.
    pub(crate) fn issue(self, key: &TokenKey) -> Result<(String, String)> {
        let mut bytes = self.head();
        bytes.extend(self.mac(key)?.finalize().into_bytes());
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        let hash = hash(&text);
        Ok((text, hash))
    }

    /// Reads a token that we issued.
    pub(crate) fn read(key: &TokenKey, text: &str) -> Result<Self> {
        let bytes = text
            .strip_prefix(PREFIX)
            .and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok())
            .ok_or_else(refused)?;
        let (head, secret) = bytes.split_at_checked(36).ok_or_else(refused)?;
        let uuid = |part: &[u8]| Uuid::from_slice(part).map_err(|_| refused());
        let generation = head[32..].try_into().map_err(|_| refused())?;
        let token = Self {
            user: UserId::from_uuid(uuid(&head[..16])?),
            session: SessionId::from_uuid(uuid(&head[16..32])?),
            generation: u32::from_be_bytes(generation),
        };
        token.mac(key)?.verify_slice(secret).map_err(|_| refused())?;
        Ok(token)
    }
}

/// What is kept of a token.
pub(crate) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// The answer to every token that is not good (any more): it does not tell why.
pub(crate) fn refused() -> Error {
    Error::new(Code::INVALID_TOKEN, "this refresh token is not valid; sign in again")
}
