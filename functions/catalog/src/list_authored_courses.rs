//! GET /v1/instructor/courses

use kernel::{Page, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Json, ListQuery, Needs, Query, Route, Table, access::Instructor, get,
};
use store::{Direction, keys};

use crate::CardView;

/// Lists the caller's own courses in every state, newest first.
pub struct ListAuthoredCourses;

impl Endpoint for ListAuthoredCourses {
    const NAME: &'static str = "catalog-list-authored-courses";
    const ROUTE: Route = get("/v1/instructor/courses");
    const SUMMARY: &'static str = "The caller's own courses in every state, newest first";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls, before their query is even parsed, the pointers, their cards.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs::table(&[Table::Query]);
    type Access = Instructor;
    type Input = Query<ListQuery>;
    type Output = Json<Page<CardView>>;

    async fn handle(app: &App, caller: Caller<Instructor>, Query(list): Self::Input) -> Result<Self::Output> {
        let own = keys::authored_partition(&caller.school, caller.access.0.account.value.id);
        let page = app.store.cards_of(&caller.school, &own, list.page(Direction::Descending)).await?;
        Ok(Json(page.map(CardView::from)))
    }
}
