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

/// The permission to get all of a video until a time.
pub struct Link {
    policy: String,
    signature: String,
    key_id: String,
}

impl Link {
    /// As CloudFront takes it, for files. These and no other parameters, or nobody knows which counts.
    #[must_use]
    pub fn of_files(query: &str) -> Option<Self> {
        let parts: Vec<(&str, &str)> = query.split('&').filter_map(|part| part.split_once('=')).collect();
        let given =
            |name: &str| parts.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let is_known = parts.len() == 4 && given("Hash-Algorithm")? == "SHA256";
        let link =
            Self { policy: given("Policy")?, signature: given("Signature")?, key_id: given("Key-Pair-Id")? };
        is_known.then_some(link)
    }

    /// The query for files.
    pub(crate) fn for_files(&self) -> String {
        let Self { policy, signature, key_id } = self;
        format!("Policy={policy}&Signature={signature}&Key-Pair-Id={key_id}&Hash-Algorithm=SHA256")
    }

    /// The query for the API: CloudFront keeps parameters of its own names from origins.
    pub(crate) fn for_api(&self) -> String {
        let Self { policy, signature, .. } = self;
        format!("link={policy}.{signature}")
    }
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

    /// The permission to get all of a video until then, where people reach the school: at `home`.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub(crate) fn link(&self, home: &str, school: &School, video: VideoId, until: Timestamp) -> Result<Link> {
        let policy = json!({ "Statement": [{
            "Resource": format!("{home}/{}/*", folder(school, video)),
            "Condition": { "DateLessThan": { "AWS:EpochTime": until.millis() / 1000 } },
        }] })
        .to_string();
        let signature = self.key.sign(&self.random, policy.as_bytes());
        let signature = signature.map_err(|_| Error::internal("no randomness"))?;
        let [policy, signature] =
            [policy.as_bytes(), signature.as_ref()].map(|bytes| IN_ADDRESSES.encode(bytes));
        Ok(Link { policy, signature, key_id: self.key_id.clone() })
    }

    /// Whether a link opens the file at `path`, such as `videos/main/…/hls/index_720_00000.ts`.
    #[must_use]
    pub fn opens(&self, path: &str, link: &Link, now: Timestamp) -> bool {
        self.allows(path, link, now).unwrap_or(false)
    }

    /// The link of a query of the API's, `link=<policy>.<signature>`.
    pub(crate) fn of_api(&self, query: &str) -> Option<Link> {
        let (policy, signature) = query.strip_prefix("link=")?.split_once('.')?;
        let key_id = self.key_id.clone();
        Some(Link { policy: policy.to_owned(), signature: signature.to_owned(), key_id })
    }

    fn allows(&self, path: &str, link: &Link, now: Timestamp) -> Option<bool> {
        if link.key_id != self.key_id {
            return None;
        }
        let [policy, signature] =
            [&link.policy, &link.signature].map(|text| IN_ADDRESSES.decode(text.as_bytes()).ok());
        let policy = policy?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.key.public_key().as_ref());
        public.verify(&policy, &signature?).ok()?;
        let Policy { statement: [statement] } = serde_json::from_slice(&policy).ok()?;
        let (_, opened) = statement.resource.split_once("://")?.1.split_once('/')?;
        let opened = opened.strip_suffix('*')?;
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

    /// A link to a video, for a minute.
    fn link(links: &PlayLinks, video: VideoId) -> Link {
        let school = "main".parse().unwrap();
        links.link("https://school.example", &school, video, NOW.plus_seconds(60)).unwrap()
    }

    #[test]
    fn a_link_opens_all_of_one_video_until_its_time_and_nothing_else() {
        let (links, video) = (links(), VideoId::generate(NOW));
        let link = link(&links, video);
        let own = format!("videos/main/{video}");
        for file in ["e/hls/index_720_00000.ts", "e/pictures/at_small.0000000.jpg", "captions/de.vtt"] {
            assert!(links.opens(&format!("{own}/{file}"), &link, NOW), "{file}");
        }
        let file = format!("{own}/e/hls/index.m3u8");
        assert!(links.opens(&file, &link, NOW.plus_seconds(59)));
        assert!(!links.opens(&file, &link, NOW.plus_seconds(60)), "it has ended");
        let other = VideoId::generate(NOW);
        for wrong in [
            format!("videos/main/{other}/e/a.ts"),
            format!("videos/other/{video}/e/a.ts"),
            format!("{own}/../{other}/e/a.ts"),
            format!("{own}//a.ts"),
            format!("uploads/main/{video}"),
            own.clone(),
        ] {
            assert!(!links.opens(&wrong, &link, NOW), "{wrong}");
        }
    }

    #[test]
    fn nobody_makes_or_changes_one() {
        let (links, video) = (links(), VideoId::generate(NOW));
        let (fine, longer) = (link(&links, video), link(&links, VideoId::generate(NOW)));
        let file = format!("videos/main/{video}/e/a.ts");
        let query = fine.for_files();
        let of_another_key =
            link(&PlayLinks::new(&generate_key().unwrap(), "K1").unwrap(), video).for_files();
        for wrong in [
            String::new(),
            query.replace(&fine.policy, &longer.policy),
            query.replace(&fine.signature, &longer.signature),
            query.replace("K1", "K2"),
            query.replace("&Hash-Algorithm=SHA256", ""),
            query.replace("SHA256", "SHA1"),
            format!("{query}&Policy={}", longer.policy),
            query.replace("Policy=", "policy="),
            of_another_key,
        ] {
            let opens = Link::of_files(&wrong).is_some_and(|link| links.opens(&file, &link, NOW));
            assert!(!opens, "{wrong}");
        }
        for query in [query.clone(), fine.for_api()] {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-~_=&.".contains(&byte);
            assert!(query.bytes().all(known), "{query}");
        }
        let back = [Link::of_files(&query), links.of_api(&fine.for_api())];
        assert!(back.into_iter().flatten().all(|link| links.opens(&file, &link, NOW)));
        for wrong in ["", "link=", "link=a.b", &format!("{}&x=1", fine.for_api())] {
            assert!(links.of_api(wrong).is_none_or(|link| !links.opens(&file, &link, NOW)), "{wrong}");
        }
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
