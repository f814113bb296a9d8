//! course.completed → a certificate with the next number

use domain::{
    certificates::{Certificate, CertificateIssued, CertificateNo},
    event::Event,
    learning::CourseCompleted,
};
use kernel::{Code, Error, Result};
use runtime::{App, Consumer, Needs, Table};
use store::{
    Consistency, Origin, Sequence,
    keys::{self, CertificatePointer},
};

use crate::draw;

/// Issues the certificate of an enrolment, once however often the event comes: the certificate bears the enrolment's
/// id. The number is taken in the same transaction, so numbers are gapless; writers of one school take turns.
pub struct IssueCertificate;

impl Consumer for IssueCertificate {
    const NAME: &'static str = "certificates-issue-certificate";
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        concurrency: 2, // those of one school take turns at its numbers
        ..Needs::NOTHING
    };
    type Data = CourseCompleted;

    async fn consume(app: &App, event: &Event, data: CourseCompleted) -> Result<()> {
        let author = app.store.get(&keys::user(&event.school, data.author_id), Consistency::Eventual).await?;
        let instructor = author.map(|author| author.value.display_name()).unwrap_or_default();
        let school = &event.school;
        let now = app.now();
        let sequence_key = keys::certificate_sequence(school, CertificateNo::year_of(now));
        let sequence = app.store.get(&sequence_key, Consistency::Strong).await?;
        let number = CertificateNo::next(now, sequence.as_ref().map_or(0, |sequence| sequence.value.last));
        let certificate = Certificate::issue(&data, instructor, number, draw::new_code_key()?, now);
        let issued = CertificateIssued {
            certificate_id: certificate.id,
            certificate_no: number,
            user_id: data.user_id,
            course_id: data.course_id,
            course_title: data.course_title.clone(),
            learner_name: data.learner_name.clone(),
        };
        let mut change = app.store.transaction(school);
        Self::once(&mut change, event, now)
            .create(&keys::certificate(school, certificate.id), &certificate, || {
                Error::new(Code::ALREADY_APPLIED, "this enrolment has its certificate")
            })
            .upsert(&sequence_key, &Sequence { last: number.sequence }, sequence.map(|sequence| sequence.rev))
            .create(
                &keys::certificate_no(school, number),
                &CertificatePointer { target: certificate.id },
                || Error::internal("a certificate number was taken without its sequence"),
            )
            .event(&Origin::caused_by(event, now), &issued);
        change.commit().await
    }
}
