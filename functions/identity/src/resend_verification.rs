//! POST /v1/auth/email/verify/resend

use domain::event::UserVerificationRequested;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Requested, Route, access::User, post};

/// Has the mail sent again that confirms the caller's address, unless it is confirmed already. How often one goes out is
/// decided where mails are sent.
pub struct ResendVerification;

impl Endpoint for ResendVerification {
    const ROUTE: Route = post("/v1/auth/email/verify/resend");
    const SUMMARY: &'static str =
        "Have the mail sent again that confirms the caller's address; at most 5 a day";
    const BUDGET: Budget = Budget { reads: 1, writes: 1 };
    type Access = User;
    type Input = ();
    type Output = Requested;

    async fn handle(app: &App, caller: Caller<User>, (): ()) -> Result<Self::Output> {
        let account = &caller.access.account.value;
        if !account.email_verified {
            let mut change = app.store.transaction(&caller.school);
            change.event(&caller.origin(app), &UserVerificationRequested { user_id: account.id });
            change.commit().await?;
        }
        Ok(Requested)
    }
}
