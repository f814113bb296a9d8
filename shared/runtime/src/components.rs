//! The schemas of the API reference by name: `Course` for a `CourseView`, and one schema for each name.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use crate::schema::{name_in, say_what_tells_variants_apart, say_what_texts_may_hold};

/// Where links to schemas lead.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";
/// Where they lead while names are collected, since a type can read otherwise when it is sent: a field with a default
/// may be left out.
const SENT: &str = "/sent";
const ANSWERED: &str = "/answered";

/// What requests are held to, as schemars writes it down.
pub(crate) fn of_what_is_sent() -> SchemaSettings {
    of_what_is_answered().for_deserialize().with_transform(RecursiveTransform(say_what_texts_may_hold))
}

fn of_what_is_answered() -> SchemaSettings {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.meta_schema = None)
        .with_transform(RecursiveTransform(say_what_tells_variants_apart))
}

/// Collects the schemas that a document names.
pub struct Components {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Default for Components {
    fn default() -> Self {
        let at = |settings: SchemaSettings, place: &'static str| {
            settings.with(|settings| settings.definitions_path = place.into()).into_generator()
        };
        Self { sent: at(of_what_is_sent(), SENT), answered: at(of_what_is_answered(), ANSWERED) }
    }
}

impl Components {
    /// A link to the schema of what is sent as a `T`.
    pub fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().to_value()
    }

    /// A link to the schema of what is answered as a `T`.
    pub fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().to_value()
    }

    /// Puts the schemas into `document` by their names, and their names into the links there. What reads otherwise
    /// when it is sent is an `…Input`.
    ///
    /// # Panics
    /// Two schemas have one name.
    pub(crate) fn put_into(mut self, document: &mut Value) {
        let sent = by_name(self.sent.take_definitions(true));
        let answered = by_name(self.answered.take_definitions(true));
        let mut inputs = BTreeSet::new();
        // What holds something that reads otherwise does so too.
        while let Some(name) = sent.keys().find(|name| {
            let other = answered.get(*name).filter(|_| !inputs.contains(*name));
            other.is_some_and(|other| linked(other, &inputs) != linked(&sent[*name], &inputs))
        }) {
            inputs.insert(name.clone());
        }
        link(document, &inputs);
        let named = &mut document["components"]["schemas"];
        let sent = sent.iter().map(|(name, schema)| (name_of_sent(name, &inputs), schema));
        for (name, schema) in answered.iter().map(|(name, schema)| (name.clone(), schema)).chain(sent) {
            let mut schema = linked(schema, &inputs);
            let mut parts = name_variants(&name, &mut schema);
            parts.insert(name, schema);
            for (name, schema) in parts {
                assert!(named.get(&name).is_none_or(|other| *other == schema), "{}", twice(&name));
                named[name] = schema;
            }
        }
    }
}

fn twice(name: &str) -> String {
    format!("two types are called {name} in the API reference: give one #[schemars(rename = \"…\")]")
}

/// `CourseView` is `Course` to clients, and a page of them a `CoursePage`.
fn public_name(name: &str) -> String {
    let (thing, page) = name.strip_suffix("Page").map_or((name, ""), |thing| (thing, "Page"));
    format!("{}{page}", thing.strip_suffix("View").unwrap_or(thing))
}

fn name_of_sent(name: &str, inputs: &BTreeSet<String>) -> String {
    if inputs.contains(name) { format!("{name}Input") } else { name.to_owned() }
}

fn by_name(definitions: Map<String, Value>) -> BTreeMap<String, Value> {
    let names: BTreeSet<String> = definitions.keys().cloned().collect();
    let mut named = BTreeMap::new();
    for (name, schema) in definitions {
        // Of two types with one name schemars counts the second.
        let first = name.trim_end_matches(|c: char| c.is_ascii_digit());
        assert!(first == name || !names.contains(first), "{}", twice(first));
        let name = public_name(&name);
        assert!(named.insert(name.clone(), schema).is_none(), "{}", twice(&name));
    }
    named
}

/// The same with links to names.
fn linked(schema: &Value, inputs: &BTreeSet<String>) -> Value {
    let mut schema = schema.clone();
    link(&mut schema, inputs);
    schema
}

fn link(value: &mut Value, inputs: &BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(place)) = members.get_mut("$ref") {
                let name_after = |side: &str| {
                    let name = place.strip_prefix('#')?.strip_prefix(side)?.strip_prefix('/')?;
                    Some(public_name(name))
                };
                let sent = name_after(SENT).map(|name| name_of_sent(&name, inputs));
                if let Some(name) = sent.or_else(|| name_after(ANSWERED)) {
                    *place = format!("{SCHEMAS}{name}");
                }
            }
            members.values_mut().for_each(|member| link(member, inputs));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| link(item, inputs)),
        _ => {}
    }
}

/// Gives the variants of a tagged enum names of their own, to which its discriminator leads: `ChoiceQuestion` and
/// `TextQuestion` of a `Question`.
fn name_variants(name: &str, schema: &mut Value) -> BTreeMap<String, Value> {
    let mut named = BTreeMap::new();
    let tag = schema.pointer("/discriminator/propertyName").and_then(Value::as_str).map(str::to_owned);
    let variants = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    let (Some(tag), Some(variants)) = (tag, variants) else { return named };
    let mut mapping = Map::new();
    for variant in variants {
        let text = name_in(variant, &tag).unwrap_or_default().to_owned();
        let own = format!("{}{name}", camel(&text));
        let place = format!("{SCHEMAS}{own}");
        let mut content = std::mem::replace(variant, json!({ "$ref": place }));
        // Makers of clients overlook what stands beside a link.
        if let Some(link) = content.as_object_mut().and_then(|members| members.remove("$ref")) {
            content = json!({ "allOf": [{ "$ref": link }, content] });
        }
        named.insert(own, content);
        mapping.insert(text, json!(place));
    }
    schema["discriminator"]["mapping"] = Value::Object(mapping);
    named
}

/// `already_enrolled` → `AlreadyEnrolled`
pub(crate) fn camel(words: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| format!("{}{}", first.to_uppercase(), letters.as_str()))
            .unwrap_or_default()
    };
    words.split(['_', '-']).map(capital).collect()
}

#[cfg(test)]
#[expect(dead_code, reason = "only the schemas of these types are looked at")]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Price {
        amount: u32,
        #[serde(default)]
        currency: String,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    enum Level {
        Low,
        High,
    }

    #[derive(Serialize, JsonSchema)]
    struct ThingView {
        level: Option<Level>,
        price: Price,
    }

    #[derive(Deserialize, JsonSchema)]
    struct MakeThingInput {
        level: Level,
        price: Price,
    }

    #[derive(Deserialize, Serialize, JsonSchema)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Question {
        SingleChoice { options: Vec<String> },
        Priced(Price),
    }

    /// The names of what `collect` collects, and what they stand for.
    fn named(collect: impl FnOnce(&mut Components) -> Value) -> (Value, Value) {
        let mut components = Components::default();
        let mut document = json!({ "links": collect(&mut components) });
        components.put_into(&mut document);
        (document["links"].clone(), document["components"]["schemas"].clone())
    }

    fn names(named: &Value) -> Vec<&str> {
        named.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn a_view_goes_by_what_it_shows_and_a_page_by_what_it_holds() {
        let (link, named) = named(Components::answered::<kernel::Page<ThingView>>);
        assert_eq!(link, json!({ "$ref": "#/components/schemas/ThingPage" }));
        assert_eq!(names(&named), ["Level", "Price", "Thing", "ThingPage"]);
        assert_eq!(
            named["ThingPage"]["properties"]["items"]["items"],
            json!({ "$ref": "#/components/schemas/Thing" })
        );
    }

    #[test]
    fn what_reads_the_same_both_ways_has_one_name_and_what_does_not_has_two() {
        let (_, named) = named(|components| {
            json!([components.answered::<ThingView>(), components.sent::<MakeThingInput>()])
        });
        assert_eq!(names(&named), ["Level", "MakeThingInput", "Price", "PriceInput", "Thing"]);
        // With a default it may be left out, but it is always answered.
        assert_eq!(named["Price"]["required"], json!(["amount", "currency"]));
        assert_eq!(named["PriceInput"]["required"], json!(["amount"]));
        let link = |name: &str, member: &str| named[name]["properties"][member].clone();
        assert_eq!(link("MakeThingInput", "price"), json!({ "$ref": "#/components/schemas/PriceInput" }));
        assert_eq!(link("Thing", "price"), json!({ "$ref": "#/components/schemas/Price" }));
        assert_eq!(link("MakeThingInput", "level"), json!({ "$ref": "#/components/schemas/Level" }));
    }

    #[test]
    fn the_variants_of_a_tagged_enum_have_names_that_its_discriminator_leads_to() {
        let (_, named) = named(Components::answered::<Question>);
        assert_eq!(names(&named), ["Price", "PricedQuestion", "Question", "SingleChoiceQuestion"]);
        let places = ["SingleChoiceQuestion", "PricedQuestion"].map(|name| format!("{SCHEMAS}{name}"));
        assert_eq!(named["Question"]["oneOf"], json!([{ "$ref": places[0] }, { "$ref": places[1] }]));
        let discriminator = json!({
            "propertyName": "type", "mapping": { "single_choice": places[0], "priced": places[1] },
        });
        assert_eq!(named["Question"]["discriminator"], discriminator);
        let choice = &named["SingleChoiceQuestion"];
        assert_eq!(choice["properties"]["type"]["const"], "single_choice");
        assert_eq!(choice["required"], json!(["type", "options"]));
        let priced = &named["PricedQuestion"]["allOf"];
        assert_eq!(priced[0], json!({ "$ref": "#/components/schemas/Price" }));
        assert_eq!(priced[1]["properties"]["type"]["const"], "priced");
    }

    mod elsewhere {
        use super::*;

        #[derive(Serialize, JsonSchema)]
        pub(super) struct Level {
            stars: u8,
        }

        #[derive(Serialize, JsonSchema)]
        pub(super) struct Thing {
            pub(super) id: u8,
        }
    }

    #[test]
    #[should_panic(expected = "two types are called Level in the API reference")]
    fn two_types_cannot_share_a_name() {
        named(|components| {
            json!([components.answered::<Level>(), components.answered::<elsewhere::Level>()])
        });
    }

    #[test]
    #[should_panic(expected = "two types are called Thing in the API reference")]
    fn a_view_cannot_share_a_name_with_what_it_shows() {
        named(|components| {
            json!([components.answered::<ThingView>(), components.answered::<elsewhere::Thing>()])
        });
    }
}
