//! POST /v1/admin/certificates/{certificate_id}/correct

use domain::certificates::{ALREADY_REVOKED, CertificateChanged, LearnerName, Reason};
use kernel::{Code, Result};
use runtime::{
    Accepted, App, Budget, Caller, Endpoint, Files, Json, Needs, Path, Route, Table, access::Admin, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::keys;

use crate::{
    CertificateView,
    access::{self, Named},
};

/// Corrects the name on a certificate and has it rendered again. No mail tells the learner: they asked for it, and what was
/// mailed to them leads to the page that says so.
pub struct CorrectCertificate;

/// The name, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "learner_name": "Grace Hopper", "reason": "Showed a passport." }))]
pub struct CorrectCertificateInput {
    pub learner_name: LearnerName,
    /// Is kept with the certificate, for the school alone.
    pub reason: Reason,
}

impl Endpoint for CorrectCertificate {
    const NAME: &'static str = "certificates-correct-certificate";
    const ROUTE: Route = post("/v1/admin/certificates/{certificate_id}/correct");
    const SUMMARY: &'static str =
        "Correct the name on a certificate, named by id or number, and render it again";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    // Who calls, the number, its certificate, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::Read("certificates")],
        services: &CertificateView::SERVICES,
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[ALREADY_REVOKED, Code::LIMIT_REACHED];
    type Access = Admin;
    type Input = (Path<Named>, Json<CorrectCertificateInput>);
    type Output = Accepted<CertificateView>;

    async fn handle(
        app: &App,
        caller: Caller<Admin>,
        (Path(named), Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let stored = access::find(app, &caller.school, &named).await?;
        let mut certificate = stored.value.clone();
        let admin = caller.access.0.account.value.id;
        certificate.correct_name(input.learner_name, input.reason, admin, app.now())?;
        let output = Accepted(CertificateView::of(app, &caller.school, &certificate).await?);
        if certificate == stored.value {
            return Ok(output);
        }
        let key = keys::certificate(&caller.school, certificate.id);
        let mut change = app.store.transaction(&caller.school);
        change.replace(&key, &certificate, stored.rev).event(
            &caller.origin(app),
            &CertificateChanged { certificate_id: certificate.id, user_id: certificate.user_id },
        );
        caller.commit(app, change, output).await
    }
}
