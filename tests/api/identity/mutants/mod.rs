//! Access tokens that must not open anything, made from one that does. All of them are listed, none is random.

mod damaged;
mod forged;
mod misissued;

use std::collections::BTreeSet;

use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use testkit::TestApp;

use crate::identity::setup::SignedIn;

/// Signs what the product never would: with its own key, with another, or with none.
pub(crate) struct Mint {
    ours: Ed25519KeyPair,
    theirs: Ed25519KeyPair,
    /// A token that is good, and what it says.
    token: String,
    claims: Map<String, Value>,
}

/// A JWT of any header and claims, with any signature over them.
fn compact(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn header(typ: &Value, alg: &Value, kid: &Value) -> Value {
    let mut header = json!({ "typ": typ, "alg": alg, "kid": kid });
    header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    header
}

impl Mint {
    pub(crate) fn new(app: &TestApp, person: &SignedIn) -> Self {
        let claims = person.access.split('.').nth(1).unwrap();
        let theirs = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self {
            ours: Ed25519KeyPair::from_pkcs8(app.token_key().pkcs8()).unwrap(),
            theirs: Ed25519KeyPair::from_pkcs8(theirs.as_ref()).unwrap(),
            token: person.access.clone(),
            claims: serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap(),
        }
    }

    /// Signed with our key under our header.
    fn signed(&self, claims: &str) -> String {
        self.signed_under(&header(&json!("at+jwt"), &json!("EdDSA"), &json!("test")).to_string(), claims)
    }

    /// The good claims with some replaced; null takes one away.
    pub(crate) fn with(&self, changes: &Value) -> String {
        let mut claims = self.claims.clone();
        claims.extend(changes.as_object().unwrap().clone());
        claims.retain(|_, value| !value.is_null());
        self.signed(&json!(claims).to_string())
    }

    fn signed_under(&self, header: &str, claims: &str) -> String {
        compact(header, claims, |message| self.ours.sign(message).as_ref().to_vec())
    }

    /// Every mutant once. `others` are somebody else's tokens.
    pub(crate) fn mutants(&self, others: &[&SignedIn]) -> BTreeSet<String> {
        let mut mutants = BTreeSet::new();
        self.damaged(&mut mutants);
        self.recombined(others, &mut mutants);
        self.forged(&mut mutants);
        self.with_offered_keys(&mut mutants);
        self.under_wrong_headers(&mut mutants);
        self.with_wrong_claims(others, &mut mutants);
        self.oversized(&mut mutants);
        // Other bytes never get as far as the token's check.
        mutants.retain(|token| token.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
        mutants.retain(|token| token.trim() != self.token);
        mutants
    }
}
