//! Where a published course stands in the catalogue: one position for each combination of filters that it
//! matches and each sort. A list then reads just the page that it returns.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CategoryId, CourseCard, CourseId, CourseStatus, Level, slug::fold_title};

/// What the catalogue can be sorted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    CreatedAt,
    Popularity,
    Rating,
    Title,
}

/// Between a value and the course id. It sorts before everything that a title can hold, blanks too, so that a title
/// comes before the longer ones that begin with it.
const END: char = '\u{1}';

/// The two price classes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceFilter {
    Free,
    Paid,
}

/// A combination of filters; an absent one means any.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct ListingFilter {
    pub level: Option<Level>,
    pub category: Option<CategoryId>,
    pub price: Option<PriceFilter>,
}

/// One place of one course in one ordering.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SortPosition {
    pub filter: ListingFilter,
    pub sort: Sort,
    /// Sorts as text in ascending order; ends with the course id, so that it is unique.
    pub value: String,
    pub course_id: CourseId,
}

impl fmt::Display for ListingFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            None => "any",
            Some(Level::Beginner) => "beginner",
            Some(Level::Intermediate) => "intermediate",
            Some(Level::Advanced) => "advanced",
        };
        let price = match self.price {
            None => "any",
            Some(PriceFilter::Free) => "free",
            Some(PriceFilter::Paid) => "paid",
        };
        match self.category {
            None => write!(f, "{level}#any#{price}"),
            Some(category) => write!(f, "{level}#{category}#{price}"),
        }
    }
}

impl Sort {
    /// The sort's name in keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::Popularity => "popularity",
            Self::Rating => "rating",
            Self::Title => "title",
        }
    }

    fn value(self, card: &CourseCard) -> String {
        let value = match self {
            Self::CreatedAt => format!("{:015}", card.created_at.millis().max(0)),
            Self::Popularity => format!("{:010}", card.enrollment_count),
            Self::Rating => format!("{:03}.{:010}", card.rating_hundredths, card.rating_count),
            Self::Title => fold_title(&card.title),
        };
        format!("{value}{END}{}", card.id)
    }
}

/// Every position of a card: none unless it is published, else up to 8 filter combinations × 4 sorts.
#[must_use]
pub fn listing_positions(card: &CourseCard) -> Vec<SortPosition> {
    if card.status != CourseStatus::Published {
        return Vec::new();
    }
    let price = if card.price.is_free() { PriceFilter::Free } else { PriceFilter::Paid };
    let mut positions = Vec::with_capacity(32);
    for level in with_any(card.level) {
        for category in with_any(card.category_id) {
            for price in with_any(Some(price)) {
                for sort in [Sort::CreatedAt, Sort::Popularity, Sort::Rating, Sort::Title] {
                    positions.push(SortPosition {
                        filter: ListingFilter { level, category, price },
                        sort,
                        value: sort.value(card),
                        course_id: card.id,
                    });
                }
            }
        }
    }
    positions
}

fn with_any<T: Copy>(value: Option<T>) -> impl Iterator<Item = Option<T>> + Clone {
    std::iter::once(None).chain(value.map(Some))
}
