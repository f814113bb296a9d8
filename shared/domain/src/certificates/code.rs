//! The code on a certificate: what its number alone does not tell, since numbers can be counted up.

use std::{fmt, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::{Encoding, Specification};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::Sha256;

/// 80 bits: 16 characters, which people still type. There is nothing to try guesses on but the verify route: at a hundred
/// thousand guesses a second, from as many addresses as its limit makes that take, one certificate lasts for 10^11 years.
const BYTES: usize = 10;

/// Crockford's base 32: no I, L, O or U, and whoever reads 1 as L or 0 as O is understood.
static ALPHABET: LazyLock<Encoding> = LazyLock::new(|| {
    let mut alphabet = Specification::new();
    alphabet.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    alphabet.translate.from.push_str("abcdefghjkmnpqrstvwxyzOoIiLl");
    alphabet.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    alphabet.ignore.push_str("- ");
    alphabet.encoding().expect("an alphabet of 32 symbols")
});

/// What the codes of a certificate are derived from, one for each of its renderings. It is shown to nobody.
#[derive(Clone, PartialEq)]
pub struct CodeKey([u8; 16]);

impl CodeKey {
    /// A key of random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The code on a rendering: `7Q2M-0K9R-XW4T-H8VE`.
    pub(super) fn code(&self, rendering: u32) -> String {
        let text = ALPHABET.encode(&self.mac(rendering).finalize().into_bytes()[..BYTES]);
        [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
    }

    /// The rendering, of those up to `newest`, that bears the code that somebody typed. Compared in constant time.
    pub(super) fn rendering_with(&self, typed: &str, newest: u32) -> Option<u32> {
        let dash = |c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
        let typed = ALPHABET.decode(typed.trim().replace(dash, "-").as_bytes()).ok()?;
        if typed.len() != BYTES {
            return None;
        }
        (1..=newest).rev().find(|rendering| self.mac(*rendering).verify_truncated_left(&typed).is_ok())
    }

    fn mac(&self, rendering: u32) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(b"lectern certificate code v1");
        mac.update(&rendering.to_be_bytes());
        mac
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey")
    }
}

impl Serialize for CodeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for CodeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(String::deserialize(deserializer)?).ok();
        let key = bytes.and_then(|bytes| bytes.try_into().ok()).map(Self);
        key.ok_or_else(|| de::Error::custom("must be 16 bytes as base64url"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_the_same_for_ever() {
        // It is printed: another one for the same key would make paper worthless.
        let key = CodeKey::new(*b"0123456789abcdef");
        assert_eq!(key.code(1), "EEHM-AWF9-FDND-TFDT");
        assert_eq!(key.code(2), "YEJ3-8JF6-9J5E-Q3KX");
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let key = CodeKey::new([7; 16]);
        let code = key.code(1);
        let plain = code.replace('-', "");
        let typed = [
            code.clone(),
            code.to_lowercase(),
            plain.clone(),
            format!("  {plain} "),
            code.replace('-', " "),
            code.replace('-', "\u{2013}"),
            code.replace('0', "o").replace('1', "l"),
            code.replace('0', "O").replace('1', "I"),
        ];
        for typed in typed {
            assert_eq!(key.rendering_with(&typed, 1), Some(1), "{typed}");
        }
        let mut other = plain.clone();
        other.replace_range(15.., if plain.ends_with('0') { "1" } else { "0" });
        for wrong in ["", "-", "x", "Ünïcode", "💥", &plain[..15], &plain[..8], &format!("{plain}0"), &other]
        {
            assert_eq!(key.rendering_with(wrong, 1), None, "{wrong}");
        }
        // Nothing that is not asked for yet, and nothing of another certificate.
        assert_eq!(key.rendering_with(&key.code(2), 1), None);
        assert_eq!(CodeKey::new([8; 16]).rendering_with(&code, 1), None);
    }

    #[test]
    fn r32_a_key_shows_itself_to_no_log() {
        assert_eq!(format!("{:?}", CodeKey::new([7; 16])), "CodeKey");
    }

    proptest! {
        #[test]
        fn every_rendering_has_a_code_of_its_own_without_letters_that_look_alike(key in any::<[u8; 16]>(), newest in 1u32..20) {
            let key = CodeKey::new(key);
            let codes: BTreeSet<String> = (1..=newest).map(|rendering| key.code(rendering)).collect();
            prop_assert_eq!(codes.len(), newest as usize);
            for rendering in 1..=newest {
                let code = key.code(rendering);
                prop_assert_eq!(key.rendering_with(&code, newest), Some(rendering));
                prop_assert!(!code.contains(['I', 'L', 'O', 'U']) && code.len() == 19, "{}", code);
            }
            let text = serde_json::to_string(&key).unwrap();
            prop_assert_eq!(serde_json::from_str::<CodeKey>(&text).unwrap(), key);
        }

        #[test]
        fn no_typed_text_panics(typed in any::<String>()) {
            prop_assert_eq!(CodeKey::new([7; 16]).rendering_with(&typed, 3), None);
        }
    }
}
