//! certificate.issued, certificate.changed → a PDF in the bucket

use domain::{
    certificates::{
        CertificateChanged, CertificateId, CertificateIssued, CertificateRendered, CertificateStatus,
        CertificateTemplate, Rendering,
    },
    event::{Event, EventData},
};
use kernel::{Code, Error, Result};
use objects::Objects;
use runtime::{App, Consumer, Files, Needs, ServiceEntry, Subscription, Table};
use store::{Consistency, Origin, keys};
use tracing::warn;

use crate::{
    credential::CertificateKey,
    draw::{self, Letterhead},
};

/// Renders a certificate as it is now. The file is the same for the same certificate, so rendering it twice does no harm;
/// what the table says of it is written once.
pub struct RenderCertificate;

/// What makes a certificate need a PDF.
pub struct Outdated(CertificateId);

impl Subscription for Outdated {
    const EVENTS: &'static [(&'static str, u32)] = &[
        (CertificateIssued::TYPE, CertificateIssued::VERSION),
        (CertificateChanged::TYPE, CertificateChanged::VERSION),
    ];

    fn read(event: &Event) -> std::result::Result<Self, String> {
        if event.event_type == CertificateIssued::TYPE {
            event.data::<CertificateIssued>().map(|data| Self(data.certificate_id))
        } else {
            event.data::<CertificateChanged>().map(|data| Self(data.certificate_id))
        }
    }
}

impl Consumer for RenderCertificate {
    const NAME: &'static str = "certificates-render-certificate";
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::Write("certificates")],
        services: &[
            ServiceEntry::of::<CertificateKey>(),
            ServiceEntry::of::<Objects>(),
            Letterhead::SERVICES[0],
            Letterhead::SERVICES[1],
        ],
        memory: draw::FUNCTION_MEMORY,
        batch: 1, // pictures come from strangers: one that takes too much memory takes no other with it
        ..Needs::NOTHING
    };
    type Data = Outdated;

    async fn consume(app: &App, event: &Event, Outdated(id): Outdated) -> Result<()> {
        let school = &event.school;
        let key = keys::certificate(school, id);
        let stored = app.store.get(&key, Consistency::Strong).await?;
        let stored = stored.ok_or_else(|| Error::internal(format!("there is no certificate {id}")))?;
        let (mut certificate, mut rev) = (stored.value, stored.rev);
        let made = certificate.rendering.as_ref().map_or(0, |made| made.count);
        // An older event came late, or this one again; or it was revoked.
        if certificate.status() != CertificateStatus::Rendering {
            return Ok(());
        }
        if certificate.code_key.is_none() {
            // From before there were codes. It is kept before it is printed: of two deliveries that draw at the same
            // time, the one that ends last must not print another code than the one that is kept.
            certificate.code_key = Some(draw::new_code_key()?);
            let mut change = app.store.transaction(school);
            change.replace(&key, &certificate, rev);
            change.commit().await?;
            rev += 1;
        }
        let template_key = keys::certificate_template(school, certificate.course_id);
        let template = app.store.get(&template_key, Consistency::Strong).await?;
        let template = template.map(|stored| stored.value).unwrap_or_default();
        let letterhead = Letterhead::of(app, school).await?;
        let signer = app.service::<CertificateKey>().await?;
        let credential = signer.sign(school, &letterhead.site, &certificate)?;
        let rendered = |template: &CertificateTemplate| {
            draw::pdf(&letterhead, &certificate, template, Some(&credential))
        };
        let pdf = match rendered(&template) {
            // A template is set without drawing it; a logo that turns out to be none costs the logo, not the certificate.
            Err(error) if error.code() == Code::VALIDATION_FAILED => {
                warn!(error = ?error, course = %certificate.course_id, "drawn without its logo");
                rendered(&CertificateTemplate { logo: None, ..template })?
            }
            rendered => rendered?,
        };
        let rendering = Rendering {
            count: certificate.renderings,
            object: format!("certificates/{school}/{id}/{}.pdf", certificate.renderings),
            credential,
        };
        app.service::<Objects>().await?.put(&rendering.object, "application/pdf", pdf).await?;

        let rendered = CertificateRendered {
            certificate_id: id,
            certificate_no: certificate.number,
            user_id: certificate.user_id,
            course_title: certificate.course_title.clone(),
            // Renderings that were asked for at once are made in one.
            rendering: made + 1,
        };
        certificate.rendering = Some(rendering);
        let now = app.now();
        let mut change = app.store.transaction(school);
        Self::once(&mut change, event, now)
            .replace(&key, &certificate, rev)
            .event(&Origin::caused_by(event, now), &rendered);
        change.commit().await
    }
}
