//! GET /v1/courses

use domain::catalog::{CategoryId, Level, ListingFilter, PriceFilter, Slug, Sort};
use kernel::{Page, Result, School};
use runtime::{
    App, Budget, Caller, Endpoint, Json, ListQuery, Needs, Query, Route, Table, access::Public, get,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    Consistency, Direction,
    keys::{self, CategoryPointer},
};

use crate::CardView;

/// Lists published courses. Each filter combination and sort is an ordering of its own in the table, so a page costs
/// one query however large the catalogue is.
pub struct ListCourses;

/// Which courses, in which order.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct ListCoursesQuery {
    pub level: Option<Level>,
    /// A category's id or slug.
    #[schemars(length(min = 1, max = 80))]
    pub category: Option<String>,
    pub price: Option<PriceFilter>,
    /// `created_at` when absent.
    pub sort: Option<Sort>,
    /// Titles ascend, everything else descends when absent.
    pub order: Option<Order>,
    /// Items on the page.
    #[schemars(range(min = 1, max = 100), extend("default" = 20))]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[schemars(length(min = 1, max = 2048))]
    pub cursor: Option<String>,
}

/// Which way a list runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Asc,
    Desc,
}

impl Endpoint for ListCourses {
    const NAME: &'static str = "catalog-list-courses";
    const ROUTE: Route = get("/v1/courses");
    const SUMMARY: &'static str =
        "The catalogue: published courses by level, category and price, in any order";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // A category is looked up first, then the page; what an earlier version wrote there only names its card.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs::table(&[Table::BatchGet, Table::Query]);
    type Access = Public;
    type Input = Query<ListCoursesQuery>;
    type Output = Json<Page<CardView>>;

    async fn handle(app: &App, caller: Caller<Public>, Query(query): Self::Input) -> Result<Self::Output> {
        let category = match &query.category {
            None => None,
            Some(wanted) => match find_category(app, &caller.school, wanted).await? {
                None => return Ok(Json(Page { items: Vec::new(), next_cursor: None })),
                found => found,
            },
        };
        let filter = ListingFilter { level: query.level, category, price: query.price };
        let sort = query.sort.unwrap_or_default();
        let direction = match query.order {
            Some(Order::Asc) => Direction::Ascending,
            None if sort == Sort::Title => Direction::Ascending,
            _ => Direction::Descending,
        };
        let list = ListQuery { limit: query.limit, cursor: query.cursor };
        let page = app.store.list_cards(&caller.school, &filter, sort, list.page(direction)).await?;
        Ok(Json(page.map(CardView::from)))
    }
}

async fn find_category(app: &App, school: &School, wanted: &str) -> Result<Option<CategoryId>> {
    if let Ok(id) = wanted.parse() {
        return Ok(Some(id));
    }
    let Ok(slug) = wanted.parse::<Slug>() else { return Ok(None) };
    let pointer =
        app.store.get::<CategoryPointer>(&keys::category_slug(school, &slug), Consistency::Eventual).await?;
    Ok(pointer.map(|pointer| pointer.value.target))
}
