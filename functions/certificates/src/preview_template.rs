//! POST /v1/courses/{course_id}/certificate-template/preview

use access::CourseAuthor;
use domain::certificates::{Certificate, CertificateNo};
use kernel::Result;
use runtime::{
    App, Budget, Caller, Components, Endpoint, Needs, Output, Proposed, Reply, Route, Table, post,
};
use serde_json::{Value, json};
use store::RateLimit;

use crate::{
    draw::{self, Letterhead},
    set_template::TemplateInput,
};

/// Rendering costs CPU; nobody looks at more.
const PER_AUTHOR: RateLimit = RateLimit { name: "preview", burst: 30, per_seconds: 60 };

/// Renders a certificate of the course with a template that is not stored, made out to its author. It has no number that
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
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        services: &Letterhead::SERVICES,
        memory: draw::FUNCTION_MEMORY,
        ..Needs::NOTHING
    };
    type Access = CourseAuthor;
    type Input = Proposed<TemplateInput>;
    type Output = Pdf;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        Proposed(input, violations): Self::Input,
    ) -> Result<Pdf> {
        let template = input.check(violations)?;
        let author = &caller.access.user.account.value;
        caller.take_token(app, PER_AUTHOR, &author.id.to_string()).await?;
        let course = &caller.access.course.value;
        let now = app.now();
        let certificate = Certificate {
            id: app.id(),
            number: CertificateNo { sequence: 0, ..CertificateNo::next(now, 0) },
            user_id: author.id,
            course_id: course.id,
            learner_name: author.display_name(),
            course_title: course.title.to_string(),
            instructor_name: author.display_name(),
            duration_minutes: caller.access.card.value.duration_minutes,
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
