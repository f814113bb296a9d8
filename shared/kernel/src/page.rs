//! One page of a list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Items on a page when the caller does not say.
pub const DEFAULT_LIMIT: u32 = 20;
/// Most items on a page.
pub const MAX_LIMIT: u32 = 100;

/// Which way a list runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
pub enum Direction {
    #[serde(rename = "asc")]
    Ascending,
    #[serde(rename = "desc")]
    Descending,
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The page, in the list's order.
    pub items: Vec<T>,
    /// Give it back as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other items.
    pub fn map<U>(self, with: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(with).collect(), next_cursor: self.next_cursor }
    }
}
