//! What this package's routes show.

use domain::{
    catalog::CourseId,
    certificates::{
        Certificate, CertificateId, CertificateNo, CertificateStatus, CertificateTemplate, Color, Heading,
        Revocation, Signatory, Statement,
    },
};
use kernel::{Result, School, Timestamp};
use objects::{Disposition, Objects};
use runtime::{App, PublicUrl, ServiceEntry};
use schemars::JsonSchema;
use serde::Serialize;

/// A certificate in its owner's list.
#[derive(Serialize, JsonSchema)]
pub struct MyCertificate {
    pub id: CertificateId,
    pub certificate_no: CertificateNo,
    pub course_id: CourseId,
    pub course_title: String,
    /// As it stands on the certificate.
    pub learner_name: String,
    pub status: CertificateStatus,
    pub issued_at: Timestamp,
    /// With the code: whoever has this address reads the name.
    pub verify_url: String,
    /// Works for 15 minutes; absent until there is a PDF, and once revoked.
    pub pdf_url: Option<String>,
}

impl MyCertificate {
    pub(crate) const SERVICES: [ServiceEntry; 2] =
        [ServiceEntry::of::<Objects>(), ServiceEntry::of::<PublicUrl>()];

    pub(crate) async fn of(
        app: &App,
        school: &School,
        certificate: &Certificate,
        disposition: Disposition,
    ) -> Result<Self> {
        let site = app.service::<PublicUrl>().await?.of(school);
        let pdf_url = match certificate.pdf() {
            None => None,
            Some(pdf) => {
                let file_name = format!("{}.pdf", certificate.number);
                Some(app.service::<Objects>().await?.link(&pdf.object, &file_name, disposition).await?)
            }
        };
        Ok(Self {
            id: certificate.id,
            certificate_no: certificate.number,
            course_id: certificate.course_id,
            course_title: certificate.course_title.clone(),
            learner_name: certificate.learner_name.clone(),
            status: certificate.status(),
            issued_at: certificate.issued_at,
            verify_url: certificate.verify_url(&site, certificate.renderings),
            pdf_url,
        })
    }
}

/// A certificate with all that it says.
#[derive(Serialize, JsonSchema)]
pub struct CertificateView {
    #[serde(flatten)]
    pub listed: MyCertificate,
    pub instructor_name: String,
    pub duration_minutes: u32,
    pub completed_at: Timestamp,
    /// Until when the learner may correct the name; null once it was corrected.
    pub name_correctable_until: Option<Timestamp>,
    /// Signed by the school, checkable offline; absent until there is a PDF.
    pub credential: Option<String>,
    pub revocation: Option<Revocation>,
}

impl CertificateView {
    pub(crate) const SERVICES: [ServiceEntry; 2] = MyCertificate::SERVICES;

    pub(crate) async fn of(app: &App, school: &School, certificate: &Certificate) -> Result<Self> {
        Self::with(app, school, certificate, Disposition::Attachment).await
    }

    pub(crate) async fn with(
        app: &App,
        school: &School,
        certificate: &Certificate,
        disposition: Disposition,
    ) -> Result<Self> {
        Ok(Self {
            listed: MyCertificate::of(app, school, certificate, disposition).await?,
            instructor_name: certificate.instructor_name.clone(),
            duration_minutes: certificate.duration_minutes,
            completed_at: certificate.completed_at,
            name_correctable_until: certificate.correctable_until(),
            credential: certificate.pdf().map(|pdf| pdf.credential.clone()),
            revocation: certificate.revocation.clone(),
        })
    }
}

/// The template of a course's certificates.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CertificateTemplate")]
pub struct TemplateView {
    pub heading: Heading,
    pub statement: Statement,
    pub accent: Color,
    pub signatory_name: Option<Signatory>,
    pub signatory_title: Option<Signatory>,
    pub logo: Option<String>,
}

impl From<CertificateTemplate> for TemplateView {
    fn from(template: CertificateTemplate) -> Self {
        let CertificateTemplate { heading, statement, accent, signatory_name, signatory_title, logo } =
            template;
        Self { heading, statement, accent, signatory_name, signatory_title, logo }
    }
}
