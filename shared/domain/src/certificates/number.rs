//! `CERT-2026-000123`: gapless within a school and a year.

use std::{borrow::Cow, fmt, str::FromStr};

use kernel::{Alias, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Times end with it.
const LAST_YEAR: u16 = 9999;

/// A certificate's public number. Its text form has exactly one spelling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CertificateNo {
    /// When it was issued, in UTC.
    pub year: u16,
    /// Counts from 1.
    pub sequence: u32,
}

impl CertificateNo {
    /// The number after the `last` one of the year of `issued_at`.
    #[must_use]
    pub fn next(issued_at: Timestamp, last: u32) -> Self {
        Self { year: Self::year_of(issued_at), sequence: last.saturating_add(1) }
    }

    /// The year whose numbers are given at that time.
    #[must_use]
    pub fn year_of(issued_at: Timestamp) -> u16 {
        issued_at.day().year().unsigned_abs()
    }
}

impl fmt::Display for CertificateNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CERT-{:04}-{:06}", self.year, self.sequence)
    }
}

impl FromStr for CertificateNo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.strip_prefix("CERT-").and_then(|rest| rest.split_once('-'));
        let parsed = parts.and_then(|(year, sequence)| {
            Some(Self { year: year.parse().ok()?, sequence: sequence.parse().ok()? })
        });
        let one_spelling =
            |number: &Self| number.sequence > 0 && number.year <= LAST_YEAR && number.to_string() == text;
        parsed.filter(one_spelling).ok_or_else(|| "must look like CERT-2026-000123".to_owned())
    }
}

impl Alias for CertificateNo {
    const PATTERN: &'static str = "^CERT-[0-9]{4}-[0-9]{6,10}$";
    const WORDS: &'static str = "a number such as CERT-2026-000123";
}

impl Serialize for CertificateNo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CertificateNo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for CertificateNo {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("CertificateNo")
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": <Self as Alias>::PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        let number: CertificateNo = "CERT-2026-000123".parse().unwrap();
        assert_eq!(number, CertificateNo { year: 2026, sequence: 123 });
        for other in [
            "CERT-2026-123",
            "CERT-2026-0000123",
            "cert-2026-000123",
            "CERT-2026-000000",
            "CERT-12026-000123",
            "CERT-2026-+00123",
            "",
        ] {
            assert!(other.parse::<CertificateNo>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_year_begins_anew_in_utc() {
        let new_years_eve: Timestamp = "2026-12-31T23:59:59.999Z".parse().unwrap();
        assert_eq!(CertificateNo::next(new_years_eve, 41).to_string(), "CERT-2026-000042");
        assert_eq!(CertificateNo::next(new_years_eve.plus_seconds(1), 0).to_string(), "CERT-2027-000001");
    }

    proptest! {
        #[test]
        fn every_number_reads_back(year in 1970u16..=9999, sequence in 1u32..) {
            let number = CertificateNo { year, sequence };
            prop_assert_eq!(number.to_string().parse::<CertificateNo>(), Ok(number));
        }
    }
}
