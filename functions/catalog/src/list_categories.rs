//! GET /v1/categories

use domain::catalog::{Category, MAX_CATEGORIES};
use kernel::{Page, Result};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Route, Table, access::Public, get};
use store::{Consistency, Direction, PageRequest, keys};

use crate::card::SHARED_SECONDS;

/// Lists all categories in use, in their order, with the number of their published courses.
pub struct ListCategories;

impl Endpoint for ListCategories {
    const NAME: &'static str = "catalog-list-categories";
    const ROUTE: Route = get("/v1/categories");
    const SUMMARY: &'static str = "Categories with the number of their published courses";
    const BUDGET: Budget = Budget { reads: 1, writes: 0 };
    const NEEDS: Needs = Needs::table(&[Table::Query]);
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
    type Access = Public;
    type Input = ();
    type Output = Json<Page<Category>>;

    async fn handle(app: &App, caller: Caller<Public>, (): ()) -> Result<Self::Output> {
        let partition = keys::categories_partition(&caller.school);
        let request =
            PageRequest { limit: 2 * MAX_CATEGORIES, cursor: None, direction: Direction::Ascending };
        let page = app.store.page::<Category>(&partition, request, Consistency::Eventual).await?;
        let mut page = page.map(|stored| stored.value);
        page.next_cursor = None;
        page.items.retain(|category| category.is_active);
        page.items.sort_by(|a, b| (a.sort_order, &a.name).cmp(&(b.sort_order, &b.name)));
        Ok(Json(page))
    }
}
