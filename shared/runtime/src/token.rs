//! Access tokens: short-lived JWTs signed with Ed25519 and verified without a network (R23).

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode, jwk::JwkSet,
};
use kernel::{Code, Error, Result, School, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use serde_json::{Value, json};

use crate::{Config, SigningKey};

/// `aud` of every access token.
pub const AUDIENCE: &str = "lectern";
/// `typ` of every access token (RFC 9068): no other kind of JWT is taken for one.
const TYPE: &str = "at+jwt";
/// Clocks may differ by this much.
const LEEWAY_SECONDS: u64 = 30;
/// Ours have about 500 bytes.
const MAX_BYTES: usize = 4096;

/// Makes a new key pair named `id`: the private half, and the JWKS document with the public one.
///
/// # Errors
/// The machine has no randomness.
pub fn generate_key(id: &str) -> Result<(SigningKey, Value)> {
    let unspecified = |_| Error::internal("no key could be made");
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(unspecified)?;
    let key = SigningKey { id: id.to_owned(), pkcs8: pkcs8.as_ref().to_vec() };
    let public = public_half(&key)?;
    Ok((key, public))
}

/// The JWKS document with the public half of a key.
///
/// # Errors
/// The key is none.
pub fn public_half(key: &SigningKey) -> Result<Value> {
    let pair = Ed25519KeyPair::from_pkcs8(&key.pkcs8).map_err(Error::internal)?;
    let public = URL_SAFE_NO_PAD.encode(pair.public_key());
    let jwk =
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": public });
    Ok(json!({ "keys": [jwk] }))
}

/// What an access token says. Roles are not in it: they are read with the account on each call, so that a change
/// takes effect at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: UserId,
    pub sid: SessionId,
    pub school: School,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

/// Signs a token for a session.
///
/// # Errors
/// This function has no signing key.
pub fn sign(
    config: &Config,
    school: &School,
    user: UserId,
    session: SessionId,
    now: Timestamp,
) -> Result<String> {
    let key =
        config.signing_key.as_ref().ok_or_else(|| Error::internal("this function has no signing key"))?;
    let claims = Claims {
        iss: config.issuer.clone(),
        aud: AUDIENCE.to_owned(),
        sub: user,
        sid: session,
        school: school.clone(),
        iat: now.seconds(),
        nbf: now.seconds(),
        exp: now.seconds() + config.access_token_seconds,
    };
    sign_as(TYPE, key, &claims)
}

/// Signs anything, as a JWT of type `typ`.
///
/// # Errors
/// The key is none.
pub fn sign_as(typ: &str, key: &SigningKey, claims: &impl Serialize) -> Result<String> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(typ.to_owned());
    header.kid = Some(key.id.clone());
    encode(&header, claims, &EncodingKey::from_ed_der(&key.pkcs8)).map_err(Error::internal)
}

/// Reads a token that we signed for this audience and that is valid at `now`.
///
/// # Errors
/// [`Code::TokenExpired`] for a genuine one that came too late, [`Code::InvalidToken`] for everything else.
pub fn verify(config: &Config, token: &str, now: Timestamp) -> Result<Claims> {
    let refused = || Error::new(Code::InvalidToken, "sign in again to get a valid access token");
    if token.len() > MAX_BYTES {
        return Err(refused());
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&config.issuer]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    let claims: Claims = decode_as(TYPE, &config.public_keys, token, validation)?.ok_or_else(refused)?;
    let leeway = i64::try_from(LEEWAY_SECONDS).expect("small");
    if claims.nbf > now.seconds().saturating_add(leeway) {
        return Err(refused());
    }
    if claims.exp <= now.seconds().saturating_sub(leeway) {
        return Err(Error::new(Code::TokenExpired, "refresh the access token or sign in again"));
    }
    Ok(claims)
}

/// Reads a JWT of type `typ` that one of `keys` signed, whatever it says of time and audience.
///
/// # Errors
/// [`Code::InvalidToken`].
pub fn verify_as<C: DeserializeOwned + Clone>(typ: &str, keys: &JwkSet, token: &str) -> Result<C> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_aud = false;
    validation.set_required_spec_claims::<&str>(&[]);
    decode_as(typ, keys, token, validation)?
        .ok_or_else(|| Error::new(Code::InvalidToken, format!("not signed as {typ} by one of these keys")))
}

/// The key is ours by its id; whatever else the header offers (jwk, jku, x5u) is not looked at. The library asks the
/// machine's clock, so times are left to the caller.
fn decode_as<C: DeserializeOwned + Clone>(
    typ: &str,
    keys: &JwkSet,
    token: &str,
    mut validation: Validation,
) -> Result<Option<C>> {
    let Ok(header) = decode_header(token) else { return Ok(None) };
    let Some(key) = header.kid.as_deref().and_then(|kid| keys.find(kid)) else { return Ok(None) };
    if header.typ.as_deref() != Some(typ) || header.alg != Algorithm::EdDSA {
        return Ok(None);
    }
    let key = DecodingKey::from_jwk(key).map_err(Error::internal)?;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    Ok(decode(token, &key, &validation).ok().map(|data| data.claims))
}
