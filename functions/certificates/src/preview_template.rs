//! POST /v1/courses/{course_id}/certificate-template/preview

use domain::certificates::{Certificate, CertificateNo};
use kernel::Result;
use runtime::{
    App, Budget, Caller, Components, Endpoint, Json, Needs, Output, Reply, Route, Table,
    access::CourseAuthor, post,
};
use serde_json::{Value, json};
use store::{Consistency, RateLimit, keys};

use crate::{
    draw::{self, Letterhead},
    set_template::TemplateInput,
};

/// Drawing costs CPU; nobody looks at more.
const PER_AUTHOR: RateLimit = RateLimit { name: "preview", burst: 30, per_seconds: 60 };

/// Draws a certificate of the course with a template that is not stored, made out to its author. It has no number that
/// anybody could verify.
pub struct PreviewTemplate;

/// A PDF.
pub struct Pdf(Vec<u8>);

impl Output for Pdf {
    const STATUS: u16 = 200;

    fn content(_: &mut Components) -> Value {
        json!({ "application/pdf": {} })
    }

    fn reply(&self) -> Result<Reply> {
        Ok(Reply { status: 200, content_type: "application/pdf", headers: Vec::new(), body: self.0.clone() })
    }
}

impl Endpoint for PreviewTemplate {
    const NAME: &'static str = "certificates-preview-template";
    const ROUTE: Route = post("/v1/courses/{course_id}/certificate-template/preview");
    const SUMMARY: &'static str = "See a template as a PDF before it is set";
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls, the course, the limit, then what is printed.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        services: &Letterhead::SERVICES,
        memory: draw::FUNCTION_MEMORY,
        ..Needs::NOTHING
    };
    type Access = CourseAuthor;
    type Input = Json<TemplateInput>;
    type Output = Pdf;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, Json(input): Self::Input) -> Result<Pdf> {
        let template = input.check()?;
        let author = &caller.access.user.account.value;
        caller.take_token(app, PER_AUTHOR, &author.id.to_string()).await?;
        let course = &caller.access.course.value;
        let card =
            app.store.get(&keys::course_card(&caller.school, course.id), Consistency::Eventual).await?;
        let now = app.now();
        let certificate = Certificate {
            id: app.id(),
            number: CertificateNo { sequence: 0, ..CertificateNo::next(now, 0) },
            user_id: author.id,
            course_id: course.id,
            learner_name: author.display_name(),
            course_title: course.title.to_string(),
            instructor_name: author.display_name(),
            duration_minutes: card.map_or(0, |card| card.value.duration_minutes),
            completed_at: now,
            issued_at: now,
            renderings: 1,
            rendering: None,
            revocation: None,
            corrections: Vec::new(),
            code_key: None,
        };
        let letterhead = Letterhead::of(app, &caller.school).await?;
        draw::pdf(&letterhead, &certificate, &template, None).map(Pdf)
    }
}
