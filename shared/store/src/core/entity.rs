//! How a value becomes an item: its own fields beside the table's (`PK SK et sv rev ttl`, index keys, and `wid` where
//! a plain put wrote it).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use kernel::{Error, Kind, Result, School};
use serde::{Serialize, de::DeserializeOwned};

use super::key::{Key, Pointer};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// A value that the table keeps.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// The item's `et`.
    const TYPE: &'static str;
    /// The item's `sv`. When the fields change so that old items no longer read, raise it and teach
    /// [`Entity::upgrade`] the old ones.
    const VERSION: u32 = 1;

    /// Keys in index 1, for entities that it lists.
    fn index(&self, _school: &School) -> Option<(String, String)> {
        None
    }

    /// Second since the epoch after which the item may disappear by itself.
    fn ttl(&self) -> Option<i64> {
        None
    }

    /// Brings an item of an older version up to [`Entity::VERSION`].
    fn upgrade(_version: u32, item: Item) -> Item {
        item
    }
}

/// A value as it was read, with the revision to put into the next write's condition.
#[derive(Clone, PartialEq, Debug)]
pub struct Stored<E> {
    pub value: E,
    pub rev: u64,
}

impl<K: Kind> Entity for Pointer<K> {
    const TYPE: &'static str = "pointer";
}

/// The item of `value` at `key` in revision `rev`.
pub(crate) fn encode<E: Entity>(school: &School, key: &Key<E>, value: &E, rev: u64) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(Error::internal)?;
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    set("PK", AttributeValue::S(key.pk.clone()));
    set("SK", AttributeValue::S(key.sk.clone()));
    set("et", AttributeValue::S(E::TYPE.to_owned()));
    set("sv", AttributeValue::N(E::VERSION.to_string()));
    set("rev", AttributeValue::N(rev.to_string()));
    if let Some((pk, sk)) = value.index(school) {
        set("GSI1PK", AttributeValue::S(pk));
        set("GSI1SK", AttributeValue::S(sk));
    }
    if let Some(ttl) = value.ttl() {
        set("ttl", AttributeValue::N(ttl.to_string()));
    }
    Ok(item)
}

/// Reads an item back.
pub(crate) fn decode<E: Entity>(item: Item) -> Result<Stored<E>> {
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse::<u64>().ok();
    let entity = item.get("et").and_then(|value| value.as_s().ok());
    let (Some(rev), Some(version)) = (number("rev"), number("sv").and_then(|sv| u32::try_from(sv).ok()))
    else {
        return Err(Error::internal(format!("an item read as {} has no rev or sv", E::TYPE)));
    };
    if entity.map(String::as_str) != Some(E::TYPE) || version > E::VERSION {
        return Err(Error::internal(format!(
            "expected {} v{}, found {entity:?} v{version}",
            E::TYPE,
            E::VERSION
        )));
    }
    let item = if version < E::VERSION { E::upgrade(version, item) } else { item };
    let value = serde_dynamo::from_item(item).map_err(Error::internal)?;
    Ok(Stored { value, rev })
}
