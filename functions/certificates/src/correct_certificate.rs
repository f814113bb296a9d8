//! POST /v1/admin/certificates/{certificate_id}/correct

use domain::event::CertificateChanged;
use kernel::{CertificateId, Code, Error, Result};
use runtime::{
    Accepted, App, Attempts, Budget, Caller, Endpoint, Files, Json, Needs, Path, Route, Table, access::Admin,
    post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Consistency, keys};

use crate::{
    CertificateView,
    access::{self, Named},
};

/// Corrects the name on a certificate and has it drawn again. No mail tells the learner: they asked for it, and what was
/// mailed to them leads to the page that says so.
pub struct CorrectCertificate;

/// The name, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "learner_name": "Grace Hopper", "reason": "Showed a passport." }))]
pub struct CorrectCertificateInput {
    #[schemars(length(min = 1, max = 201))]
    pub learner_name: String,
    /// Is kept with the certificate, for the school alone.
    #[schemars(length(min = 1, max = 500))]
    pub reason: String,
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
    const ERRORS: &'static [Code] = &[Code::AlreadyRevoked, Code::LimitReached];
    type Access = Admin;
    type Input = (Path<Named>, Json<CorrectCertificateInput>);
    type Output = Accepted<CertificateView>;

    async fn handle(
        app: &App,
        caller: Caller<Admin>,
        (Path(named), Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let id = access::find(app, &caller.school, &named).await?;
        let mut attempts = Attempts::default();
        loop {
            match correct(app, &caller, id, &input).await {
                Err(error) => attempts.again(error).await?,
                done => return done.map(Accepted),
            }
        }
    }
}

async fn correct(
    app: &App,
    caller: &Caller<Admin>,
    id: CertificateId,
    input: &CorrectCertificateInput,
) -> Result<CertificateView> {
    let key = keys::certificate(&caller.school, id);
    let stored = app.store.get(&key, Consistency::Strong).await?;
    let stored = stored.ok_or_else(|| Error::not_found("certificate"))?;
    let mut certificate = stored.value.clone();
    let admin = caller.access.0.account.value.id;
    certificate.correct_name(&input.learner_name, &input.reason, admin, app.now())?;
    if certificate != stored.value {
        let mut change = app.store.transaction(&caller.school);
        change.replace(&key, &certificate, stored.rev).event(
            &caller.origin(app),
            &CertificateChanged { certificate_id: id, user_id: certificate.user_id },
        );
        change.commit().await?;
    }
    CertificateView::of(app, &caller.school, &certificate).await
}
