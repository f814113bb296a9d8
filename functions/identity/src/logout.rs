//! POST /v1/auth/logout

use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Needs, NoContent, Route, Table, access::SignedIn, post};
use store::keys;

use crate::WithCookie;

/// Ends the session that the access token belongs to; its tokens are refused from the next call on.
pub struct Logout;

impl Endpoint for Logout {
    const NAME: &'static str = "identity-logout";
    const ROUTE: Route = post("/v1/auth/logout");
    const SUMMARY: &'static str = "End this session";
    const BUDGET: Budget = Budget { reads: 1, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Delete]);
    type Access = SignedIn;
    type Input = ();
    type Output = WithCookie<NoContent>;

    async fn handle(app: &App, caller: Caller<SignedIn>, (): ()) -> Result<Self::Output> {
        let session = &caller.access.session.value;
        let mut change = app.store.transaction(&caller.school);
        change.delete(&keys::session(&caller.school, session.user_id, session.id));
        caller.commit(app, change, WithCookie::ended(NoContent, &caller)).await
    }
}
