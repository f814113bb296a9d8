//! POST /v1/certificates/{certificate_id}/render

use domain::event::CertificateChanged;
use kernel::{Code, Result};
use runtime::{Accepted, Access, App, Attempts, Budget, Caller, Endpoint, Json, Route, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{RateLimit, keys};

use crate::{CertificateView, access::CertificateOwner};

/// Drawing costs CPU and a file, and a template changes rarely.
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
    #[schemars(length(min = 1, max = 201))]
    pub learner_name: Option<String>,
}

impl Endpoint for RequestRendering {
    const ROUTE: Route = post("/v1/certificates/{certificate_id}/render");
    const SUMMARY: &'static str =
        "Render again with the course's template; the name stays unless the body corrects it";
    const BUDGET: Budget = Budget { reads: 3, writes: 2 };
    const ERRORS: &'static [Code] = &[Code::AlreadyRevoked, Code::NameSettled];
    type Access = CertificateOwner;
    type Input = Option<Json<RequestRenderingInput>>;
    type Output = Accepted<CertificateView>;

    async fn handle(
        app: &App,
        mut caller: Caller<CertificateOwner>,
        input: Self::Input,
    ) -> Result<Self::Output> {
        let id = caller.access.certificate.value.id;
        app.store.take_token(&caller.school, PER_CERTIFICATE, &id.to_string(), || app.now()).await?;
        let name = input.and_then(|Json(input)| input.learner_name);
        let mut attempts = Attempts::default();
        loop {
            match request(app, &caller, name.as_deref()).await {
                Err(error) => attempts.again(error).await?,
                done => return done.map(Accepted),
            }
            caller.access = CertificateOwner::authorize(app, &caller).await?;
        }
    }
}

async fn request(
    app: &App,
    caller: &Caller<CertificateOwner>,
    name: Option<&str>,
) -> Result<CertificateView> {
    let stored = &caller.access.certificate;
    let mut certificate = stored.value.clone();
    match name {
        Some(name) => certificate.correct_own_name(name, app.now())?,
        None => certificate.redraw()?,
    }
    let mut change = app.store.transaction(&caller.school);
    change.replace(&keys::certificate(&caller.school, certificate.id), &certificate, stored.rev).event(
        &caller.origin(app),
        &CertificateChanged { certificate_id: certificate.id, user_id: certificate.user_id },
    );
    change.commit().await?;
    CertificateView::of(app, &caller.school, &certificate).await
}
