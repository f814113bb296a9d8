//! POST /v1/certificates/{certificate_id}/render

use domain::event::CertificateChanged;
use kernel::{Code, Error, Result};
use runtime::{Accepted, Access, App, Attempts, Budget, Caller, Endpoint, Route, post};
use store::{RateLimit, keys};

use crate::{CertificateView, access::CertificateOwner, draw};

/// Drawing costs CPU and a file, and a name changes rarely.
const PER_CERTIFICATE: RateLimit = RateLimit { name: "render", burst: 5, per_seconds: 24 * 3600 };

/// Has the PDF made again, with the learner's name as it is now and the course's template as it is now. Number and
/// dates stay.
pub struct RequestRendering;

impl Endpoint for RequestRendering {
    const ROUTE: Route = post("/v1/certificates/{certificate_id}/render");
    const SUMMARY: &'static str =
        "Render again, with the corrected name and the course's template; keeps the number";
    const BUDGET: Budget = Budget { reads: 3, writes: 2 };
    type Access = CertificateOwner;
    type Input = ();
    type Output = Accepted<CertificateView>;

    async fn handle(app: &App, mut caller: Caller<CertificateOwner>, (): ()) -> Result<Self::Output> {
        let id = caller.access.certificate.value.id;
        app.store.take_token(&caller.school, PER_CERTIFICATE, &id.to_string(), || app.now()).await?;
        let mut attempts = Attempts::default();
        loop {
            match request(app, &caller).await {
                Err(error) => attempts.again(error).await?,
                done => return done.map(Accepted),
            }
            caller.access = CertificateOwner::authorize(app, &caller).await?;
        }
    }
}

async fn request(app: &App, caller: &Caller<CertificateOwner>) -> Result<CertificateView> {
    let CertificateOwner { user, certificate: stored } = &caller.access;
    let mut certificate = stored.value.clone();
    if certificate.revocation.is_some() {
        return Err(Error::new(Code::AlreadyRevoked, "what was revoked is not drawn again"));
    }
    certificate.learner_name = user.account.value.display_name();
    certificate.renderings += 1;
    let mut change = app.store.transaction(&caller.school);
    change.replace(&keys::certificate(&caller.school, certificate.id), &certificate, stored.rev).event(
        &caller.origin(app),
        &CertificateChanged { certificate_id: certificate.id, user_id: certificate.user_id },
    );
    change.commit().await?;
    let verify_url = draw::verify_url(&app.config, &caller.school, certificate.number);
    CertificateView::of(app, verify_url, &certificate).await
}
