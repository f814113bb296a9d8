//! PUT /v1/courses/{course_id}/certificate-template

use access::CourseAuthor;
use domain::certificates::{CertificateTemplate, Color, Heading, Signatory, Statement};
use kernel::{Result, Violations};
use runtime::{App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Proposed, Revised, Route, Table, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Consistency, keys};

use crate::TemplateView;

/// Sets the template of a course's certificates. It counts for those rendered from now on; owners of others have theirs
/// rendered again when they wish.
pub struct SetTemplate;

/// A whole template.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "heading": "Certificate of Completion", "statement": "has successfully completed the course",
    "accent": "#1f4e5f", "signatory_name": "Ada Lovelace", "signatory_title": "Head of School",
}))]
#[schemars(rename = "CertificateTemplateInput")]
pub struct TemplateInput {
    pub heading: Heading,
    /// Stands between the learner's name and the course's title.
    pub statement: Statement,
    #[schemars(with = "Color")]
    pub accent: String,
    /// Who signs; the instructor unless set.
    pub signatory_name: Option<Signatory>,
    pub signatory_title: Option<Signatory>,
    /// A PNG, JPEG or SVG of at most 48 KB, as base64.
    #[schemars(length(min = 1, max = 65536))]
    pub logo: Option<String>,
}

impl TemplateInput {
    /// The template, if it is sound and there are no violations already.
    pub(crate) fn check(self, mut violations: Violations) -> Result<CertificateTemplate> {
        let Self { heading, statement, accent, signatory_name, signatory_title, logo } = self;
        let accent = Color::parse(&accent, "/accent", &mut violations).unwrap_or_default();
        let template =
            CertificateTemplate { heading, statement, accent, signatory_name, signatory_title, logo };
        template.check(&mut violations);
        violations.finish()?;
        Ok(template)
    }
}

impl Endpoint for SetTemplate {
    const NAME: &'static str = "certificates-set-template";
    const ROUTE: Route = put("/v1/courses/{course_id}/certificate-template");
    const SUMMARY: &'static str = "Set how the course's certificates look";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    type Access = CourseAuthor;
    type Input = (IfMatch, Proposed<TemplateInput>);
    type Output = Revised<Json<TemplateView>>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        (if_match, Proposed(input, violations)): Self::Input,
    ) -> Result<Self::Output> {
        let template = input.check(violations)?;
        let key = keys::certificate_template(&caller.school, caller.access.course.value.id);
        let rev = app.store.get(&key, Consistency::Strong).await?.map(|stored| stored.rev);
        if_match.check(rev.unwrap_or(0))?;
        let mut change = app.store.transaction(&caller.school);
        match rev {
            None => change.create(&key, &template, IfMatch::stale),
            Some(rev) => change.replace_or(&key, &template, rev, IfMatch::stale),
        };
        caller.commit(app, change, Revised(rev.unwrap_or(0) + 1, Json(TemplateView::from(template)))).await
    }
}
