//! The templates, with every intrinsic function in its long form: `!Ref X` reads as `{"Ref": "X"}`.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

use crate::repository::{list, read};

/// A template.
pub(crate) struct Template {
    /// `template.yaml`, or `infra/<domain>.yaml`
    pub(crate) file: String,
    pub(crate) body: Value,
}

impl Template {
    fn load(file: String) -> Self {
        let yaml: Yaml =
            serde_norway::from_str(&read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        Self { body: plain(yaml), file }
    }

    /// The root and every template below `infra`.
    pub(crate) fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Template>> = LazyLock::new(|| {
            let files = list("infra").into_iter().filter(|file| file.ends_with(".yaml"));
            let files = files.map(|file| format!("infra/{file}"));
            std::iter::once("template.yaml".to_owned()).chain(files).map(Template::load).collect()
        });
        &ALL
    }

    pub(crate) fn named(file: &str) -> &'static Self {
        let template = Self::all().iter().find(|template| template.file == file);
        template.unwrap_or_else(|| panic!("{file} is missing"))
    }

    pub(crate) fn root() -> &'static Self {
        Self::named("template.yaml")
    }

    /// What GitHub may do.
    pub(crate) fn deploy_role() -> Self {
        Self::load("infra/github/deploy-role.yaml".to_owned())
    }

    pub(crate) fn of(domain: &str) -> &'static Self {
        Self::named(&format!("infra/{domain}.yaml"))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.body["Resources"].as_object().into_iter().flatten().map(|(id, resource)| (id.as_str(), resource))
    }

    /// The resources of a type, as logical id and resource.
    pub(crate) fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.resources().filter(move |(_, resource)| resource["Type"] == kind)
    }

    pub(crate) fn resource(&self, id: &str) -> &Value {
        &self.body["Resources"][id]
    }

    pub(crate) fn properties(&self, id: &str) -> &Value {
        &self.resource(id)["Properties"]
    }

    /// The properties of a function together with what the template's Globals say.
    pub(crate) fn function(&self, id: &str) -> Value {
        merged(&self.body["Globals"]["Function"], self.properties(id))
    }
}

/// Maps are merged, everything else is overridden: what SAM does with Globals.
fn merged(global: &Value, own: &Value) -> Value {
    match (global, own) {
        (Value::Object(global), Value::Object(own)) if !is_intrinsic(own) => {
            let mut all = global.clone();
            for (name, value) in own {
                let value = global.get(name).map_or_else(|| value.clone(), |global| merged(global, value));
                all.insert(name.clone(), value);
            }
            Value::Object(all)
        }
        (global, Value::Null) => global.clone(),
        (_, own) => own.clone(),
    }
}

fn is_intrinsic(map: &Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|name| name == "Ref" || name.starts_with("Fn::"))
}

fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(bool) => json!(bool),
        Yaml::Number(number) => serde_json::to_value(number).expect("a number"),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(members) => members
            .into_iter()
            .map(|(name, value)| (name.as_str().expect("a name").to_owned(), plain(value)))
            .collect(),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = plain(tagged.value);
            match (tag.trim_start_matches('!'), value) {
                ("Ref", value) => json!({ "Ref": value }),
                ("Condition", value) => json!({ "Condition": value }),
                ("GetAtt", Value::String(text)) => {
                    let (id, attribute) = text.split_once('.').expect("!GetAtt Resource.Attribute");
                    json!({ "Fn::GetAtt": [id, attribute] })
                }
                (function, value) => json!({ format!("Fn::{function}"): value }),
            }
        }
    }
}

/// `!Ref id`
pub(crate) fn reference(id: &str) -> Value {
    json!({ "Ref": id })
}

/// `!GetAtt id.attribute`
pub(crate) fn attribute(id: &str, attribute: &str) -> Value {
    json!({ "Fn::GetAtt": [id, attribute] })
}

/// `!Sub text`
pub(crate) fn substituted(text: &str) -> Value {
    json!({ "Fn::Sub": text })
}
