//! Good claims, signed by somebody who has another key: their own, or our public one.

use std::collections::BTreeSet;

use aws_lc_rs::{hmac, signature::KeyPair};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{Mint, compact, header};

impl Mint {
    /// The good claims under many headers, signed by somebody who does not have our key, but knows the public one.
    pub(super) fn forged(&self, mutants: &mut BTreeSet<String>) {
        let public = self.ours.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        let jwk =
            json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "test", "x": x });
        let spki =
            [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], public].concat();
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&spki));
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
                let sign = |message: &[u8]| {
                    hmac::sign(&hmac::Key::new(algorithm, secret), message).as_ref().to_vec()
                };
                for typ in ["at+jwt", "JWT"] {
                    for alg in [name, "EdDSA"] {
                        let header = header(&json!(typ), &json!(alg), &json!("test")).to_string();
                        mutants.insert(compact(&header, &claims, sign));
                    }
                }
            }
        }
        let algs = json!([
            "none",
            "None",
            "NONE",
            "nOnE",
            "HS256",
            "HS512",
            "RS256",
            "PS256",
            "ES256",
            "ES384",
            "EdDSA",
            "eddsa",
            "Ed25519",
            "",
            0,
            ["EdDSA"],
            {},
            null
        ]);
        let kids = json!([
            "test",
            "TEST",
            " test",
            "test ",
            "test\u{0}",
            "../test",
            "./test",
            "../../../../../../dev/null",
            "/dev/null",
            "..%2f..%2fdev%2fnull",
            "file:///etc/passwd",
            "https://evil.example/key",
            "' OR '1'='1",
            "main",
            "",
            0,
            ["test"],
            null
        ]);
        let public_secret = hmac::Key::new(hmac::HMAC_SHA256, public);
        for alg in algs.as_array().unwrap() {
            for kid in kids.as_array().unwrap() {
                for typ in [json!("at+jwt"), json!("JWT"), json!(""), Value::Null] {
                    let header = header(&typ, alg, kid).to_string();
                    mutants.insert(compact(&header, &claims, |_| Vec::new()));
                    mutants.insert(compact(&header, &claims, |_| vec![0; 64]));
                    mutants.insert(compact(&header, &claims, |message| {
                        self.theirs.sign(message).as_ref().to_vec()
                    }));
                    mutants.insert(compact(&header, &claims, |message| {
                        hmac::sign(&public_secret, message).as_ref().to_vec()
                    }));
                }
            }
        }
    }

    /// Signed with a key that the header itself brings along.
    pub(super) fn with_offered_keys(&self, mutants: &mut BTreeSet<String>) {
        let x = URL_SAFE_NO_PAD.encode(self.theirs.public_key().as_ref());
        let url = "https://evil.example/keys";
        let claims = json!(self.claims).to_string();
        for kid in [json!("test"), json!("theirs"), json!(""), Value::Null] {
            let jwk =
                json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x });
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
}
