//! Gapless numbers: a sequence rises in the transaction that uses its next number, so a number is never taken twice and
//! none is lost to a crash. Writers of one sequence wait for each other; it is for what is counted in law or in print,
//! not for ids.

use serde::{Deserialize, Serialize};

use crate::core::entity::Entity;

/// How far a sequence has come.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Sequence {
    /// The last number that was taken; 0 when none was.
    pub last: u32,
}

impl Entity for Sequence {
    const TYPE: &'static str = "sequence";
}
