//! POST /v1/admin/certificates/{certificate_id}/revoke

use domain::{certificates::Revocation, event::CertificateRevoked};
use kernel::{CertificateId, CertificateKind, Code, Error, Result};
use runtime::{Alias, App, Attempts, Budget, Caller, Endpoint, Json, Route, access::Admin, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Consistency, keys};

use crate::{CertificateView, draw};

/// Takes a certificate back: whoever verifies it sees when and why, and its PDF is no longer handed out.
pub struct RevokeCertificate;

/// Why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "reason": "Issued by mistake." }))]
pub struct RevokeCertificateInput {
    /// Everybody who verifies the certificate reads it.
    #[schemars(length(min = 1, max = 500))]
    pub reason: String,
}

impl Endpoint for RevokeCertificate {
    const ROUTE: Route = post("/v1/admin/certificates/{certificate_id}/revoke");
    const SUMMARY: &'static str = "Revoke a certificate, named by id or number; the reason is public";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    const ALIAS: Option<Alias> = Some(Alias::CertificateNo);
    type Access = Admin;
    type Input = Json<RevokeCertificateInput>;
    type Output = Json<CertificateView>;

    async fn handle(app: &App, caller: Caller<Admin>, Json(input): Self::Input) -> Result<Self::Output> {
        let id = named(app, &caller).await?.ok_or_else(absent)?;
        let mut attempts = Attempts::default();
        loop {
            match revoke(app, &caller, id, &input.reason).await {
                Err(error) => attempts.again(error).await?,
                done => return done.map(Json),
            }
        }
    }
}

/// The certificate that the path names: by its id, or by its number, which is what people have in hand.
async fn named(app: &App, caller: &Caller<Admin>) -> Result<Option<CertificateId>> {
    let Ok(number) = caller.parameter("certificate_id").parse() else {
        return caller.id::<CertificateKind>("certificate_id").map(Some);
    };
    let pointer = app.store.get(&keys::certificate_no(&caller.school, number), Consistency::Strong).await?;
    Ok(pointer.map(|pointer| pointer.value.target))
}

fn absent() -> Error {
    Error::not_found("certificate")
}

async fn revoke(
    app: &App,
    caller: &Caller<Admin>,
    id: CertificateId,
    reason: &str,
) -> Result<CertificateView> {
    let key = keys::certificate(&caller.school, id);
    let stored = app.store.get(&key, Consistency::Strong).await?.ok_or_else(absent)?;
    let mut certificate = stored.value;
    if certificate.revocation.is_some() {
        return Err(Error::new(Code::AlreadyRevoked, "its revocation stands with the reason given then"));
    }
    certificate.revocation = Some(Revocation { revoked_at: app.now(), reason: reason.trim().to_owned() });
    let mut change = app.store.transaction(&caller.school);
    change.replace(&key, &certificate, stored.rev).event(
        &caller.origin(app),
        &CertificateRevoked {
            certificate_id: id,
            certificate_no: certificate.number,
            user_id: certificate.user_id,
            reason: reason.trim().to_owned(),
        },
    );
    change.commit().await?;
    let verify_url = draw::verify_url(&app.config, &caller.school, certificate.number);
    CertificateView::of(app, verify_url, &certificate).await
}
