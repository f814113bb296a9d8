//! Access tokens that must not open anything, made from one that does. All of them are listed, none is random.

use std::collections::BTreeSet;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};
use testkit::TestApp;

use crate::setup::SignedIn;

/// Signs what the product never would: with its own key, with another, or with none.
pub(crate) struct Mint {
    ours: Ed25519KeyPair,
    theirs: Ed25519KeyPair,
    /// A token that is good, and what it says.
    token: String,
    pub(crate) claims: Map<String, Value>,
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
            ours: Ed25519KeyPair::from_pkcs8(&app.app().config.signing_key.as_ref().unwrap().pkcs8).unwrap(),
            theirs: Ed25519KeyPair::from_pkcs8(theirs.as_ref()).unwrap(),
            token: person.access.clone(),
            claims: serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap(),
        }
    }

    /// Signed with our key under our header.
    pub(crate) fn signed(&self, claims: &str) -> String {
        self.signed_under(&header(&json!("at+jwt"), &json!("EdDSA"), &json!("test")).to_string(), claims)
    }

    /// The good claims with some replaced; null takes one away.
    pub(crate) fn with(&self, changes: Value) -> String {
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

    /// One bit flipped, one character more, less, doubled or moved, anywhere.
    fn damaged(&self, mutants: &mut BTreeSet<String>) {
        let bytes = self.token.as_bytes();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..7 {
                let mut flipped = bytes.to_vec();
                flipped[at] ^= 1 << bit;
                mutants.insert(text(flipped));
            }
            let mut changed = bytes.to_vec();
            changed.remove(at);
            mutants.insert(text(changed));
            for inserted in [bytes[at], b'.', b'=', b' '] {
                let mut changed = bytes.to_vec();
                changed.insert(at, inserted);
                mutants.insert(text(changed));
            }
            let mut changed = bytes.to_vec();
            changed.swap(at, (at + 1) % bytes.len());
            mutants.insert(text(changed));
            mutants.insert(self.token[..at].to_owned());
            mutants.insert(self.token[at + 1..].to_owned());
        }
        for more in ["=", "==", "A", ".", ".A", "..", "%3D", "\\", "\"", ",", ";"] {
            mutants.insert(format!("{}{more}", self.token));
            mutants.insert(format!("{more}{}", self.token));
        }
    }

    /// Good parts in wrong places, and other people's parts.
    fn recombined(&self, others: &[&SignedIn], mutants: &mut BTreeSet<String>) {
        let mine: Vec<&str> = self.token.split('.').collect();
        let mut parts = mine.clone();
        parts.push("");
        for other in others {
            parts.extend(other.access.split('.').skip(1));
            mutants.insert(other.refresh.clone());
        }
        for a in &parts {
            for b in &parts {
                mutants.insert(format!("{a}.{b}"));
                for c in &parts {
                    mutants.insert(format!("{a}.{b}.{c}"));
                }
            }
        }
        for other in others {
            mutants.remove(&other.access);
        }
        mutants.insert(format!("{}.{}.{}.{}.{}", mine[0], mine[1], mine[2], mine[1], mine[2]));
        mutants.insert(json!({ "protected": mine[0], "payload": mine[1], "signature": mine[2] }).to_string());
        let decoded = URL_SAFE_NO_PAD.decode(mine[1]).unwrap();
        for payload in [STANDARD.encode(&decoded), String::from_utf8(decoded).unwrap()] {
            mutants.insert(format!("{}.{payload}.{}", mine[0], mine[2]));
        }
        mutants.insert("ada@example.org:correct horse battery staple".to_owned());
    }

    /// The good claims under many headers, signed by somebody who does not have our key, but knows the public one.
    fn forged(&self, mutants: &mut BTreeSet<String>) {
        let public = self.ours.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "test", "x": x });
        let spki = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], public].concat();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&spki));
        let secrets = [
            public.to_vec(),
            x.clone().into_bytes(),
            jwk.to_string().into_bytes(),
            json!({ "keys": [jwk] }).to_string().into_bytes(),
            spki,
            pem.into_bytes(),
            b"test".to_vec(),
            b"secret".to_vec(),
        ];
        let claims = json!(self.claims).to_string();
        for (name, algorithm) in
            [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
        {
            for secret in &secrets {
                let sign = |message: &[u8]| hmac::sign(&hmac::Key::new(algorithm, secret), message).as_ref().to_vec();
                for typ in ["at+jwt", "JWT"] {
                    for alg in [name, "EdDSA"] {
                        let header = header(&json!(typ), &json!(alg), &json!("test")).to_string();
                        mutants.insert(compact(&header, &claims, sign));
                    }
                }
            }
        }
        let algs = [
            json!("none"), json!("None"), json!("NONE"), json!("nOnE"), json!("HS256"), json!("HS512"),
            json!("RS256"), json!("PS256"), json!("ES256"), json!("ES384"), json!("EdDSA"), json!("eddsa"),
            json!("Ed25519"), json!(""), json!(0), json!(["EdDSA"]), json!({}), Value::Null,
        ];
        let kids = [
            json!("test"), json!("TEST"), json!(" test"), json!("test "), json!("test\u{0}"), json!("../test"),
            json!("./test"), json!("../../../../../../dev/null"), json!("/dev/null"), json!("..%2f..%2fdev%2fnull"),
            json!("file:///etc/passwd"), json!("https://evil.example/key"), json!("' OR '1'='1"), json!("main"),
            json!(""), json!(0), json!(["test"]), Value::Null,
        ];
        let public_secret = hmac::Key::new(hmac::HMAC_SHA256, public);
        for alg in &algs {
            for kid in &kids {
                for typ in [json!("at+jwt"), json!("JWT"), json!(""), Value::Null] {
                    let header = header(&typ, alg, kid).to_string();
                    mutants.insert(compact(&header, &claims, |_| Vec::new()));
                    mutants.insert(compact(&header, &claims, |_| vec![0; 64]));
                    mutants.insert(compact(&header, &claims, |message| self.theirs.sign(message).as_ref().to_vec()));
                    mutants.insert(compact(&header, &claims, |message| {
                        hmac::sign(&public_secret, message).as_ref().to_vec()
                    }));
                }
            }
        }
    }

    /// Signed with a key that the header itself brings along.
    fn with_offered_keys(&self, mutants: &mut BTreeSet<String>) {
        let x = URL_SAFE_NO_PAD.encode(self.theirs.public_key().as_ref());
        let url = "https://evil.example/keys";
        let claims = json!(self.claims).to_string();
        for kid in [json!("test"), json!("theirs"), json!(""), Value::Null] {
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x });
            for (name, value) in [
                ("jwk", jwk.clone()),
                ("jwk", json!(jwk.to_string())),
                ("jwks", json!({ "keys": [jwk] })),
                ("keys", json!([jwk])),
                ("jku", json!(url)),
                ("jku", json!(format!("data:application/json,{}", json!({ "keys": [jwk] })))),
                ("x5u", json!(url)),
                ("x5c", json!([x])),
                ("x5t", json!(x)),
                ("x5t#S256", json!(x)),
            ] {
                for typ in ["at+jwt", "JWT"] {
                    let mut header = header(&json!(typ), &json!("EdDSA"), &kid);
                    header[name] = value.clone();
                    for crit in [None, Some(name)] {
                        if let Some(crit) = crit {
                            header["crit"] = json!([crit]);
                        }
                        mutants.insert(compact(&header.to_string(), &claims, |message| {
                            self.theirs.sign(message).as_ref().to_vec()
                        }));
                    }
                }
            }
        }
    }

    /// Signed with our key, but not as an access token: another kind of token, another key's name.
    fn under_wrong_headers(&self, mutants: &mut BTreeSet<String>) {
        let claims = json!(self.claims).to_string();
        let good = [json!("at+jwt"), json!("EdDSA"), json!("test")];
        let typs = ["JWT", "jwt", "id+jwt", "rt+jwt", "secevent+jwt", "at", "jwt+at", "", " at+jwt"];
        let algs = ["none", "None", "HS256", "RS256", "ES256", "eddsa", "EDDSA", ""];
        let kids = ["TEST", "test ", " test", "tes", "test2", "../test", "test/../test", "test\u{0}", "main", "0", ""];
        let mut headers: Vec<Value> = typs.map(|typ| header(&json!(typ), &good[1], &good[2])).to_vec();
        headers.extend(algs.map(|alg| header(&good[0], &json!(alg), &good[2])));
        headers.extend(kids.map(|kid| header(&good[0], &good[1], &json!(kid))));
        for wrong in [Value::Null, json!(0), json!(true), json!([]), json!({}), json!(["at+jwt", "EdDSA", "test"])] {
            headers.extend([
                header(&wrong, &good[1], &good[2]),
                header(&good[0], &wrong, &good[2]),
                header(&good[0], &good[1], &wrong),
                wrong,
            ]);
        }
        for header in headers {
            mutants.insert(self.signed_under(&header.to_string(), &claims));
        }
        for text in [
            r#"{"typ":"at+jwt","alg":"EdDSA","alg":"none","kid":"test"}"#,
            r#"{"typ":"JWT","typ":"at+jwt","alg":"EdDSA","kid":"test"}"#,
            r#"{"typ":"at+jwt","alg":"EdDSA","kid":"other","kid":"test"}"#,
            r#"{"typ":"at+jwt","alg":"EdDSA","kid":"test"}}"#,
            r#"{"typ":"at+jwt","alg":"EdDSA","kid":"test""#,
            "", "null", "{}", "[]", "\u{0}",
        ] {
            mutants.insert(self.signed_under(text, &claims));
        }
    }

    /// Signed with our key, but not by us for now, for this API and for a session that is.
    fn with_wrong_claims(&self, others: &[&SignedIn], mutants: &mut BTreeSet<String>) {
        let now = self.claims["iat"].as_i64().unwrap();
        for name in self.claims.keys() {
            mutants.insert(self.with(json!({ name.as_str(): null })));
            for wrong in [json!(true), json!([]), json!({}), json!([self.claims[name]]), json!("")] {
                mutants.insert(self.with(json!({ name.as_str(): wrong })));
            }
            // The same claim twice, in both orders.
            let good = json!(self.claims).to_string();
            for value in [&self.claims[name], &json!("other"), &json!(0)] {
                let twice = format!("{},\"{name}\":{value}}}", good.strip_suffix('}').unwrap());
                mutants.insert(self.signed(&twice));
                mutants.insert(self.signed(&format!("{{\"{name}\":{value},{}", &good[1..])));
            }
        }
        for aud in ["lectern2", "lecter", "LECTERN", "lectern ", "https://lectern.test", "other", "*"] {
            mutants.insert(self.with(json!({ "aud": aud })));
            mutants.insert(self.with(json!({ "aud": [aud] })));
        }
        for iss in ["https://lectern.test/", "https://LECTERN.test", "http://lectern.test", "lectern.test", "evil", "*"] {
            mutants.insert(self.with(json!({ "iss": iss })));
        }
        for school in ["other", "mai", "Main", "main ", "main#", "../main", "none", "*"] {
            mutants.insert(self.with(json!({ "school": school })));
        }
        for seconds in [60, 61, 3600, 86_400, 1 << 40, i64::MAX - now] {
            mutants.insert(self.with(json!({ "nbf": now + seconds })));
        }
        for exp in [now - 31, now - 60, now - 3600, 1, 0, -1, i64::MIN] {
            mutants.insert(self.with(json!({ "exp": exp })));
        }
        for (name, value) in [("exp", json!(1e300)), ("exp", json!(now + 3600).to_string().into()), ("nbf", json!("0"))] {
            mutants.insert(self.with(json!({ name: value })));
        }
        for (name, value) in [("roles", json!(["admin"])), ("scope", json!("admin")), ("act", json!({ "sub": "x" }))] {
            mutants.insert(self.with(json!({ name: value })));
        }
        let sub = self.claims["sub"].as_str().unwrap();
        let sid = self.claims["sid"].as_str().unwrap();
        for wrong in [sub.to_uppercase(), sub.replace("usr_", "ses_"), format!("{sub}0"), sub[4..].to_owned()] {
            mutants.insert(self.with(json!({ "sub": wrong })));
        }
        for wrong in [sid.to_uppercase(), sub.replace("usr_", "ses_"), format!("{sid}0"), "ses_*".to_owned()] {
            mutants.insert(self.with(json!({ "sid": wrong })));
        }
        for other in others {
            // Another account with this session, in this school or in its own.
            mutants.insert(self.with(json!({ "sub": other.id })));
            mutants.insert(self.with(json!({ "sub": other.id, "school": "other" })));
        }
        for text in ["", "null", "[]", "{}", "\"x\"", "{", "{} {}", "\u{feff}{}", "\u{0}"] {
            mutants.insert(self.signed(text));
        }
    }

    fn oversized(&self, mutants: &mut BTreeSet<String>) {
        let megabyte = 1 << 20;
        for letter in ["A", ".", " ", "="] {
            mutants.insert(letter.repeat(megabyte));
            mutants.insert(format!("{}{}", self.token, letter.repeat(megabyte)));
            mutants.insert(format!("{}{}", letter.repeat(megabyte), self.token));
        }
        // Good but for its size: JSON does not mind the space.
        let claims = json!(self.claims).to_string();
        mutants.insert(self.signed(&format!("{}{claims}", " ".repeat(megabyte))));
        mutants.insert(self.signed(&format!("{}{claims}", " ".repeat(4096))));
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        mutants.insert(self.signed(&nested));
    }
}
