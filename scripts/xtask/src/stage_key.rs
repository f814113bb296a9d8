//! With which key a stage signs: the one that it has, or a new one where none ever signed.

use std::{collections::BTreeMap, io::Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use runtime::{SigningKey, token};
use serde_json::{Value, json};

use crate::{Result, signing_key::today};

/// Takes what AWS has of the key on standard input, as scripts/deploy finds it.
#[derive(clap::Args)]
pub(crate) struct StageKey {
    /// What the template's parameters begin with
    #[arg(value_parser = ["Token", "Certificate"])]
    prefix: String,
}

impl StageKey {
    /// Says what the template's parameters are, and which halves of the key have to be stored first.
    pub(crate) fn decide(&self) -> Result<String> {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
        let found: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(decide(&self.prefix, &Found::read(&self.prefix, &found)?)?.to_string())
    }
}

/// What AWS has of a key.
struct Found {
    /// The SecureString with the private half, by name and value.
    private: (String, Option<String>),
    /// The parameter with the public half, by name and value.
    parameter: (String, Option<Public>),
    /// What the deployed stack publishes.
    stack: Option<Public>,
    /// Whether there is a table, with what may have been signed.
    has_table: bool,
}

/// The public half and those of the keys before it: a JWKS document.
#[derive(Clone, PartialEq, Debug)]
struct Public(String);

impl Found {
    fn read(prefix: &str, found: &Value) -> Result<Self> {
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        let filled = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
        let parameter = match filled("parameter") {
            Some(value) => Some(Public::read(prefix, &value).ok_or_else(|| {
                format!("{} is not {{\"{prefix}PublicKeys\": \"…\"}}", text("parameter_name"))
            })?),
            None => None,
        };
        Ok(Self {
            private: (text("private_name"), filled("private")),
            parameter: (text("parameter_name"), parameter),
            // Before the first deployment came to its functions, the stack has the template's default or nothing.
            stack: Public::read(prefix, &found["stack"].to_string())
                .filter(|public| !public.by_id().is_empty()),
            has_table: found["has_table"] == true,
        })
    }
}

impl Public {
    fn read(prefix: &str, text: &str) -> Option<Self> {
        let members: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
        Some(Self(members.get(&format!("{prefix}PublicKeys"))?.as_str()?.to_owned()))
    }

    fn of(key: &SigningKey) -> Result<Self> {
        token::public_half(key).map(|keys| Self(keys.to_string())).map_err(|error| error.to_string())
    }

    /// The public keys by their names.
    fn by_id(&self) -> BTreeMap<String, String> {
        let document: Value = serde_json::from_str(&self.0).unwrap_or_default();
        let text = |key: &Value, name: &str| key[name].as_str().unwrap_or_default().to_owned();
        let keys = document["keys"].as_array().into_iter().flatten();
        keys.map(|key| (text(key, "kid"), text(key, "x"))).collect()
    }

    /// Whether a private half belongs to one of them.
    fn knows(&self, private: &str) -> Result<()> {
        let keys = serde_json::from_str(&self.0).map_err(|error| error.to_string())?;
        SigningKey::published(private, &keys).map(drop)
    }

    fn parameters(&self, prefix: &str) -> Value {
        json!({ format!("{prefix}PublicKeys"): self.0 })
    }
}

/// A key that has signed is never replaced: where a half of it is missing and nothing else here has it, a person decides.
fn decide(prefix: &str, found: &Found) -> Result<Value> {
    let (name, parameter) = (&found.private.0, &found.parameter.0);
    let kept = found.parameter.1.as_ref().or(found.stack.as_ref());
    let private = match (found.private.1.as_ref(), kept) {
        (None, None) if !found.has_table => {
            let (key, _) = token::generate_key(&today(prefix)).map_err(|error| error.to_string())?;
            STANDARD.encode(&key.pkcs8)
        }
        (None, _) => {
            return Err(format!(
                "the parameter {name} is gone, and what its key signed is still there. Bring it back from a backup:\n  \
                ./scripts/restore STAGE BACKUP --keys\n\
                If it is gone for good, make a key with `cargo run --bin xtask -- signing-key {upper}`, put its private \
                half into {name}, a SecureString, and its public half beside the old ones into {parameter}: what was \
                signed stays genuine as long as its public key is there",
                upper = prefix.to_uppercase(),
            ));
        }
        (Some(_), None) if found.has_table => {
            return Err(format!(
                "the parameter {parameter} is gone, and the table may hold what its key signed. Put it back, as the \
                last deployment had it:\n  \
                aws ssm put-parameter --name {parameter} --type String --value \
                '{{\"{prefix}PublicKeys\": \"…\"}}'"
            ));
        }
        (Some(private), _) => private.clone(),
    };
    let public = match kept {
        Some(kept) => kept.clone(),
        // Also after a first run that was cut off, before anything was signed.
        None => {
            let pkcs8 = STANDARD.decode(private.trim()).map_err(|_| format!("{name} is not base64"))?;
            let key = SigningKey { id: today(prefix), pkcs8 };
            Public::of(&key).map_err(|_| format!("{name} is not a key"))?
        }
    };
    public.knows(&private).map_err(|why| format!("{name}: {why} in {parameter}; put the right one back"))?;
    // Access tokens are forgotten within the hour, certificates never.
    let published = public.by_id();
    let deployed =
        found.stack.as_ref().filter(|_| prefix == "Certificate").map(Public::by_id).unwrap_or_default();
    if let Some((id, _)) = deployed.iter().find(|(id, key)| published.get(*id) != Some(*key)) {
        return Err(format!(
            "{parameter} has no {id} any more, which the deployed school knows: certificates that it signed would be \
            taken for forged. Put its public key back beside the others"
        ));
    }
    let parameters = public.parameters(prefix);
    Ok(json!({
        "private": found.private.1.is_none().then_some(private),
        "parameter": found.parameter.1.is_none().then(|| parameters.to_string()),
        "parameters": parameters,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "Certificate";

    fn found(private: Option<&SigningKey>, parameter: Option<&Public>, stack: Option<&Public>) -> Found {
        Found {
            private: ("a-private-half".to_owned(), private.map(text)),
            parameter: ("a-parameter".to_owned(), parameter.cloned()),
            stack: stack.cloned(),
            has_table: stack.is_some(),
        }
    }

    fn text(private: &SigningKey) -> String {
        STANDARD.encode(&private.pkcs8)
    }

    fn key(id: &str) -> (SigningKey, Public) {
        let (key, _) = token::generate_key(id).unwrap();
        let public = Public::of(&key).unwrap();
        (key, public)
    }

    fn decided(found: &Found) -> Public {
        let said = decide(PREFIX, found).unwrap();
        Public::read(PREFIX, &said["parameters"].to_string()).unwrap()
    }

    fn refused(found: &Found, why: &str) {
        let error = decide(PREFIX, found).unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn a_stage_without_a_key_gets_one_and_both_halves_are_stored() {
        let said = decide(PREFIX, &found(None, None, None)).unwrap();
        let public = Public::read(PREFIX, said["parameter"].as_str().unwrap()).unwrap();
        public.knows(said["private"].as_str().unwrap()).unwrap();
        assert_eq!(said["parameters"], public.parameters(PREFIX));
    }

    #[test]
    fn a_stage_with_a_key_keeps_it_and_nothing_is_stored() {
        let (private, public) = key("one");
        for stack in [None, Some(&public)] {
            let said = decide(PREFIX, &found(Some(&private), Some(&public), stack)).unwrap();
            assert!(said["private"].is_null() && said["parameter"].is_null(), "{said}");
            assert_eq!(said["parameters"], public.parameters(PREFIX));
        }
    }

    #[test]
    fn a_run_that_was_cut_off_between_the_halves_goes_on_with_the_key_that_it_made() {
        let (private, _) = key("one");
        let found = found(Some(&private), None, None);
        decided(&found).knows(&text(&private)).unwrap();
        assert!(decide(PREFIX, &found).unwrap()["private"].is_null());
    }

    #[test]
    fn f13_a_lost_parameter_comes_back_from_the_stack_with_all_its_keys() {
        let ((private, new), (_, old)) = (key("new"), key("old"));
        let both = both(&new, &old);
        let found = found(Some(&private), None, Some(&both));
        assert_eq!(decided(&found), both);
        let said = decide(PREFIX, &found).unwrap();
        assert_eq!(Public::read(PREFIX, said["parameter"].as_str().unwrap()), Some(both));
        assert!(said["private"].is_null(), "a key that has signed is not written over");
    }

    #[test]
    fn f13_a_lost_parameter_without_a_stack_stops_where_a_table_is_kept() {
        let (private, _) = key("one");
        refused(&Found { has_table: true, ..found(Some(&private), None, None) }, "a-parameter is gone");
    }

    #[test]
    fn f13_a_lost_private_half_stops() {
        let (_, public) = key("one");
        refused(&found(None, Some(&public), None), "a-private-half is gone");
        refused(&found(None, None, Some(&public)), "a-private-half is gone");
        refused(&Found { has_table: true, ..found(None, None, None) }, "scripts/restore");
    }

    #[test]
    fn f13_a_private_half_that_belongs_to_another_key_stops() {
        let ((other, _), (_, public)) = (key("one"), key("one"));
        refused(&found(Some(&other), Some(&public), None), "a-private-half: the private key is another one");
        refused(&found(Some(&other), None, Some(&public)), "another one");
        for (text, why) in [("bm8ga2V5", "not a key"), ("no base64!", "not base64")] {
            let private = ("a-private-half".to_owned(), Some(text.to_owned()));
            refused(&Found { private: private.clone(), ..found(None, Some(&public), None) }, why);
            refused(&Found { private, ..found(None, None, None) }, why);
        }
    }

    #[test]
    fn f13_no_key_that_certificates_were_signed_with_is_dropped() {
        let ((private, new), (_, old)) = (key("new"), key("old"));
        let both = both(&new, &old);
        refused(&found(Some(&private), Some(&new), Some(&both)), "has no old any more");
        assert_eq!(decided(&found(Some(&private), Some(&both), Some(&new))), both, "a key more is fine");
        let tokens = decide("Token", &found(Some(&private), Some(&new), Some(&both)));
        assert!(tokens.is_ok(), "tokens are forgotten: {tokens:?}");
    }

    #[test]
    fn what_the_script_finds_is_understood() {
        let (private, public) = key("one");
        // As deployments before wrote it, with the name of the key.
        let mut parameters = public.parameters(PREFIX);
        parameters["CertificateKeyId"] = json!("one");
        let text = json!({
            "private_name": "n", "private": text(&private), "parameter_name": "p", "parameter": parameters.to_string(), "stack": parameters, "has_table": true,
        });
        let found = Found::read(PREFIX, &text).unwrap();
        assert_eq!((&found.parameter.1, &found.stack), (&Some(public.clone()), &Some(public)));
        assert!(found.has_table && found.private.1.is_some());
        let fresh = json!({ "CertificatePublicKeys": "{\"keys\":[]}" });
        let text = json!({ "private": "", "parameter": "", "stack": fresh, "has_table": false });
        let found = Found::read(PREFIX, &text).unwrap();
        assert!(found.private.1.is_none() && found.parameter.1.is_none() && found.stack.is_none());
        assert!(Found::read(PREFIX, &json!({ "parameter": "{}" })).is_err());
    }

    fn both(one: &Public, other: &Public) -> Public {
        let keys = |public: &Public| {
            let document: Value = serde_json::from_str(&public.0).unwrap();
            document["keys"].as_array().cloned().unwrap()
        };
        let keys = [keys(one), keys(other)].concat();
        Public(json!({ "keys": keys }).to_string())
    }
}
