//! Typed ids: a prefix that names the kind over a UUIDv7, so that ids sort by creation and cannot be mixed up.

use std::{borrow::Cow, fmt, hash::Hash, marker::PhantomData, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::{NoContext, Uuid};

use crate::Timestamp;

/// What an [`Id`] identifies.
pub trait Kind: 'static {
    /// Three letters that begin the id's text form.
    const PREFIX: &'static str;
    /// The name of a path parameter that holds such an id.
    const PARAMETER: &'static str;
    /// Where to find the id, for whoever sends something else in its place.
    const HINT: Option<&'static str> = None;
}

/// Declares kinds of ids: `Kind, Id, "prefix", "path_parameter";`, with a hint at the end where one helps. Each domain has
/// its own.
#[macro_export]
macro_rules! ids {
    ($($kind:ident, $id:ident, $prefix:literal, $parameter:literal $(, $hint:literal)?;)*) => {$(
        #[doc = concat!("Marks ids that begin with `", $prefix, "_`.")]
        pub enum $kind {}
        impl $crate::Kind for $kind {
            const PREFIX: &'static str = $prefix;
            const PARAMETER: &'static str = $parameter;
            $(const HINT: Option<&'static str> = Some($hint);)?
        }
        #[doc = concat!("`", $prefix, "_` and 32 lower-case hexadecimal digits.")]
        pub type $id = $crate::Id<$kind>;
    )*};
}

ids! {
    // Whoever acts is named by the things of every domain, and by every event.
    UserKind, UserId, "usr", "user_id";
}

/// A typed id. Its text form is `<prefix>_<uuid as 32 lower-case hex digits>` and has exactly one spelling.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// A new id that sorts after every id made at an earlier millisecond.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        let millis = now.millis().unsigned_abs();
        let time = uuid::Timestamp::from_unix(
            NoContext,
            millis / 1000,
            u32::try_from(millis % 1000 * 1_000_000).expect("below a second"),
        );
        Self(Uuid::new_v7(time), PhantomData)
    }

    /// The bare UUID.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// The id over a UUID that came from [`Id::uuid`].
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.0.simple())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|rest| rest.len() == 32 && !rest.bytes().any(|byte| byte.is_ascii_uppercase()))
            .and_then(|digits| Uuid::try_parse(digits).ok())
            .map(Self::from_uuid)
            .ok_or_else(|| format!("must be {}_ and 32 lower-case hexadecimal digits", K::PREFIX))
    }
}

/// What people have in hand instead of an id. It must not read as one.
pub trait Alias: FromStr + Send {
    /// A regular expression that matches nothing else.
    const PATTERN: &'static str;
    /// What it is, with an example.
    const WORDS: &'static str;
}

/// The regular expression that ids with `prefix` match, and nothing else does.
#[must_use]
pub fn id_pattern(prefix: &str) -> String {
    format!("^{prefix}_[0-9a-f]{{32}}$")
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl<K: Kind> JsonSchema for Id<K> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}_id", K::PREFIX))
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": format!("{}-id", K::PREFIX), "pattern": id_pattern(K::PREFIX),
        })
    }
}

/// The school (tenant) that a call, an item and an event belong to: 1 to 32 of `a-z 0-9 -`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct School(String);

impl School {
    /// The school's name as it stands in keys.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for School {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for School {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err("a school is named by 1 to 32 of a-z, 0-9 and -".to_owned())
    }
}

impl<'de> Deserialize<'de> for School {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn id_has_one_spelling() {
        let id = UserId::generate(Timestamp::from_millis(1_700_000_000_123));
        let text = id.to_string();
        assert_eq!(text.parse::<UserId>(), Ok(id));
        for wrong in [
            text.to_uppercase(),
            text.replace("usr", "les"),
            text[4..].to_owned(),
            format!("{text}0"),
            String::new(),
        ] {
            assert!(wrong.parse::<UserId>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn ids_sort_by_time(early in 0i64..4_000_000_000_000, step in 1i64..1_000_000_000) {
            let first = UserId::generate(Timestamp::from_millis(early));
            let second = UserId::generate(Timestamp::from_millis(early + step));
            prop_assert!(first.to_string() < second.to_string());
        }

        #[test]
        fn any_text_parses_to_itself_or_not_at_all(text in ".{0,48}") {
            if let Ok(id) = text.parse::<UserId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
