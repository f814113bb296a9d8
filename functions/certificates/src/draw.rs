//! From a certificate and its template to the PDF.

use domain::certificates::{Certificate, CertificateTemplate, CodeKey, rules};
use kernel::{Error, Result, School, Violations};
use pdf::{Signatory, Wording};
use runtime::{App, PublicUrl, SchoolName, ServiceEntry};

/// What a function that renders is given, in MB: that takes CPU, which comes with memory.
pub(crate) const FUNCTION_MEMORY: u32 = 512;

/// What the codes of one more certificate come from.
pub(crate) fn new_code_key() -> Result<CodeKey> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(Error::internal)?;
    Ok(CodeKey::new(random))
}

/// What every certificate of a school says.
pub(crate) struct Letterhead {
    school_name: &'static str,
    /// Where people reach the school.
    pub(crate) site: String,
}

impl Letterhead {
    pub(crate) const SERVICES: [ServiceEntry; 2] =
        [ServiceEntry::of::<PublicUrl>(), ServiceEntry::of::<SchoolName>()];

    pub(crate) async fn of(app: &App, school: &School) -> Result<Self> {
        let SchoolName(school_name) = app.service().await?;
        Ok(Self { school_name, site: app.service::<PublicUrl>().await?.of(school) })
    }
}

/// The PDF of the rendering that is wanted: the same bytes for the same values. `credential` travels in it; a preview has none.
///
/// # Errors
/// A violation at `/logo` where that cannot be drawn: a template is set without drawing it.
pub(crate) fn pdf(
    letterhead: &Letterhead,
    certificate: &Certificate,
    template: &CertificateTemplate,
    credential: Option<&str>,
) -> Result<Vec<u8>> {
    let logo = template.logo_bytes();
    let verify_url = certificate.verify_url(&letterhead.site, certificate.renderings);
    let code = certificate.code(certificate.renderings);
    let duration = duration(certificate.duration_minutes);
    let rendered = pdf::Certificate {
        school_name: letterhead.school_name,
        logo: logo.as_deref(),
        accent: [template.accent.red, template.accent.green, template.accent.blue].into(),
        wording: Wording { heading: &template.heading, statement: &template.statement, ..Wording::ENGLISH },
        learner_name: &certificate.learner_name,
        course_title: &certificate.course_title,
        instructor_name: &certificate.instructor_name,
        signatory: template
            .signatory_name
            .as_deref()
            .map(|name| Signatory { name, title: template.signatory_title.as_deref().unwrap_or_default() }),
        duration: duration.as_deref(),
        grade: None,
        completed_on: certificate.completed_at.day(),
        number: &certificate.number.to_string(),
        verify_url: &verify_url,
        code: code.as_deref(),
        credential,
    };
    pdf::certificate(&rendered).map_err(|error| match error {
        pdf::Error::Logo(reason) => {
            Violations::one("/logo", rules::NOT_DRAWABLE, format!("cannot be drawn: {reason}"))
        }
        other => Error::internal(other),
    })
}

/// As it is read: `45 minutes`, `2 hours`, `2.5 hours`; nothing for a course that names no times.
pub(crate) fn duration(minutes: u32) -> Option<String> {
    match minutes {
        0 => None,
        1 => Some("1 minute".to_owned()),
        2..60 => Some(format!("{minutes} minutes")),
        60..75 => Some("1 hour".to_owned()),
        _ => {
            let halves = (minutes + 15) / 30;
            Some(format!("{}{} hours", halves / 2, if halves % 2 == 1 { ".5" } else { "" }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_rounded_to_half_hours() {
        let read = [0, 1, 45, 60, 74, 75, 90, 104, 105, 150, 600]
            .map(|minutes| duration(minutes).unwrap_or_default());
        assert_eq!(
            read,
            [
                "",
                "1 minute",
                "45 minutes",
                "1 hour",
                "1 hour",
                "1.5 hours",
                "1.5 hours",
                "1.5 hours",
                "2 hours",
                "2.5 hours",
                "10 hours"
            ]
        );
    }
}
