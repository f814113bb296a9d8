//! The parameters of a path. Their names say which ids they hold, so that what cannot be one is refused with a hint
//! before anything is read (400), and 404 only ever says that a well-formed id leads nowhere.

use domain::{
    catalog::{SLUG_PATTERN, is_slug},
    certificates::CertificateNo,
};
use kernel::{Code, Error, Result, Violations, check_id, id_pattern, id_prefix};
use serde_json::{Value, json};

use crate::{Call, Route};

/// What a route takes in place of the id in its path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alias {
    Slug,
    CertificateNo,
}

impl Alias {
    fn accepts(self, text: &str) -> bool {
        match self {
            Self::Slug => is_slug(text),
            Self::CertificateNo => text.parse::<CertificateNo>().is_ok(),
        }
    }

    /// Without its anchors.
    fn pattern(self) -> &'static str {
        match self {
            Self::Slug => SLUG_PATTERN.trim_start_matches('^').trim_end_matches('$'),
            Self::CertificateNo => "CERT-[0-9]{4,5}-[0-9]{6,10}",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Slug => "a slug such as rust-for-beginners",
            Self::CertificateNo => "a number such as CERT-2026-000123",
        }
    }
}

/// Refuses a path that cannot name anything.
pub(crate) fn check(call: &Call, route: Route, alias: Option<Alias>) -> Result<()> {
    let mut violations = Violations::default();
    for name in route.parameters() {
        let Some(prefix) = id_prefix(name) else { continue };
        let text = call.parameter(name);
        if let Err(form) = check_id(prefix, text)
            && !alias.is_some_and(|alias| alias.accepts(text))
        {
            let detail = match alias {
                Some(alias) => format!("{form}, or {}", alias.words()),
                None => with_hint(name, form),
            };
            violations.add(format!("{{{name}}}"), "invalid_value", detail);
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(refusal(violations)) }
}

/// What is wrong with the parameter `name` of a path, given the form that it should have.
pub(crate) fn malformed(name: &str, form: String) -> Error {
    let mut violations = Violations::default();
    violations.add(format!("{{{name}}}"), "invalid_value", with_hint(name, form));
    refusal(violations)
}

fn with_hint(name: &str, form: String) -> String {
    match name {
        // Slugs stand in the addresses of pages, so they are what gets here by mistake.
        "course_id" => format!("{form}; GET /v1/courses/{{course_id}} also takes a slug and shows the id"),
        _ => form,
    }
}

fn refusal(violations: Violations) -> Error {
    Error::new(Code::InvalidPath, "a parameter of the path is wrong; see errors")
        .violations(violations.into_vec())
}

/// The schema of the parameter `name`.
pub(crate) fn schema(name: &str, alias: Option<Alias>) -> Value {
    match (id_prefix(name), alias) {
        (None, _) => json!({ "type": "string" }),
        (Some(prefix), None) => json!({ "type": "string", "pattern": id_pattern(prefix) }),
        (Some(prefix), Some(alias)) => {
            let id = id_pattern(prefix);
            let id = id.trim_start_matches('^').trim_end_matches('$');
            json!({ "type": "string", "maxLength": 80, "pattern": format!("^({id}|{})$", alias.pattern()) })
        }
    }
}
