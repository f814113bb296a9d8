//! A shelf of the catalogue.

use kernel::{CategoryId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A category. `course_count` counts published courses and changes with their publication.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Category {
    pub id: CategoryId,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// An emoji or an icon's name.
    pub icon: String,
    /// Lower comes first.
    pub sort_order: i32,
    pub is_active: bool,
    pub course_count: u32,
    pub created_at: Timestamp,
}
