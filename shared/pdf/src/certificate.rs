//! The certificate: one page, A4 on its side, to be looked at, printed, read aloud, searched and verified.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Serialize;
use typst::foundations::Bytes;
use typst::syntax::Source;

use crate::text::Line;
use crate::{Color, Error, logo, ornament, world};

/// What a certificate says. All texts can be anything: what cannot be printed is left out, what is too long is cut.
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    pub school_name: &'a str,
    /// PNG, JPEG or SVG.
    pub logo: Option<&'a [u8]>,
    /// For the border, lines and headings; darkened where it could not be seen.
    pub accent: Color,
    pub wording: Wording<'a>,
    /// Up to 500 characters are printed, smaller and in more lines the more there are; so with the title.
    pub learner_name: &'a str,
    pub course_title: &'a str,
    pub instructor_name: &'a str,
    /// Who signs; without one the instructor does.
    pub signatory: Option<Signatory<'a>>,
    /// As it is to be read: "12 hours".
    pub duration: Option<&'a str>,
    pub grade: Option<&'a str>,
    pub completed_on: Date,
    pub number: &'a str,
    /// Linked, in the QR code, and printed without its query.
    pub verify_url: &'a str,
    /// What is typed at that address, where the QR code is not scanned.
    pub code: Option<&'a str>,
    /// A compact JWS that travels in the file, where [`credential`] finds it; a preview has none.
    pub credential: Option<&'a str>,
}

/// Who signs a certificate, and as what.
#[derive(Clone, Copy, Debug)]
pub struct Signatory<'a> {
    pub name: &'a str,
    pub title: &'a str,
}

/// The fixed words of a certificate, which a course can choose.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    pub heading: &'a str,
    /// Above the name.
    pub lead: &'a str,
    /// Between the name and the title.
    pub statement: &'a str,
    pub grade: &'a str,
    pub instructor: &'a str,
    pub number: &'a str,
    pub completed_on: &'a str,
    pub code: &'a str,
    pub verify: &'a str,
}

impl Wording<'static> {
    pub const ENGLISH: Self = Self {
        heading: "Certificate of Completion",
        lead: "This is to certify that",
        statement: "has successfully completed the course",
        grade: "Grade",
        instructor: "Instructor",
        number: "Certificate",
        completed_on: "Completed on",
        code: "Code",
        verify: "Verify at",
    };
}

/// What the template reads.
#[derive(Serialize)]
struct Values {
    families: Vec<&'static str>,
    /// Han characters look different in Japan.
    lang: &'static str,
    ink: String,
    line: String,
    title: String,
    author: String,
    date: Ymd,
    school: Line,
    logo: Option<&'static str>,
    logo_alt: String,
    heading: Line,
    lead: Option<Line>,
    name: Line,
    statement: Option<Line>,
    course: Line,
    details: Vec<Line>,
    signature: Line,
    role: Option<Line>,
    facts: Vec<(Line, Line)>,
    verify: Line,
    address: Line,
    verify_url: String,
    credential: Option<String>,
}

#[derive(Serialize)]
struct Ymd {
    year: i16,
    month: i8,
    day: i8,
}

static TEMPLATE: LazyLock<Source> = LazyLock::new(|| {
    Source::new(world::file_id("/certificate.typ"), include_str!("certificate.typ").to_owned())
});

/// Makes the PDF: PDF/A-2a and PDF/UA-1, with the credential where [`credential`] finds it.
///
/// # Errors
/// The logo is not a picture, the address is not valid, or the credential is not a compact JWS. Texts never fail.
pub fn certificate(certificate: &Certificate<'_>) -> Result<Vec<u8>, Error> {
    let values = values(certificate)?;
    let qr = ornament::qr(&values.verify_url)?;
    let json = serde_json::to_vec(&values).map_err(|it| Error::Typeset(it.to_string()))?;
    let files = [
        ("/values.json", Bytes::new(json)),
        ("/border.svg", Bytes::from_string(ornament::border(certificate.accent))),
        ("/seal.svg", Bytes::from_string(ornament::seal(certificate.accent))),
        ("/qr.svg", Bytes::from_string(qr)),
        ("/logo", Bytes::new(certificate.logo.unwrap_or_default().to_vec())),
    ];
    world::render(&TEMPLATE, files).map_err(|error| match error {
        // Clean texts are always typeset, so it is the logo: a picture cut short, or with colours for print.
        Error::Typeset(reason) if certificate.logo.is_some() => Error::Logo(reason),
        error => error,
    })
}

fn values(it: &Certificate<'_>) -> Result<Values, Error> {
    if !is_address(it.verify_url) {
        return Err(Error::VerifyUrl(it.verify_url.chars().take(80).collect()));
    }
    if !it.credential.is_none_or(is_jws) {
        return Err(Error::Credential);
    }
    let labelled = |label: &str, value: &str| format!("{label} {value}");
    let heading = Line::or_dash(it.wording.heading, 120);
    let name = Line::or_dash(it.learner_name, 500);
    let course = Line::or_dash(it.course_title, 500);
    let school = Line::new(it.school_name, 120);
    let number = Line::or_dash(it.number, 60);
    let instructor = Line::some(Some(it.instructor_name), 120);
    let signed_by = it.signatory.map_or(it.instructor_name, |it| it.name);
    let role = it.signatory.map_or(it.wording.instructor, |it| it.title);
    // The instructor who signs need not be named twice.
    let named = instructor.filter(|_| it.signatory.is_some());
    let details = [
        Line::some(it.duration, 40),
        Line::some(it.grade.map(|grade| labelled(it.wording.grade, grade)).as_deref(), 60),
        Line::some(named.map(|name| labelled(it.wording.instructor, name.text())).as_deref(), 160),
    ];
    let code = Line::some(it.code, 40).map(|code| (it.wording.code, code));
    let address = it.verify_url.split_once("://").map_or("", |(_, address)| address);
    let address = address.split_once('?').map_or(address, |(address, _)| address);
    let date = Line::new(&it.completed_on.strftime("%-d %B %Y").to_string(), 40);
    Ok(Values {
        families: world::families(),
        lang: language([it.learner_name, it.course_title, it.school_name, it.wording.heading]),
        ink: it.accent.on_white(4.5).to_string(),
        line: it.accent.on_white(3.0).to_string(),
        title: format!("{} – {} – {}", heading.text(), name.text(), course.text()),
        author: school.text().to_owned(),
        date: Ymd {
            year: it.completed_on.year(),
            month: it.completed_on.month(),
            day: it.completed_on.day(),
        },
        logo: it.logo.map(logo::checked).transpose()?,
        logo_alt: school.text().to_owned(),
        lead: Line::some(Some(it.wording.lead), 200),
        statement: Line::some(Some(it.wording.statement), 200),
        details: details.into_iter().flatten().collect(),
        signature: Line::or_dash(signed_by, 120),
        role: Line::some(Some(role), 120),
        facts: [Some((it.wording.number, number)), Some((it.wording.completed_on, date)), code]
            .into_iter()
            .flatten()
            .map(|(label, value)| (Line::new(label, 60), value))
            .collect(),
        verify: Line::new(it.wording.verify, 60),
        // As people type it; with its scheme the typesetter would break it anywhere.
        address: Line::new(address, 200),
        verify_url: it.verify_url.to_owned(),
        credential: it.credential.map(str::to_owned),
        heading,
        name,
        course,
        school,
    })
}

/// What fits a QR code that can be read from paper, and cannot be a script.
fn is_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.len() <= 200
        && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}

/// PDF/A has no string of more than 32767 bytes; a credential has a twentieth of that.
fn is_jws(text: &str) -> bool {
    text.split('.').count() == 3
        && text.len() <= 16_384
        && text.split('.').all(|part| !part.is_empty())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Where kana are near, Han characters are drawn as in Japan, and as in China otherwise.
fn language<const N: usize>(texts: [&str; N]) -> &'static str {
    let kana = '\u{3041}'..='\u{30FF}';
    if texts.iter().any(|text| text.chars().any(|c| kana.contains(&c))) { "ja" } else { "en" }
}

/// The credential in a certificate's PDF: the keywords of its metadata, which are never compressed.
pub fn credential(pdf: &[u8]) -> Option<&str> {
    let (start, end) = (b"<pdf:Keywords>".as_slice(), b"</pdf:Keywords>".as_slice());
    // The metadata stands at the end: a logo before it could contain anything.
    let from = pdf.windows(start.len()).rposition(|window| window == start)? + start.len();
    let length = pdf.get(from..)?.windows(end.len()).position(|window| window == end)?;
    std::str::from_utf8(pdf.get(from..from + length)?).ok()
}
