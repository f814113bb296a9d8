//! The good token, damaged: whoever does this has no key.

use std::collections::BTreeSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::Mint;
use crate::identity::setup::SignedIn;

impl Mint {
    /// One bit flipped, one character more, less, doubled or moved, anywhere.
    pub(super) fn damaged(&self, mutants: &mut BTreeSet<String>) {
        let bytes = self.token.as_bytes();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..7 {
                let mut flipped = bytes.to_vec();
                flipped[at] ^= 1 << bit;
                mutants.insert(text(flipped));
            }
            let mut changed = bytes.to_vec();
            changed.remove(at);
            mutants.insert(text(changed));
            for inserted in [bytes[at], b'.', b'=', b' '] {
                let mut changed = bytes.to_vec();
                changed.insert(at, inserted);
                mutants.insert(text(changed));
            }
            let mut changed = bytes.to_vec();
            changed.swap(at, (at + 1) % bytes.len());
            mutants.insert(text(changed));
            mutants.insert(self.token[..at].to_owned());
            mutants.insert(self.token[at + 1..].to_owned());
        }
        for more in ["=", "==", "A", ".", ".A", "..", "%3D", "\\", "\"", ",", ";"] {
            mutants.insert(format!("{}{more}", self.token));
            mutants.insert(format!("{more}{}", self.token));
        }
    }

    /// Good parts in wrong places, and other people's parts.
    pub(super) fn recombined(&self, others: &[&SignedIn], mutants: &mut BTreeSet<String>) {
        let mine: Vec<&str> = self.token.split('.').collect();
        let mut parts = mine.clone();
        parts.push("");
        for other in others {
            parts.extend(other.access.split('.').skip(1));
            mutants.insert(other.refresh.clone());
        }
        for a in &parts {
            for b in &parts {
                mutants.insert(format!("{a}.{b}"));
                for c in &parts {
                    mutants.insert(format!("{a}.{b}.{c}"));
                }
            }
        }
        for other in others {
            mutants.remove(&other.access);
        }
        mutants.insert(format!("{}.{}.{}.{}.{}", mine[0], mine[1], mine[2], mine[1], mine[2]));
        mutants.insert(json!({ "protected": mine[0], "payload": mine[1], "signature": mine[2] }).to_string());
        let decoded = URL_SAFE_NO_PAD.decode(mine[1]).unwrap();
        for payload in [STANDARD.encode(&decoded), String::from_utf8(decoded).unwrap()] {
            mutants.insert(format!("{}.{payload}.{}", mine[0], mine[2]));
        }
        mutants.insert("ada@example.org:correct horse battery staple".to_owned());
    }
}
