//! How the certificates of a course look and what they say.

use std::{borrow::Cow, fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Line, Violations};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::rules;

/// A logo of this size prints sharp, and the item stays far below 100 KB (R7).
pub const MAX_LOGO_BYTES: usize = 48 * 1024;

/// What a certificate is called.
pub type Heading = Line<1, 60>;
/// What stands between the learner's name and the course's title.
pub type Statement = Line<1, 160>;
/// Who signs, or what they are.
pub type Signatory = Line<1, 80>;

/// An opaque colour: `#rrggbb`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

/// What templates begin with.
impl Default for Color {
    fn default() -> Self {
        Self { red: 0x1f, green: 0x4e, blue: 0x5f }
    }
}

impl Color {
    /// Reads a colour; notes at `pointer` that this is none.
    pub fn parse(text: &str, pointer: &str, violations: &mut Violations) -> Option<Self> {
        text.parse().map_err(|form: String| violations.add(pointer, rules::INVALID_COLOR, form)).ok()
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let part = |at: usize| u8::from_str_radix(digits?.get(at..at + 2)?, 16).ok();
        let all = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (all, part(0), part(2), part(4)) {
            (Some(_), Some(red), Some(green), Some(blue)) => Ok(Self { red, green, blue }),
            _ => Err("must look like #1a5f7a".to_owned()),
        }
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Color {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Color")
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 7, "maxLength": 7, "pattern": "^#[0-9A-Fa-f]{6}$" })
    }
}

/// The template of a course's certificates. What a course does not set is [`CertificateTemplate::default`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CertificateTemplate {
    pub heading: Heading,
    /// Between the learner's name and the course's title.
    pub statement: Statement,
    pub accent: Color,
    /// Who signs; the instructor unless set.
    pub signatory_name: Option<Signatory>,
    pub signatory_title: Option<Signatory>,
    /// PNG, JPEG or SVG, as base64.
    pub logo: Option<String>,
}

impl Default for CertificateTemplate {
    fn default() -> Self {
        Self {
            heading: "Certificate of Completion".into(),
            statement: "has successfully completed the course".into(),
            accent: Color::default(),
            signatory_name: None,
            signatory_title: None,
            logo: None,
        }
    }
}

impl CertificateTemplate {
    /// Notes what is wrong.
    pub fn check(&self, violations: &mut Violations) {
        violations.require(
            self.logo.is_none() || self.logo_bytes().is_some_and(|logo| is_image(&logo)),
            "/logo",
            rules::NOT_AN_IMAGE,
            "must be a PNG, JPEG or SVG of at most 48 KB, as base64",
        );
    }

    /// The logo's file.
    #[must_use]
    pub fn logo_bytes(&self) -> Option<Vec<u8>> {
        self.logo
            .as_ref()
            .and_then(|logo| STANDARD.decode(logo).ok())
            .filter(|logo| logo.len() <= MAX_LOGO_BYTES)
    }
}

/// By its first bytes; whether it can be drawn is seen when it is drawn.
fn is_image(file: &[u8]) -> bool {
    let text = std::str::from_utf8(file).unwrap_or_default().trim_start();
    file.starts_with(b"\x89PNG\r\n\x1a\n")
        || file.starts_with(b"\xff\xd8\xff")
        || text.starts_with("<svg")
        || (text.starts_with("<?xml") && text.contains("<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(template: &CertificateTemplate) -> Vec<String> {
        let mut violations = Violations::default();
        template.check(&mut violations);
        violations.into_vec().into_iter().map(|violation| violation.pointer).collect()
    }

    #[test]
    fn a_template_has_an_image_for_a_logo() {
        assert!(pointers(&CertificateTemplate::default()).is_empty());
        let logo =
            |bytes: &[u8]| CertificateTemplate { logo: Some(STANDARD.encode(bytes)), ..Default::default() };
        assert!(pointers(&logo(b"\x89PNG\r\n\x1a\n...")).is_empty());
        assert!(pointers(&logo(b"<?xml version=\"1.0\"?><svg/>")).is_empty());
        assert_eq!(pointers(&logo(b"GIF89a")), ["/logo"]);
        assert_eq!(pointers(&logo(&[b"\xff\xd8\xff".as_slice(), &[0; MAX_LOGO_BYTES]].concat())), ["/logo"]);
        let torn = CertificateTemplate { logo: Some("no base64".to_owned()), ..Default::default() };
        assert_eq!(pointers(&torn), ["/logo"]);
    }

    #[test]
    fn a_color_is_six_hexadecimal_digits() {
        let color: Color = "#1F4e5f".parse().unwrap();
        assert_eq!(color.to_string(), "#1f4e5f");
        for other in ["1f4e5f", "#1f4e5", "#1f4e5g", "#+1+2+3", "#é1f4e", ""] {
            assert!(other.parse::<Color>().is_err(), "{other}");
        }
    }
}
