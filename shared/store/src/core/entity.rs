//! How a value becomes an item: its fields beside the table's own attributes (`PK SK et sv rev ttl`, index keys, and `wid`
//! where a plain put wrote it). They are one JSON text, since most of what a call costs is that the SDK takes an item
//! apart, attribute by attribute, and a text it takes whole.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use kernel::{Error, Kind, Result, School};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::key::{Key, Pointer};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The attribute that holds an entity's fields as JSON.
const BODY: &str = "b";

/// Where an item keeps its entity's fields. Every item is read in either form: an earlier version wrote attributes for all
/// of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Together in one text.
    Body,
    /// In an attribute each, where a condition or an addition names one, or one of them is JSON itself.
    Attributes,
}

/// A value that the table keeps.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// The item's `et`.
    const TYPE: &'static str;
    /// The item's `sv`. When the fields change so that old items no longer read, raise it and teach
    /// [`Entity::upgrade`] the old ones.
    const VERSION: u32 = 1;
    /// How new items are written.
    const FORM: Form = Form::Body;

    /// Keys in index 1, for entities that it lists.
    fn index(&self, _school: &School) -> Option<(String, String)> {
        None
    }

    /// Second since the epoch after which the item may disappear by itself.
    fn ttl(&self) -> Option<i64> {
        None
    }

    /// Brings the fields of an item of an older version up to [`Entity::VERSION`].
    fn upgrade(_version: u32, fields: Map<String, Value>) -> Map<String, Value> {
        fields
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
    let mut item: Item = match E::FORM {
        Form::Body => {
            let body = serde_json::to_string(value).map_err(Error::internal)?;
            HashMap::from([(BODY.to_owned(), AttributeValue::S(body))])
        }
        Form::Attributes => serde_dynamo::to_item(value).map_err(Error::internal)?,
    };
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

/// Reads an item back, in whichever form it is.
pub(crate) fn decode<E: Entity>(item: Item) -> Result<Stored<E>> {
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse::<u64>().ok();
    let entity = type_of(&item);
    let (Some(rev), Some(version)) = (number("rev"), number("sv").and_then(|sv| u32::try_from(sv).ok()))
    else {
        return Err(Error::internal(format!("an item read as {} has no rev or sv", E::TYPE)));
    };
    if entity != Some(E::TYPE) || version > E::VERSION {
        return Err(Error::internal(format!(
            "expected {} v{}, found {entity:?} v{version}",
            E::TYPE,
            E::VERSION
        )));
    }
    let value = match body(&item) {
        Some(body) if version == E::VERSION => serde_json::from_str(body),
        _ => {
            let fields = fields(item)?;
            let fields = if version < E::VERSION { E::upgrade(version, fields) } else { fields };
            serde_json::from_value(Value::Object(fields))
        }
    };
    Ok(Stored { value: value.map_err(Error::internal)?, rev })
}

/// What an item says that it is.
pub(crate) fn type_of(item: &Item) -> Option<&str> {
    item.get("et")?.as_s().ok().map(String::as_str)
}

fn body(item: &Item) -> Option<&str> {
    item.get(BODY)?.as_s().ok().map(String::as_str)
}

/// An entity's fields by name, whatever the item's form. Types are read from JSON alone, since code that reads them from
/// attributes too would make each package larger.
fn fields(item: Item) -> Result<Map<String, Value>> {
    match body(&item) {
        Some(body) => serde_json::from_str(body).map_err(Error::internal),
        None => serde_dynamo::from_item(item).map_err(Error::internal),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{
        catalog::{Category, Course, CourseCard, Lesson, LessonSummary, Module},
        certificates::{Certificate, CertificateTemplate},
        event::Event,
        identity::{OneTimeToken, Session, User},
        learning::{Enrollment, LessonProgress},
        mail::{Delivery, Suppression},
    };
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::{
        Receipt, Sequence,
        calls::{
            KeptReply,
            bucket::{RateBucket, RateWindow},
        },
        core::key::{at, partition},
        keys::{CategoryPointer, CertificatePointer, CoursePointer},
    };

    /// Items of every type as they were written before there were bodies, most of them from the table of a school that
    /// ran then. Never rewrite them: a table may hold such items for ever.
    const ATTRIBUTES: &str = include_str!("../../tests/items/attributes.jsonl");

    fn school() -> School {
        "main".parse().unwrap()
    }

    fn here<E>() -> Key<E> {
        at(partition(&school(), format_args!("HERE")), "HERE")
    }

    fn attributes() -> impl Iterator<Item = Item> {
        ATTRIBUTES.lines().map(|line| serde_json::from_str::<serde_dynamo::Item>(line).unwrap().into())
    }

    /// Reads an old item, and writes and reads it as it is written today: every field that it had is still there.
    fn lives_on<E: Entity>(item: &Item) {
        let read: Stored<E> = decode(item.clone()).unwrap();
        let new = encode(&school(), &here(), &read.value, read.rev).unwrap();
        assert_eq!(new.contains_key(BODY), E::FORM == Form::Body);
        for name in ["et", "sv", "rev", "ttl", "GSI1PK", "GSI1SK"] {
            assert_eq!(new.get(name), item.get(name), "{name} of {item:?}");
        }
        let again: Stored<E> = decode(new).unwrap();
        let (kept, read) =
            (serde_json::to_value(&again.value).unwrap(), serde_json::to_value(&read.value).unwrap());
        assert_eq!(kept, read);
        let had: Map<String, Value> = serde_dynamo::from_item(item.clone()).unwrap();
        let own = ["PK", "SK", "et", "sv", "rev", "ttl", "GSI1PK", "GSI1SK", "wid"];
        for (name, value) in had.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            assert_eq!(kept.get(name), Some(value), "{name} of {item:?}");
        }
    }

    #[test]
    fn an_item_from_before_there_were_bodies_is_read_for_ever() {
        let mut types = BTreeSet::new();
        for item in attributes() {
            let target = item.get("target").map(|id| &id.as_s().unwrap()[..4]);
            match type_of(&item).unwrap() {
                "category" => lives_on::<Category>(&item),
                "certificate" => lives_on::<Certificate>(&item),
                "certificate_template" => lives_on::<CertificateTemplate>(&item),
                "course" => lives_on::<Course>(&item),
                "course_card" => lives_on::<CourseCard>(&item),
                "delivery" => lives_on::<Delivery>(&item),
                "enrollment" => lives_on::<Enrollment>(&item),
                "event" => lives_on::<Event>(&item),
                "kept_reply" => lives_on::<KeptReply>(&item),
                "lesson" => lives_on::<Lesson>(&item),
                "lesson_progress" => lives_on::<LessonProgress>(&item),
                "lesson_summary" => lives_on::<LessonSummary>(&item),
                "module" => lives_on::<Module>(&item),
                "one_time_token" => lives_on::<OneTimeToken>(&item),
                "pointer" if target == Some("cat_") => lives_on::<CategoryPointer>(&item),
                "pointer" if target == Some("crt_") => lives_on::<CertificatePointer>(&item),
                "pointer" => lives_on::<CoursePointer>(&item),
                "rate_bucket" => lives_on::<RateBucket>(&item),
                // Written by updates alone, and read by nobody.
                "rate_window" => assert!(decode::<RateWindow>(item.clone()).is_ok()),
                "receipt" => lives_on::<Receipt>(&item),
                "sequence" => lives_on::<Sequence>(&item),
                "session" => lives_on::<Session>(&item),
                "suppression" => lives_on::<Suppression>(&item),
                "user" => lives_on::<User>(&item),
                other => panic!("nothing reads a {other}"),
            }
            types.insert(type_of(&item).unwrap().to_owned());
        }
        assert_eq!(types.len(), 22, "an item of each type that was written then: {types:?}");
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Shelf {
        books: u32,
        label: String,
    }

    impl Entity for Shelf {
        const TYPE: &'static str = "shelf";
        const VERSION: u32 = 2;

        /// There were no labels, and the books were a text.
        fn upgrade(version: u32, mut fields: Map<String, Value>) -> Map<String, Value> {
            assert_eq!(version, 1);
            let books = fields["books"].as_str().and_then(|books| books.parse::<u32>().ok());
            fields.insert("books".to_owned(), json!(books));
            fields.insert("label".to_owned(), json!(""));
            fields
        }
    }

    #[test]
    fn an_older_version_is_upgraded_in_either_form() {
        let new = encode(&school(), &here(), &Shelf { books: 1, label: "a \"b\"\n".to_owned() }, 7).unwrap();
        assert_eq!(new.len(), 6, "{new:?}");
        let read: Stored<Shelf> = decode(new.clone()).unwrap();
        assert_eq!((read.value.label.as_str(), read.rev), ("a \"b\"\n", 7));
        let old = |name: &str, value: &str| {
            let mut item = new.clone();
            item.remove(BODY);
            item.insert("sv".to_owned(), AttributeValue::N("1".to_owned()));
            item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
            item
        };
        for item in [old("books", "12"), old(BODY, r#"{"books":"12"}"#)] {
            let read: Stored<Shelf> = decode(item).unwrap();
            assert_eq!(read.value, Shelf { books: 12, label: String::new() });
        }
        let newer = HashMap::from([("sv".to_owned(), AttributeValue::N("3".to_owned()))]);
        assert!(decode::<Shelf>(new.into_iter().chain(newer).collect()).is_err(), "of a version to come");
    }
}
