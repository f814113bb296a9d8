//! Signed with our own key, but not as an access token of this API for a session that is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Mint, header};
use crate::identity::setup::SignedIn;

impl Mint {
    /// Signed with our key, but not as an access token: another kind of token, another key's name.
    pub(super) fn under_wrong_headers(&self, mutants: &mut BTreeSet<String>) {
        let claims = json!(self.claims).to_string();
        let good = [json!("at+jwt"), json!("EdDSA"), json!("test")];
        let typs = ["JWT", "jwt", "id+jwt", "rt+jwt", "secevent+jwt", "at", "jwt+at", "", " at+jwt"];
        let algs = ["none", "None", "HS256", "RS256", "ES256", "eddsa", "EDDSA", ""];
        let kids = [
            "TEST",
            "test ",
            " test",
            "tes",
            "test2",
            "../test",
            "test/../test",
            "test\u{0}",
            "main",
            "0",
            "",
        ];
        let mut headers: Vec<Value> = typs.map(|typ| header(&json!(typ), &good[1], &good[2])).to_vec();
        headers.extend(algs.map(|alg| header(&good[0], &json!(alg), &good[2])));
        headers.extend(kids.map(|kid| header(&good[0], &good[1], &json!(kid))));
        for wrong in
            [Value::Null, json!(0), json!(true), json!([]), json!({}), json!(["at+jwt", "EdDSA", "test"])]
        {
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
            "",
            "null",
            "{}",
            "[]",
            "\u{0}",
        ] {
            mutants.insert(self.signed_under(text, &claims));
        }
    }

    /// Signed with our key, but not by us for now, for this API and for a session that is.
    pub(super) fn with_wrong_claims(&self, others: &[&SignedIn], mutants: &mut BTreeSet<String>) {
        let now = self.claims["iat"].as_i64().unwrap();
        for name in self.claims.keys() {
            mutants.insert(self.with(&json!({ name.as_str(): null })));
            for wrong in [json!(true), json!([]), json!({}), json!([self.claims[name]]), json!("")] {
                mutants.insert(self.with(&json!({ name.as_str(): wrong })));
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
            mutants.insert(self.with(&json!({ "aud": aud })));
            mutants.insert(self.with(&json!({ "aud": [aud] })));
        }
        for iss in [
            "https://lectern.test/",
            "https://LECTERN.test",
            "http://lectern.test",
            "lectern.test",
            "evil",
            "*",
        ] {
            mutants.insert(self.with(&json!({ "iss": iss })));
        }
        for school in ["other", "mai", "Main", "main ", "main#", "../main", "none", "*"] {
            mutants.insert(self.with(&json!({ "school": school })));
        }
        for seconds in [90, 3600, 86_400, 1 << 40, i64::MAX - now] {
            mutants.insert(self.with(&json!({ "nbf": now + seconds })));
        }
        for exp in [now - 31, now - 60, now - 3600, 1, 0, -1, i64::MIN] {
            mutants.insert(self.with(&json!({ "exp": exp })));
        }
        for (name, value) in
            [("exp", json!(1e300)), ("exp", json!(now + 3600).to_string().into()), ("nbf", json!("0"))]
        {
            mutants.insert(self.with(&json!({ name: value })));
        }
        for (name, value) in
            [("roles", json!(["admin"])), ("scope", json!("admin")), ("act", json!({ "sub": "x" }))]
        {
            mutants.insert(self.with(&json!({ name: value })));
        }
        let sub = self.claims["sub"].as_str().unwrap();
        let sid = self.claims["sid"].as_str().unwrap();
        for wrong in [sub.to_uppercase(), sub.replace("usr_", "ses_"), format!("{sub}0"), sub[4..].to_owned()]
        {
            mutants.insert(self.with(&json!({ "sub": wrong })));
        }
        for wrong in [sid.to_uppercase(), sub.replace("usr_", "ses_"), format!("{sid}0"), "ses_*".to_owned()]
        {
            mutants.insert(self.with(&json!({ "sid": wrong })));
        }
        for other in others {
            // Another account with this session, in this school or in its own.
            mutants.insert(self.with(&json!({ "sub": other.id })));
            mutants.insert(self.with(&json!({ "sub": other.id, "school": "other" })));
        }
        for text in ["", "null", "[]", "{}", "\"x\"", "{", "{} {}", "\u{feff}{}", "\u{0}"] {
            mutants.insert(self.signed(text));
        }
    }

    pub(super) fn oversized(&self, mutants: &mut BTreeSet<String>) {
        let megabyte = 1 << 20;
        mutants.insert("A".repeat(megabyte));
        mutants.insert(format!("{}{}", self.token, "A".repeat(megabyte)));
        mutants.insert(format!("{}{}", ".".repeat(megabyte), self.token));
        // Good but for its size: JSON does not mind the space.
        let claims = json!(self.claims).to_string();
        mutants.insert(self.signed(&format!("{}{claims}", " ".repeat(megabyte))));
        mutants.insert(self.signed(&format!("{}{claims}", " ".repeat(4096))));
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        mutants.insert(self.signed(&nested));
    }
}
