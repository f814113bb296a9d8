//! Money as whole minor units of one currency.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The currencies a school can charge in (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum Currency {
    #[default]
    USD,
    EUR,
    GBP,
    CHF,
    INR,
    BRL,
    JPY,
    KWD,
}

/// An amount in the currency's minor unit (cents for USD, yen for JPY), never a float.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units. At most 100 million of them: no course costs more, and sums of them stay exact in a double.
    #[schemars(range(min = 0, max = 100_000_000))]
    pub amount: i64,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Currency,
}

impl Money {
    /// Whether nothing is to be paid.
    #[must_use]
    pub const fn is_free(self) -> bool {
        self.amount == 0
    }
}
