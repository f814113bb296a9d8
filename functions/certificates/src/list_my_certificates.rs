//! GET /v1/me/certificates

use domain::certificates::Certificate;
use kernel::{Page, Result};
use objects::Disposition;
use runtime::{
    App, Budget, Caller, Endpoint, Files, Json, ListQuery, Needs, Query, Route, Table, access::SignedIn, get,
};
use store::{Consistency, Direction, GSI1, keys};

use crate::MyCertificate;

/// Lists the caller's certificates, newest first.
pub struct ListMyCertificates;

impl Endpoint for ListMyCertificates {
    const NAME: &'static str = "certificates-list-my-certificates";
    const ROUTE: Route = get("/v1/me/certificates");
    const SUMMARY: &'static str = "Own certificates, newest first";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    const NEEDS: Needs = Needs {
        table: &[Table::QueryIndex(GSI1)],
        files: &[Files::Read("certificates")],
        services: &MyCertificate::SERVICES,
        ..Needs::NOTHING
    };
    type Access = SignedIn;
    type Input = Query<ListQuery>;
    type Output = Json<Page<MyCertificate>>;

    async fn handle(app: &App, caller: Caller<SignedIn>, Query(list): Self::Input) -> Result<Self::Output> {
        let own = keys::certificates_partition(&caller.school, caller.access.account.value.id);
        let request = list.page(Direction::Descending);
        let page = app.store.page::<Certificate>(&own, request, Consistency::Eventual).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for stored in &page.items {
            let own = MyCertificate::of(app, &caller.school, &stored.value, Disposition::Attachment).await?;
            items.push(own);
        }
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    }
}
