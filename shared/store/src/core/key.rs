//! What keys are made of. Each partition key begins with the school, each part is separated by `#`, and no part but the
//! last can hold one, so that different things never share a key. Each domain builds its own, in its `keys.rs` alone.

use std::{fmt, marker::PhantomData};

use kernel::{Id, Kind, School};
use sha2::{Digest, Sha256};

/// The table's index.
pub const GSI1: &str = "GSI1";

/// A partition of the table or of an index.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Partition {
    pk: String,
    /// Where its items are listed, if not in the table itself.
    index: Option<&'static str>,
}

impl Partition {
    pub(crate) fn as_str(&self) -> &str {
        &self.pk
    }

    pub(crate) fn index(&self) -> Option<&'static str> {
        self.index
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.pk
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pk)
    }
}

/// Where one item of type `E` lives.
pub struct Key<E> {
    pub(crate) pk: String,
    pub(crate) sk: String,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for Key<E> {
    fn clone(&self) -> Self {
        Self { pk: self.pk.clone(), sk: self.sk.clone(), entity: PhantomData }
    }
}

impl<E> PartialEq for Key<E> {
    fn eq(&self, other: &Self) -> bool {
        (&self.pk, &self.sk) == (&other.pk, &other.sk)
    }
}

impl<E> fmt::Debug for Key<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}

/// A pointer from something unique (an email, a slug) or something ordered (an author's courses) to an id.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(bound = "")]
pub struct Pointer<K: Kind> {
    /// What it points at.
    pub target: Id<K>,
}

/// A partition of the table.
pub(crate) fn partition(school: &School, rest: fmt::Arguments<'_>) -> Partition {
    Partition { pk: format!("S#{school}#{rest}"), index: None }
}

/// A partition of an index.
pub(crate) fn partition_of_index(
    index: &'static str,
    school: &School,
    rest: fmt::Arguments<'_>,
) -> Partition {
    Partition { index: Some(index), ..partition(school, rest) }
}

/// An item of a partition.
pub(crate) fn at<E>(partition: Partition, sk: impl fmt::Display) -> Key<E> {
    Key { pk: partition.pk, sk: sk.to_string(), entity: PhantomData }
}

/// What stands in a key for a text that is a secret, or that somebody chose.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
