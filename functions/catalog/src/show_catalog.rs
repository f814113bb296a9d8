//! GET /courses

use askama::Template;
use domain::catalog::{Category, Level, ListingFilter, PriceFilter, Slug, Sort};
use kernel::{Code, Result};
use pages::{Content, Html, Language, SERVICES, language};
use runtime::{
    App, Budget, Call, Caller, Endpoint, Input, Needs, Query, RequestParts, Route, Table, access::Public, get,
};
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{
    Consistency, Direction, PageRequest,
    keys::{self, CategoryPointer},
};

use crate::{
    card::{Card, SHARED_SECONDS},
    list_courses::ListCoursesQuery,
};

/// The catalogue's page: filters, order and pages are in its address, so that it works without a script and every view of
/// it is a link.
pub struct ShowCatalog;

const ON_A_PAGE: u32 = 24;

/// The query of an address that people edit and share: what cannot be read is left out, and nobody is told off for it.
pub struct View {
    level: Option<Level>,
    category: Option<Slug>,
    price: Option<PriceFilter>,
    sort: Sort,
    cursor: Option<String>,
}

impl Input for View {
    fn read(call: &Call) -> Result<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&call.query).unwrap_or_default();
        let text = |name: &str| {
            pairs
                .iter()
                .find(|(known, value)| known == name && !value.is_empty())
                .map(|(_, value)| value.clone())
        };
        fn read<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
            serde_json::from_value(json!(text?)).ok()
        }
        Ok(Self {
            level: read(text("level")),
            category: read(text("category")),
            price: read(text("price")),
            sort: read(text("sort")).unwrap_or_default(),
            cursor: text("cursor"),
        })
    }

    fn describe(parts: &mut RequestParts) {
        Query::<ListCoursesQuery>::describe(parts);
    }
}

/// A choice of a filter: its value, its name, whether it is chosen.
struct Choice {
    value: String,
    name: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "catalog.html")]
struct Catalog<'a> {
    language: Language,
    filters: [(&'static str, &'static str, Vec<Choice>); 4],
    cards: Vec<Card<'a>>,
    is_first: bool,
    first: String,
    next: Option<String>,
}

impl Endpoint for ShowCatalog {
    const NAME: &'static str = "catalog-show-catalog";
    const ROUTE: Route = get("/courses");
    const SUMMARY: &'static str = "The catalogue's page";
    const BUDGET: Budget = Budget { reads: 5, writes: 0 };
    // A category is looked up first, then the page; what an earlier version wrote there only names its card.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs { services: &SERVICES, ..Needs::table(&[Table::BatchGet, Table::Query]) };
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
    type Access = Public;
    type Input = View;
    type Output = Html;

    async fn handle(app: &App, caller: Caller<Public>, view: View) -> Result<Html> {
        let school = &caller.school;
        let language = language(&caller);
        let all = keys::categories_partition(school);
        let (categories, category) = tokio::try_join!(
            app.store.page::<Category>(
                &all,
                PageRequest { limit: 100, cursor: None, direction: Direction::Ascending },
                Consistency::Eventual
            ),
            async {
                let Some(slug) = &view.category else { return Ok(None) };
                app.store
                    .get::<CategoryPointer>(&keys::category_slug(school, slug), Consistency::Eventual)
                    .await
            }
        )?;
        let is_nowhere = view.category.is_some() && category.is_none();
        let filter = ListingFilter {
            level: view.level,
            category: category.map(|pointer| pointer.value.target),
            price: view.price,
        };
        let direction = if view.sort == Sort::Title { Direction::Ascending } else { Direction::Descending };
        let page = |cursor| PageRequest { limit: ON_A_PAGE, cursor, direction };
        let found = match app.store.list_cards(school, &filter, view.sort, page(view.cursor.as_deref())).await
        {
            // Of another list, or of none: the list begins anew.
            Err(error) if error.code() == Code::INVALID_CURSOR => {
                app.store.list_cards(school, &filter, view.sort, page(None)).await?
            }
            found => found?,
        };
        let (items, next) = if is_nowhere { (Vec::new(), None) } else { (found.items, found.next_cursor) };
        let cards = items.iter().map(|card| Card { card, language }).collect();
        let main = Catalog {
            language,
            filters: filters(language, &view, categories.items.iter().map(|stored| &stored.value)),
            cards,
            is_first: view.cursor.is_none(),
            first: view.address(None),
            next: next.map(|cursor| view.address(Some(&cursor))),
        };
        let content = Content {
            title: language.word("catalog.title"),
            description: language.word("home.text"),
            path: Some("/courses"),
            about: None,
        };
        Html::page(app, &caller, content, &main).await
    }
}

impl View {
    /// Where the same view is, from another place on.
    fn address(&self, cursor: Option<&str>) -> String {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let pairs = [
            ("level", self.level.map(|level| word(json!(level)))),
            ("category", self.category.as_ref().map(ToString::to_string)),
            ("price", self.price.map(|price| word(json!(price)))),
            ("sort", (self.sort != Sort::default()).then(|| word(json!(self.sort)))),
            ("cursor", cursor.map(str::to_owned)),
        ];
        let pairs: Vec<_> = pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { "/courses".to_owned() } else { format!("/courses?{query}") }
    }
}

fn filters<'a>(
    language: Language,
    view: &View,
    categories: impl Iterator<Item = &'a Category>,
) -> [(&'static str, &'static str, Vec<Choice>); 4] {
    let any =
        |is_chosen| Choice { value: String::new(), name: language.word("catalog.any").to_owned(), is_chosen };
    let choice = |value: &str, key: &str, is_chosen| Choice {
        value: value.to_owned(),
        name: language.word(key).to_owned(),
        is_chosen,
    };
    let levels = [
        (Level::Beginner, "beginner", "level.beginner"),
        (Level::Intermediate, "intermediate", "level.intermediate"),
        (Level::Advanced, "advanced", "level.advanced"),
    ];
    let prices = [(PriceFilter::Free, "free", "catalog.free"), (PriceFilter::Paid, "paid", "catalog.paid")];
    let sorts = [
        (Sort::CreatedAt, "created_at", "catalog.newest"),
        (Sort::Popularity, "popularity", "catalog.popular"),
        (Sort::Rating, "rating", "catalog.rating"),
        (Sort::Title, "title", "catalog.by_title"),
    ];
    let categories = categories.filter(|category| category.is_active).map(|category| Choice {
        value: category.slug.to_string(),
        name: category.name.to_string(),
        is_chosen: view.category.as_ref() == Some(&category.slug),
    });
    [
        (
            "category",
            "catalog.category",
            std::iter::once(any(view.category.is_none())).chain(categories).collect(),
        ),
        (
            "level",
            "catalog.level",
            std::iter::once(any(view.level.is_none()))
                .chain(levels.map(|(level, value, key)| choice(value, key, view.level == Some(level))))
                .collect(),
        ),
        (
            "price",
            "catalog.price",
            std::iter::once(any(view.price.is_none()))
                .chain(prices.map(|(price, value, key)| choice(value, key, view.price == Some(price))))
                .collect(),
        ),
        (
            "sort",
            "catalog.sort",
            sorts.map(|(sort, value, key)| choice(value, key, view.sort == sort)).into_iter().collect(),
        ),
    ]
}
