//! GET /v1/me

use domain::identity::AccountView;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Revised, Route, access::SignedIn, get};

/// Gives the caller's own account and profile.
pub struct GetMe;

impl Endpoint for GetMe {
    const NAME: &'static str = "identity-get-me";
    const ROUTE: Route = get("/v1/me");
    const SUMMARY: &'static str = "The caller's own account and profile";
    const BUDGET: Budget = Budget { reads: 1, writes: 0 };
    type Access = SignedIn;
    type Input = ();
    type Output = Revised<Json<AccountView>>;

    async fn handle(_: &App, caller: Caller<SignedIn>, (): ()) -> Result<Self::Output> {
        let account = &caller.access.account;
        Ok(Revised(account.rev, Json((&account.value).into())))
    }
}
