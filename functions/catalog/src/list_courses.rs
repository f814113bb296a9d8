//! GET /v1/courses

use domain::catalog::{CategoryId, CategoryKind, Level, ListingFilter, PriceFilter, Slug, Sort};
use kernel::{Page, Result, School};
use runtime::{
    App, Budget, Caller, Endpoint, IdOr, Json, ListQuery, Needs, Query, Route, Table, access::Public, get,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    Consistency, Direction,
    keys::{self, CategoryPointer},
};

use crate::{CardView, card::SHARED_SECONDS};

/// Lists published courses. Each filter combination and sort is an ordering of its own in the table, so a page costs
/// one query however large the catalogue is.
pub struct ListCourses;

/// Which courses, in which order.
// The schema refuses unknown parameters: serde's own refusal goes with no flattened struct.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
#[schemars(extend("additionalProperties" = false))]
pub struct ListCoursesQuery {
    pub level: Option<Level>,
    /// A category's id or slug.
    pub category: Option<IdOr<CategoryKind, Slug>>,
    pub price: Option<PriceFilter>,
    /// `created_at` when absent.
    pub sort: Option<Sort>,
    /// Titles ascend, everything else descends when absent.
    pub order: Option<Direction>,
    #[serde(flatten)]
    pub list: ListQuery,
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
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
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
        let usual = if sort == Sort::Title { Direction::Ascending } else { Direction::Descending };
        let request = query.list.page(query.order.unwrap_or(usual));
        let page = app.store.list_cards(&caller.school, &filter, sort, request).await?;
        Ok(Json(page.map(CardView::from)))
    }
}

async fn find_category(
    app: &App,
    school: &School,
    wanted: &IdOr<CategoryKind, Slug>,
) -> Result<Option<CategoryId>> {
    let slug = match wanted {
        IdOr::Id(id) => return Ok(Some(*id)),
        IdOr::Alias(slug) => slug,
    };
    let pointer =
        app.store.get::<CategoryPointer>(&keys::category_slug(school, slug), Consistency::Eventual).await?;
    Ok(pointer.map(|pointer| pointer.value.target))
}
