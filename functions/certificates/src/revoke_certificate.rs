//! POST /v1/admin/certificates/{certificate_id}/revoke

use domain::certificates::{ALREADY_REVOKED, CertificateRevoked, Reason};
use kernel::{Code, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Json, Needs, Path, PublicUrl, Route, ServiceEntry, Table, access::Admin,
    post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Stored, keys};

use crate::{
    CertificateView,
    access::{self, Named},
};

/// Takes a certificate back: whoever verifies it sees when, with its code also why, and its PDF is no longer handed out.
pub struct RevokeCertificate;

/// Why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "reason": "Issued by mistake." }))]
pub struct RevokeCertificateInput {
    /// Everybody who verifies the certificate with its code reads it.
    pub reason: Reason,
}

impl Endpoint for RevokeCertificate {
    const NAME: &'static str = "certificates-revoke-certificate";
    const ROUTE: Route = post("/v1/admin/certificates/{certificate_id}/revoke");
    const SUMMARY: &'static str =
        "Revoke a certificate, named by id or number; whoever has its code reads the reason";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    // Who calls, the number, its certificate, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        services: &[ServiceEntry::of::<PublicUrl>()], // a revoked one has no link
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[ALREADY_REVOKED];
    type Access = Admin;
    type Input = (Path<Named>, Json<RevokeCertificateInput>);
    type Output = Json<CertificateView>;

    async fn handle(
        app: &App,
        caller: Caller<Admin>,
        (Path(named), Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: mut certificate, rev } = access::find(app, &caller.school, &named).await?;
        let reason = input.reason.to_string();
        certificate.revoke(input.reason, app.now())?;
        let output = Json(CertificateView::of(app, &caller.school, &certificate).await?);
        let key = keys::certificate(&caller.school, certificate.id);
        let mut change = app.store.transaction(&caller.school);
        change.replace(&key, &certificate, rev).event(
            &caller.origin(app),
            &CertificateRevoked {
                certificate_id: certificate.id,
                certificate_no: certificate.number,
                user_id: certificate.user_id,
                reason,
            },
        );
        caller.commit(app, change, output).await
    }
}
