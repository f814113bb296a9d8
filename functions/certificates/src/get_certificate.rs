//! GET /v1/certificates/{certificate_id}

use kernel::Result;
use objects::Disposition;
use runtime::{App, Budget, Caller, Endpoint, Files, Json, Needs, Query, Route, get};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{CertificateView, access::CertificateOwner};

/// Gives the caller's certificate with a link to its PDF.
pub struct GetCertificate;

/// What the link is for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCertificateQuery {
    /// Whether a browser saves the PDF, as it does unless told otherwise, or shows it.
    pub disposition: Option<Disposition>,
}

impl Endpoint for GetCertificate {
    const NAME: &'static str = "certificates-get-certificate";
    const ROUTE: Route = get("/v1/certificates/{certificate_id}");
    const SUMMARY: &'static str = "One of the own certificates, with a link to its PDF";
    const BUDGET: Budget = Budget { reads: 1, writes: 0 };
    const NEEDS: Needs = Needs {
        files: &[Files::Read("certificates")],
        services: &CertificateView::SERVICES,
        ..Needs::NOTHING
    };
    type Access = CertificateOwner;
    type Input = Query<GetCertificateQuery>;
    type Output = Json<CertificateView>;

    async fn handle(
        app: &App,
        caller: Caller<CertificateOwner>,
        Query(query): Self::Input,
    ) -> Result<Self::Output> {
        let certificate = &caller.access.certificate.value;
        let disposition = query.disposition.unwrap_or_default();
        CertificateView::with(app, &caller.school, certificate, disposition).await.map(Json)
    }
}
