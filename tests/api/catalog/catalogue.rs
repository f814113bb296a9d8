//! The catalogue computed the plain way, to hold the real one to it.

use domain::catalog::{CategoryId, CourseCard, CourseStatus, Level, PriceFilter, Sort, fold_title};
use serde_json::json;
use store::{Stored, keys};
use testkit::TestApp;

use crate::catalog::support::{count_items, twice};

pub(crate) const LEVELS: [Level; 3] = [Level::Beginner, Level::Intermediate, Level::Advanced];

/// One list that can be asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) level: Option<Level>,
    pub(crate) category: Option<CategoryId>,
    pub(crate) price: Option<PriceFilter>,
    pub(crate) sort: Sort,
    pub(crate) ascending: bool,
}

impl View {
    /// Every combination of filters in both orders.
    pub(crate) fn all(sort: Sort, categories: &[CategoryId]) -> Vec<Self> {
        let mut views = Vec::new();
        for level in std::iter::once(None).chain(LEVELS.map(Some)) {
            for category in std::iter::once(None).chain(categories.iter().copied().map(Some)) {
                for price in [None, Some(PriceFilter::Free), Some(PriceFilter::Paid)] {
                    for ascending in [true, false] {
                        views.push(Self { level, category, price, sort, ascending });
                    }
                }
            }
        }
        views
    }

    /// The path that asks for it.
    pub(crate) fn path(&self, limit: usize) -> String {
        let order = if self.ascending { "asc" } else { "desc" };
        let filters = json!({ "level": self.level, "category": self.category, "price": self.price });
        let filters = filters.as_object().into_iter().flatten();
        let filters = filters.filter_map(|(name, value)| Some(format!("&{name}={}", value.as_str()?)));
        format!(
            "/v1/courses?limit={limit}&sort={}&order={order}{}",
            self.sort.name(),
            filters.collect::<String>()
        )
    }

    /// What it should show of these courses: ids and titles.
    pub(crate) fn of(&self, cards: &[CourseCard]) -> Vec<(String, String)> {
        let shown = |card: &&CourseCard| {
            card.status == CourseStatus::Published
                && self.level.is_none_or(|level| card.level == Some(level))
                && self.category.is_none_or(|category| card.category_id == Some(category))
                && self.price.is_none_or(|price| (price == PriceFilter::Free) == (card.price.amount == 0))
        };
        let mut cards: Vec<&CourseCard> = cards.iter().filter(shown).collect();
        cards.sort_by(|a, b| {
            let order = match self.sort {
                Sort::CreatedAt => a.created_at.cmp(&b.created_at),
                Sort::Popularity => a.enrollment_count.cmp(&b.enrollment_count),
                Sort::Rating => {
                    (a.rating_hundredths, a.rating_count).cmp(&(b.rating_hundredths, b.rating_count))
                }
                Sort::Title => fold_title(&a.title).cmp(&fold_title(&b.title)),
            };
            order.then(a.id.cmp(&b.id))
        });
        if !self.ascending {
            cards.reverse();
        }
        cards.iter().map(|card| (card.id.to_string(), card.title.to_string())).collect()
    }

    /// What it does show, on one page.
    pub(crate) async fn shown(&self, app: &TestApp) -> Vec<(String, String)> {
        let page = app.get(self.path(100)).send().await.json(200);
        assert!(page["next_cursor"].is_null(), "more than one page");
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let items = page["items"].as_array().into_iter().flatten();
        items.map(|item| (text(&item["id"]), text(&item["title"]))).collect()
    }
}

/// Holds every list in this order to the plain computation.
pub(crate) async fn assert_lists(app: &TestApp, cards: &[CourseCard], sort: Sort, categories: &[CategoryId]) {
    for view in View::all(sort, categories) {
        assert_eq!(view.shown(app).await, view.of(cards), "{view:?}");
    }
}

/// Checks that the table holds a place for each list that shows a course, and none besides.
pub(crate) async fn assert_no_ghosts(app: &TestApp, cards: &[CourseCard]) {
    let published = cards.iter().filter(|card| card.status == CourseStatus::Published);
    let places = published.map(|card| {
        let filters = [card.level.is_some(), card.category_id.is_some(), true];
        4 * filters.into_iter().map(|can| if can { 2 } else { 1 }).product::<usize>()
    });
    assert_eq!(count_items(app, "LISTING#").await, places.sum::<usize>());
}

/// Puts cards into the catalogue without courses behind them: a list reads nothing else.
pub(crate) async fn shelve(app: &TestApp, cards: &[CourseCard]) {
    let school = app.school();
    let draft = |card: &CourseCard| CourseCard { status: CourseStatus::Draft, ..card.clone() };
    let mut change = app.store().transaction(&school);
    for card in cards {
        change.create(&keys::course_card(&school, card.id), &draft(card), twice);
    }
    change.commit().await.expect("new cards");
    for card in cards.iter().filter(|card| card.status != CourseStatus::Draft) {
        let mut change = app.store().transaction(&school);
        change.replace_card(&Stored { value: draft(card), rev: 1 }, card);
        change.commit().await.expect("nobody else writes");
    }
}
