//! GET /v1/certificates/{certificate_id}

use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Route, get};

use crate::{CertificateView, access::CertificateOwner, draw};

/// Gives the caller's certificate with a link to its PDF.
pub struct GetCertificate;

impl Endpoint for GetCertificate {
    const ROUTE: Route = get("/v1/certificates/{certificate_id}");
    const SUMMARY: &'static str = "One of the own certificates, with a link to its PDF";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    type Access = CertificateOwner;
    type Input = ();
    type Output = Json<CertificateView>;

    async fn handle(app: &App, caller: Caller<CertificateOwner>, (): ()) -> Result<Self::Output> {
        let certificate = &caller.access.certificate.value;
        let verify_url = draw::verify_url(&app.config, &caller.school, certificate.number);
        CertificateView::of(app, verify_url, certificate).await.map(Json)
    }
}
