//! GET /v1/instructor/courses

use kernel::{Page, Result};
use runtime::{App, Budget, Caller, Endpoint, Json, ListQuery, Query, Route, access::Instructor, get};
use store::{Direction, keys};

use crate::CardView;

/// Lists the caller's own courses in every state, newest first.
pub struct ListAuthoredCourses;

impl Endpoint for ListAuthoredCourses {
    const ROUTE: Route = get("/v1/instructor/courses");
    const SUMMARY: &'static str = "The caller's own courses in every state, newest first";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    type Access = Instructor;
    type Input = Query<ListQuery>;
    type Output = Json<Page<CardView>>;

    async fn handle(app: &App, caller: Caller<Instructor>, Query(list): Self::Input) -> Result<Self::Output> {
        let own = keys::authored_partition(&caller.school, caller.access.0.account.value.id);
        let page = app.store.cards_of(&caller.school, &own, list.page(Direction::Descending)).await?;
        Ok(Json(page.map(CardView::from)))
    }
}
