//! A shelf of the catalogue.

use kernel::{Code, Error, Line, Prose, Result, Timestamp, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{CategoryId, Course, Slug};

/// Most categories in a school: they are listed at once, in an order of their own. Two admins at the same moment may
/// pass it by one each; the list has room.
pub const MAX_CATEGORIES: u32 = 100;

/// What a category is called.
pub type CategoryName = Line<1, 60>;
/// What it holds.
pub type CategoryDescription = Prose<0, 500>;
/// An emoji or an icon's name.
pub type Icon = Line<0, 40>;

/// A category. `course_count` counts published courses and changes with their publication.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Category {
    pub id: CategoryId,
    pub name: CategoryName,
    pub slug: Slug,
    pub description: CategoryDescription,
    /// An emoji or an icon's name.
    pub icon: Icon,
    /// Lower comes first.
    pub sort_order: i32,
    /// Nothing sets it to false yet.
    pub is_active: bool,
    pub course_count: u32,
    pub created_at: Timestamp,
}

/// The new category.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateCategoryInput")]
#[schemars(example = json!({ "name": "Programming", "icon": "💻", "sort_order": 1 }))]
pub struct NewCategory {
    pub name: CategoryName,
    /// Made of the name when absent.
    pub slug: Option<Slug>,
    #[serde(default)]
    pub description: CategoryDescription,
    #[serde(default)]
    pub icon: Icon,
    #[serde(default)]
    #[schemars(range(min = -10000, max = 10000))]
    pub sort_order: i32,
}

impl Category {
    /// The category that `new` asks for, beside `others` that the school has.
    ///
    /// # Errors
    /// There are violations already, its slug does not look like one, or the school has as many as it may have.
    pub fn new(
        new: NewCategory,
        mut violations: Violations,
        others: usize,
        id: CategoryId,
        now: Timestamp,
    ) -> Result<Self> {
        let slug = new.slug.unwrap_or_else(|| Slug::of(&new.name, "category"));
        slug.check("/slug", &mut violations);
        violations.finish()?;
        if others >= MAX_CATEGORIES as usize {
            let most = format!("a school has at most {MAX_CATEGORIES} categories");
            return Err(Error::new(Code::LIMIT_REACHED, most));
        }
        Ok(Self {
            id,
            name: new.name,
            slug,
            description: new.description,
            icon: new.icon,
            sort_order: new.sort_order,
            is_active: true,
            course_count: 0,
            created_at: now,
        })
    }
}

/// Which categories count another number of published courses once `before` has become `after`, and by how much it
/// differs.
pub fn moved_counts(before: &Course, after: &Course) -> impl Iterator<Item = (CategoryId, i64)> {
    let counted = |course: &Course| course.category_id.filter(|_| course.is_published());
    let (old, new) = (counted(before), counted(after));
    let moves = [(old, -1), (new, 1)].into_iter().filter(move |_| old != new);
    moves.filter_map(|(category, amount)| Some((category?, amount)))
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;
    use crate::catalog::{CourseStatus, course::tests::course};

    const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);

    #[test]
    fn a_school_has_a_hundred_categories() {
        let new = |others: usize, slug: Option<&str>| {
            let sent = json!({ "name": " … ", "slug": slug });
            let new = serde_json::from_value(sent).unwrap();
            Category::new(new, Violations::default(), others, Id::generate(NOW), NOW)
        };
        let last = new(99, None).unwrap();
        assert_eq!((&*last.name, &*last.slug, last.is_active, last.course_count), ("…", "category", true, 0));
        assert_eq!(new(100, None).unwrap_err().code(), Code::LIMIT_REACHED);
        assert_eq!(new(0, Some("Not a slug")).unwrap_err().violation_list()[0].pointer, "/slug");
    }

    #[test]
    fn a_category_counts_the_published_courses_in_it() {
        let [one, other] = [1, 2].map(|millis| Id::generate(Timestamp::from_millis(millis)));
        let with = |status, category_id| Course { status, category_id, ..course() };
        let (draft, published) = (CourseStatus::Draft, CourseStatus::Published);
        for ((old_status, old), (status, new), moves) in [
            ((draft, Some(one)), (published, Some(one)), vec![(one, 1)]),
            ((published, Some(one)), (draft, Some(one)), vec![(one, -1)]),
            ((published, Some(one)), (published, Some(other)), vec![(one, -1), (other, 1)]),
            ((published, None), (published, Some(other)), vec![(other, 1)]),
            ((published, Some(one)), (published, None), vec![(one, -1)]),
            ((published, Some(one)), (published, Some(one)), vec![]),
            ((draft, Some(one)), (draft, Some(other)), vec![]),
            ((draft, None), (published, None), vec![]),
        ] {
            let moved: Vec<_> = moved_counts(&with(old_status, old), &with(status, new)).collect();
            assert_eq!(moved, moves, "{old_status:?} {old:?} to {status:?} {new:?}");
        }
    }
}
