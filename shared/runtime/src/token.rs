//! Access tokens: short-lived JWTs signed with Ed25519 and verified without a network (R23).

use std::fmt;

use aws_lc_rs::{
    error::KeyRejected,
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::identity::SessionId;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
    jwk::{AlgorithmParameters, Jwk, JwkSet},
};
use kernel::{Code, Error, Result, School, Timestamp, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use serde_json::{Value, json};

use crate::{App, Config, Parameters, Service};

/// `aud` of every access token.
pub const AUDIENCE: &str = "lectern";
/// `typ` of every access token (RFC 9068): no other kind of JWT is taken for one.
const TYPE: &str = "at+jwt";
/// Clocks may differ by this much.
const LEEWAY_SECONDS: u64 = 30;
/// Ours have about 500 bytes.
const MAX_BYTES: usize = 4096;

/// The private half of a key that signs, which only the functions that sign with it can read.
#[derive(Clone)]
pub struct SigningKey {
    /// Names the public half in the JWKS document.
    pub id: String,
    /// Ed25519, PKCS#8 DER.
    pub pkcs8: Vec<u8>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// The key in the parameter that `variable` names, for the functions that sign with it.
    ///
    /// # Errors
    /// The parameter cannot be read, or [`SigningKey::published`] refuses what is in it.
    pub async fn of_parameter(
        app: &App,
        variable: &str,
        published: &JwkSet,
    ) -> std::result::Result<Self, String> {
        let name = app.environment().required(variable)?;
        let parameters = app.service::<Parameters>().await.map_err(|error| format!("{error:?}"))?;
        let text = parameters.get(name).await?;
        Self::published(&text, published).map_err(|why| format!("{name}: {why}"))
    }

    /// The key of a private half in base64, under the name that its public half is published with: what a key signs that
    /// nobody knows, nobody would take.
    ///
    /// # Errors
    /// It is not a key, or not published.
    pub fn published(private: &str, published: &JwkSet) -> std::result::Result<Self, String> {
        let pkcs8 = STANDARD.decode(private.trim()).map_err(|_| "the private key is not base64")?;
        let public = public_text(&pkcs8).map_err(|_| "the private key is not a key")?;
        let is_own = |key: &&Jwk| matches!(&key.algorithm, AlgorithmParameters::OctetKeyPair(pair) if pair.x == public);
        let id = published.keys.iter().find(is_own).and_then(|key| key.common.key_id.clone());
        Ok(Self { id: id.ok_or("the private key is another one: its public half is not published")?, pkcs8 })
    }
}

/// What signs access tokens, for the functions that hand them out.
#[derive(Clone, Debug)]
pub struct TokenKey {
    key: SigningKey,
    seconds: i64,
}

impl Service for TokenKey {
    const VARIABLES: &'static [&'static str] = &["TOKEN_KEY_PARAMETER", "ACCESS_TOKEN_SECONDS"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let seconds = app.environment().number("ACCESS_TOKEN_SECONDS")?.unwrap_or(3600);
        let key = SigningKey::of_parameter(app, "TOKEN_KEY_PARAMETER", &app.config.public_keys).await?;
        Ok(Self::new(key, seconds))
    }
}

impl TokenKey {
    /// A key whose tokens last for so many seconds.
    #[must_use]
    pub fn new(key: SigningKey, seconds: u32) -> Self {
        Self { key, seconds: seconds.into() }
    }

    /// How long a token lasts.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// The private half, PKCS#8 DER: refresh tokens are derived from it.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.key.pkcs8
    }

    /// Signs a token for a session.
    ///
    /// # Errors
    /// The key is not a valid one.
    pub fn sign(
        &self,
        config: &Config,
        school: &School,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<String> {
        let claims = Claims {
            iss: config.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            school: school.clone(),
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: now.seconds() + self.seconds,
        };
        sign_as(TYPE, &self.key, &claims)
    }
}

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
/// The key is not a valid one.
pub fn public_half(key: &SigningKey) -> Result<Value> {
    let public = public_text(&key.pkcs8).map_err(Error::internal)?;
    let jwk =
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": public });
    Ok(json!({ "keys": [jwk] }))
}

/// The public half as JWKS documents spell it.
fn public_text(pkcs8: &[u8]) -> std::result::Result<String, KeyRejected> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8)?;
    Ok(URL_SAFE_NO_PAD.encode(pair.public_key()))
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

/// Signs anything, as a JWT of type `typ`.
///
/// # Errors
/// The key is not a valid one.
pub fn sign_as(typ: &str, key: &SigningKey, claims: &impl Serialize) -> Result<String> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(typ.to_owned());
    header.kid = Some(key.id.clone());
    encode(&header, claims, &EncodingKey::from_ed_der(&key.pkcs8)).map_err(Error::internal)
}

/// Reads a token that we signed for this audience and that is valid now.
///
/// # Errors
/// [`Code::TOKEN_EXPIRED`] for a genuine one that came too late, [`Code::INVALID_TOKEN`] for everything else.
pub fn verify(app: &App, token: &str) -> Result<Claims> {
    let refused = || Error::new(Code::INVALID_TOKEN, "sign in again to get a valid access token");
    if token.len() > MAX_BYTES {
        return Err(refused());
    }
    // Whether we signed it is looked at once; whether it is still, or not yet, valid is asked each time.
    let genuine = app.remembered::<String, Claims>();
    let claims = match genuine.get(token) {
        Some(claims) => claims,
        None => {
            let claims = genuine_claims(&app.config, token)?.ok_or_else(refused)?;
            genuine.keep(token.to_owned(), claims.clone());
            claims
        }
    };
    let now = app.now();
    let leeway = i64::try_from(LEEWAY_SECONDS).expect("small");
    if claims.nbf > now.seconds().saturating_add(leeway) {
        return Err(refused());
    }
    if claims.exp <= now.seconds().saturating_sub(leeway) {
        return Err(Error::new(Code::TOKEN_EXPIRED, "refresh the access token or sign in again"));
    }
    Ok(claims)
}

fn genuine_claims(config: &Config, token: &str) -> Result<Option<Claims>> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&config.issuer]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    decode_as(TYPE, &config.public_keys, token, validation)
}

/// Reads a JWT of type `typ` that one of `keys` signed, whatever it says of time and audience.
///
/// # Errors
/// [`Code::INVALID_TOKEN`].
pub fn verify_as<C: DeserializeOwned + Clone>(typ: &str, keys: &JwkSet, token: &str) -> Result<C> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_aud = false;
    validation.set_required_spec_claims::<&str>(&[]);
    decode_as(typ, keys, token, validation)?
        .ok_or_else(|| Error::new(Code::INVALID_TOKEN, format!("not signed as {typ} by one of these keys")))
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
