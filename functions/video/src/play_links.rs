//! The permission to watch a video, as an address carries it: CloudFront's signature with a policy of our own, which opens a
//! folder until a time. Here it is made, and checked by the same rules where CloudFront does not: for playlists, and in the
//! local cloud.

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
    },
};
use data_encoding::{BASE64, Encoding, HEXLOWER, Specification};
use domain::video::{VideoId, playback::folder};
use kernel::{Error, Result, School, Timestamp};
use runtime::{App, Parameters, Service};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Base64 as CloudFront wants it in an address.
static IN_ADDRESSES: LazyLock<Encoding> = LazyLock::new(|| {
    let mut base64 = Specification::new();
    base64.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~");
    base64.padding = Some('_');
    base64.encoding().expect("64 symbols")
});

/// What signs, and what CloudFront calls it.
pub struct PlayLinks {
    key: EcdsaKeyPair,
    key_id: String,
    random: SystemRandom,
}

impl Service for PlayLinks {
    const VARIABLES: &'static [&'static str] = &["VIDEO_KEY_PARAMETER", "VIDEO_KEY_ID"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let name = app.environment().required("VIDEO_KEY_PARAMETER")?;
        let parameters = app.service::<Parameters>().await.map_err(|error| format!("{error:?}"))?;
        let key_id = app.environment().required("VIDEO_KEY_ID")?;
        Self::new(&parameters.get(name).await?, key_id).map_err(|why| format!("{name}: {why}"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policy {
    statement: [Statement; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    resource: String,
    condition: Condition,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Condition {
    date_less_than: EpochTime,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EpochTime {
    #[serde(rename = "AWS:EpochTime")]
    seconds: i64,
}

/// A new key: its private half in base64, PKCS#8.
///
/// # Errors
/// The machine has no randomness.
pub fn generate_key() -> std::result::Result<String, String> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| "no randomness")?;
    let private = key.to_pkcs8v1().map_err(|_| "no key")?;
    Ok(BASE64.encode(private.as_ref()))
}

/// The public half of a key as the template takes it: the two lines of its PEM and a name, between commas.
///
/// # Errors
/// It is not a key.
pub fn public_key(private: &str) -> std::result::Result<String, String> {
    let links = PlayLinks::new(private, "")?;
    let public: PublicKeyX509Der<'_> = links.key.public_key().as_der().map_err(|_| "no public half")?;
    let base64 = BASE64.encode(public.as_ref());
    let (first, second) = base64.split_at_checked(64).ok_or("a short key")?;
    let name = HEXLOWER.encode(&Sha256::digest(public.as_ref())[..4]);
    Ok(format!("{first},{second},{name}"))
}

impl PlayLinks {
    /// Links signed by the key whose private half this is, which CloudFront calls `key_id`.
    ///
    /// # Errors
    /// It is not base64 of PKCS#8, or of a key of another kind.
    pub fn new(private: &str, key_id: &str) -> std::result::Result<Self, String> {
        let private = BASE64.decode(private.trim().as_bytes()).map_err(|_| "the key is not base64")?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &private);
        let key = key.map_err(|_| "the key is not one of P-256")?;
        Ok(Self { key, key_id: key_id.to_owned(), random: SystemRandom::new() })
    }

    /// The query that opens all of a video until then, on whichever host people reach the school.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub(crate) fn query(&self, school: &School, video: VideoId, until: Timestamp) -> Result<String> {
        let policy = json!({ "Statement": [{
            "Resource": format!("http*://*/{}/*", folder(school, video)),
            "Condition": { "DateLessThan": { "AWS:EpochTime": until.millis() / 1000 } },
        }] })
        .to_string();
        let signature = self.key.sign(&self.random, policy.as_bytes());
        let signature = signature.map_err(|_| Error::internal("no randomness"))?;
        let [policy, signature] =
            [policy.as_bytes(), signature.as_ref()].map(|bytes| IN_ADDRESSES.encode(bytes));
        let key_id = &self.key_id;
        Ok(format!("Policy={policy}&Signature={signature}&Key-Pair-Id={key_id}&Hash-Algorithm=SHA256"))
    }

    /// Whether a query opens the file at `path`, such as `videos/main/…/hls/index_720_00000.ts`.
    #[must_use]
    pub fn opens(&self, path: &str, query: &str, now: Timestamp) -> bool {
        self.allows(path, query, now).unwrap_or(false)
    }

    fn allows(&self, path: &str, query: &str, now: Timestamp) -> Option<bool> {
        let parts: Vec<(&str, &str)> = query.split('&').filter_map(|part| part.split_once('=')).collect();
        let given = |name: &str| parts.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        // These and no others, or nobody knows which counts.
        if parts.len() != 4 {
            return None;
        }
        if given("Key-Pair-Id")? != self.key_id || given("Hash-Algorithm")? != "SHA256" {
            return None;
        }
        let [policy, signature] =
            [given("Policy")?, given("Signature")?].map(|text| IN_ADDRESSES.decode(text.as_bytes()).ok());
        let policy = policy?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.key.public_key().as_ref());
        public.verify(&policy, &signature?).ok()?;
        let Policy { statement: [statement] } = serde_json::from_slice(&policy).ok()?;
        let opened = statement.resource.strip_prefix("http*://*/")?.strip_suffix('*')?;
        let is_plain = !path.split('/').any(|part| matches!(part, "" | "." | ".."));
        let is_open = now.millis() / 1000 < statement.condition.date_less_than.seconds;
        Some(is_open && is_plain && !opened.is_empty() && path.starts_with(opened))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);

    fn links() -> PlayLinks {
        PlayLinks::new(&generate_key().unwrap(), "K1").unwrap()
    }

    #[test]
    fn a_link_opens_all_of_one_video_until_its_time_and_nothing_else() {
        let (links, school, video) = (links(), "main".parse().unwrap(), VideoId::generate(NOW));
        let query = links.query(&school, video, NOW.plus_seconds(60)).unwrap();
        let own = format!("videos/main/{video}");
        let opens = |path: &str, query: &str, now| links.opens(path, query, now);
        for file in ["e/hls/index_720_00000.ts", "e/pictures/at_small.0000000.jpg", "captions/de.vtt"] {
            assert!(opens(&format!("{own}/{file}"), &query, NOW), "{file}");
        }
        let file = format!("{own}/e/hls/index.m3u8");
        assert!(opens(&file, &query, NOW.plus_seconds(59)));
        assert!(!opens(&file, &query, NOW.plus_seconds(60)), "it has ended");
        let other = VideoId::generate(NOW);
        for wrong in [
            format!("videos/main/{other}/e/a.ts"),
            format!("videos/other/{video}/e/a.ts"),
            format!("{own}/../{other}/e/a.ts"),
            format!("{own}//a.ts"),
            format!("uploads/main/{video}"),
            own.clone(),
        ] {
            assert!(!opens(&wrong, &query, NOW), "{wrong}");
        }
    }

    #[test]
    fn nobody_makes_or_changes_one() {
        let (links, school, video) = (links(), "main".parse().unwrap(), VideoId::generate(NOW));
        let query = links.query(&school, video, NOW.plus_seconds(60)).unwrap();
        let file = format!("videos/main/{video}/e/a.ts");
        let longer = links.query(&school, video, NOW.plus_seconds(61)).unwrap();
        let policy = |query: &str| query.split('&').next().unwrap().to_owned();
        let mut wrong = vec![
            String::new(),
            query.replace(&policy(&query), &policy(&longer)),
            query.replace("K1", "K2"),
            query.replace("&Hash-Algorithm=SHA256", ""),
            query.replace("SHA256", "SHA1"),
            format!("{query}&{}", policy(&longer)),
            query.replace("Policy=", "policy="),
            PlayLinks::new(&generate_key().unwrap(), "K1")
                .unwrap()
                .query(&school, video, NOW.plus_seconds(60))
                .unwrap(),
        ];
        let signature = query.split("Signature=").nth(1).unwrap();
        wrong.push(query.replace(signature, &signature.replace(&signature[10..12], "AA")));
        for query in wrong {
            assert!(!links.opens(&file, &query, NOW), "{query}");
        }
        assert!(links.opens(&file, &query, NOW));
        assert!(
            query.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-~_=&".contains(&byte)),
            "{query}"
        );
    }

    #[test]
    fn a_key_has_a_public_half_for_cloudfront_and_others_are_refused() {
        let public = public_key(&generate_key().unwrap()).unwrap();
        assert!(public.starts_with("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"), "P-256 (RFC 5480): {public}");
        assert_eq!(public.split(',').map(str::len).collect::<Vec<_>>(), [64, 60, 8]);
        for wrong in ["", "no base64!", "bm8ga2V5"] {
            assert!(PlayLinks::new(wrong, "K1").is_err(), "{wrong}");
        }
    }
}
