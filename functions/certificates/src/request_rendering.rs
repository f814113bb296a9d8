//! POST /v1/certificates/{certificate_id}/render

use domain::certificates::{ALREADY_REVOKED, CertificateChanged, LearnerName, NAME_SETTLED};
use kernel::{Code, Result};
use runtime::{Accepted, App, Budget, Caller, Endpoint, Files, Json, Needs, Route, Table, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{RateLimit, Stored, keys};

use crate::{CertificateView, access::CertificateOwner};

/// Rendering costs CPU and a file, and a template changes rarely.
const PER_CERTIFICATE: RateLimit = RateLimit { name: "render", burst: 5, per_seconds: 24 * 3600 };

/// Has the PDF made again, with the course's template as it is now. Number, dates and name stay: whoever renames their
/// account gets no certificate in that name. The name is corrected where the body says so, and as it says.
pub struct RequestRendering;

/// May be left out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "learner_name": "Grace Hopper" }))]
pub struct RequestRenderingInput {
    /// Corrects the name: once, in the 30 days after the issue, and not after an admin did.
    pub learner_name: Option<LearnerName>,
}

impl Endpoint for RequestRendering {
    const NAME: &'static str = "certificates-request-rendering";
    const ROUTE: Route = post("/v1/certificates/{certificate_id}/render");
    const SUMMARY: &'static str = "Render again with the course's template, at most 5 times a day; the name stays unless the body corrects it";
    const BUDGET: Budget = Budget { reads: 2, writes: 2 };
    // Who calls and the certificate, the limit read and taken from, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::Read("certificates")],
        services: &CertificateView::SERVICES,
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[ALREADY_REVOKED, NAME_SETTLED];
    type Access = CertificateOwner;
    type Input = Option<Json<RequestRenderingInput>>;
    type Output = Accepted<CertificateView>;

    async fn handle(app: &App, caller: Caller<CertificateOwner>, input: Self::Input) -> Result<Self::Output> {
        let Stored { value: mut certificate, rev } = caller.access.certificate.clone();
        match input.and_then(|Json(input)| input.learner_name) {
            Some(name) => certificate.correct_own_name(name, app.now())?,
            None => certificate.redraw()?,
        }
        // What cannot be done uses up nothing.
        caller.take_token(app, PER_CERTIFICATE, &certificate.id.to_string()).await?;
        let output = Accepted(CertificateView::of(app, &caller.school, &certificate).await?);
        let key = keys::certificate(&caller.school, certificate.id);
        let mut change = app.store.transaction(&caller.school);
        change.replace(&key, &certificate, rev).event(
            &caller.origin(app),
            &CertificateChanged { certificate_id: certificate.id, user_id: certificate.user_id },
        );
        caller.commit(app, change, output).await
    }
}
