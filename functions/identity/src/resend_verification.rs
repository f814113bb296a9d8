//! POST /v1/auth/email/verify/resend

use domain::identity::UserVerificationRequested;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Needs, Requested, Route, Table, access::SignedIn, post};
use store::RateLimit;

/// How often an account may ask. How many mails come of it is decided where they are sent, but what asks without end keeps
/// that place from the mails of others.
const PER_ACCOUNT: RateLimit = RateLimit { name: "resend", burst: 10, per_seconds: 3600 };

/// Has the mail sent again that confirms the caller's address, unless it is confirmed already.
pub struct ResendVerification;

impl Endpoint for ResendVerification {
    const NAME: &'static str = "identity-resend-verification";
    const ROUTE: Route = post("/v1/auth/email/verify/resend");
    const SUMMARY: &'static str =
        "Have the mail sent again that confirms the caller's address; at most 5 a day";
    const BUDGET: Budget = Budget { reads: 1, writes: 2 };
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Update]);
    type Access = SignedIn;
    type Input = ();
    type Output = Requested;

    async fn handle(app: &App, caller: Caller<SignedIn>, (): ()) -> Result<Self::Output> {
        let account = &caller.access.account.value;
        if !account.email_verified {
            let subject = account.id.to_string();
            app.store.count_in_window(&caller.school, PER_ACCOUNT, &subject, app.now()).await?;
            let mut change = app.store.transaction(&caller.school);
            change.event(&caller.origin(app), &UserVerificationRequested { user_id: account.id });
            change.commit().await?;
        }
        Ok(Requested)
    }
}
