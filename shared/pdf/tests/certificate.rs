//! Certificates as a reader, a printer and a scanner meet them: through poppler's tools and zbar, from the outside.
#![expect(clippy::unwrap_used, reason = "what fails here is a test")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pdf::{Certificate, Error, Signatory, Wording};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const JWS: &str =
    "eyJhbGciOiJFZERTQSIsInR5cCI6InZjK2p3dCJ9.eyJzdWIiOiJodHRwczovL2xlYXJuLmV4YW1wbGUuc2Nob29sIn0.AbC-_9";
const URL: &str = "https://learn.example.school/verify/CERT-2026-000123?code=7Q2M-0K9R-XW4T-H8VE";
const CODE: &str = "7Q2M-0K9R-XW4T-H8VE";

fn sample() -> Certificate<'static> {
    Certificate {
        school_name: "Lectern School of Seamanship",
        logo: None,
        accent: [31, 78, 121].into(),
        wording: Wording::ENGLISH,
        learner_name: "Amélie Brontë",
        course_title: "Knots That Hold",
        instructor_name: "Grace Hopper",
        signatory: Some(Signatory { name: "Ada Lovelace", title: "Head of School" }),
        duration: Some("12 hours"),
        grade: Some("94 %"),
        completed_on: jiff::civil::date(2026, 11, 20),
        number: "CERT-2026-000123",
        verify_url: URL,
        code: Some(CODE),
        credential: Some(JWS),
    }
}

fn for_name(name: &str) -> Vec<u8> {
    pdf::certificate(&Certificate { learner_name: name, ..sample() }).unwrap()
}

/// One name in each script that is promised. What a PDF viewer finds in the first is what was written.
const SEARCHABLE: [&str; 16] = [
    "Amélie Brontë",
    "Nguyễn Thị Ánh",
    "Анна Ахматова",
    "Ελένη Παπαδοπούλου",
    "محمد بن سلمان",
    "علی\u{200C}رضا فغانی",
    "שרה לוי־כהן",
    "अनुष्का श्रीवास्तव",
    "สมชาย ใจดี",
    "王小明",
    "山田 さくら",
    "김민준",
    "శ్రీనివాస రావు",
    "ნინო ბერიძე",
    "Արամ Խաչատրյան",
    "አበበ ቢቂላ",
];

/// Drawn right, but poppler takes their parts apart: marks drawn as two glyphs come twice, or look like a new word.
const DRAWN: [&str; 5] = ["রবীন্দ্রনাথ ঠাকুর", "சுப்பிரமணியன்", "អង្គរវត្ត សុខ", "အောင်ဆန်း", "Ана 王 محمد שרה अनु"];

fn all_names() -> Vec<&'static str> {
    [SEARCHABLE.as_slice(), DRAWN.as_slice()].concat()
}

/// Whether `FULL=1` asks for everything in its full size.
#[expect(clippy::disallowed_methods, reason = "a switch for the tests alone")]
fn is_full() -> bool {
    std::env::var("FULL").is_ok_and(|full| full == "1")
}

/// How many names are drawn.
fn count() -> usize {
    if is_full() { 1000 } else { 50 }
}

/// Names that depend on nothing but their number: every script, 1 to 500 characters, and what people paste.
fn many_names() -> impl DoubleEndedIterator<Item = String> {
    let names = all_names();
    let pasted = ["", " 🎉", "\u{202E}", "\u{200B}\u{200D}", "e\u{301}\u{301}", " (né 李)", "\0\t", "𝓐𝓷𝓷𝓪"];
    let step = 1000 / count();
    (0..1000_usize).step_by(step).map(move |index| {
        let length = if index % (10 * step) == 0 { 1 + index / 2 } else { 1 + index % 40 };
        let base = names[index % names.len()].chars().chain([' ']).cycle().skip(index % 3);
        base.take(length).collect::<String>() + pasted[index % pasted.len()] + &index.to_string()
    })
}

fn digests(names: impl Iterator<Item = String>) -> Vec<String> {
    names
        .map(|name| Sha256::digest(for_name(&name)).iter().map(|byte| format!("{byte:02x}")).collect())
        .collect()
}

/// The second run is another process, which goes through the names from the last to the first: what the typesetter
/// remembers of other documents must not show.
#[test]
fn r14_many_names_twice_are_equal_bytes() {
    if std::env::var_os("PDF_DIGESTS").is_some() {
        println!("\n{}", digests(many_names().rev()).join("\n"));
        return;
    }
    let other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "r14_many_names_twice_are_equal_bytes", "--nocapture"])
        .env("PDF_DIGESTS", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let here = digests(many_names());
    let there = String::from_utf8(other.wait_with_output().unwrap().stdout).unwrap();
    let mut there: Vec<_> = there.lines().filter(|line| line.len() == 64).collect();
    there.reverse();
    assert_eq!(here.len(), count());
    assert_eq!(here, there);
}

/// Runs a tool of a Debian package over a file. Tests that do are ignored unless asked for, so one that runs has it.
fn tool<S: AsRef<OsStr>>(package: &str, name: &str, arguments: impl IntoIterator<Item = S>) -> String {
    let output = Command::new(name).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{name}: {error}; apt-get install {package}"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A PDF in a file that is gone after the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, pdf: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.pdf", std::process::id()));
        std::fs::write(&path, pdf).unwrap();
        Self(path)
    }

    fn text(&self) -> String {
        let text = tool("poppler-utils", "pdftotext", [self.0.as_os_str(), OsStr::new("-")]);
        // Without the marks of direction that pdftotext adds, and the joiners that it puts one letter further.
        text.replace(['\u{202A}', '\u{202B}', '\u{202C}', '\u{200C}', '\u{200E}', '\u{200F}'], "")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

#[test]
#[ignore = "needs poppler-utils; ./scripts/test runs it"]
fn r14_text_can_be_searched_in_every_script() {
    for (index, name) in SEARCHABLE.into_iter().enumerate() {
        let text = File::new(&format!("text{index}"), &for_name(name)).text();
        assert!(text.contains("CERT-2026-000123"), "{text}");
        assert!(text.contains("Knots That Hold"), "{text}");
        assert!(text.contains("Certificate of Completion"), "{text}");
        assert!(text.contains(&name.replace('\u{200C}', "")), "{name} in {text}");
    }
}

#[test]
#[ignore = "needs poppler-utils; ./scripts/test runs it"]
fn r14_the_code_is_printed_beside_the_address_that_asks_for_it() {
    let printed = |code| {
        let pdf = pdf::certificate(&Certificate { code, ..sample() }).unwrap();
        File::new(&format!("code{}", code.is_some()), &pdf).text()
    };
    let with = printed(Some(CODE));
    assert!(with.contains("Code 7Q2M-0K9R-XW4T-H8VE"), "{with}");
    assert!(
        with.contains("learn.example.school/verify/CERT-2026-000123") && !with.contains("?code="),
        "{with}"
    );
    // As it is for a preview and for those from before there were codes.
    let without = printed(None);
    assert!(!without.contains("Code") && without.contains("learn.example.school/verify"), "{without}");
}

#[test]
#[ignore = "needs poppler-utils and zbar-tools; ./scripts/test runs it"]
fn r14_the_qr_code_leads_to_the_verify_page() {
    let file = File::new("qr", &for_name("Amélie Brontë"));
    let png = file.0.with_extension("");
    let options = ["-r", "150", "-png", "-singlefile"].map(OsStr::new);
    tool("poppler-utils", "pdftoppm", options.into_iter().chain([file.0.as_os_str(), png.as_os_str()]));
    let png = png.with_extension("png");
    let read = tool("zbar-tools", "zbarimg", [OsStr::new("-q"), OsStr::new("--raw"), png.as_os_str()]);
    std::fs::remove_file(png).unwrap();
    assert_eq!(read.trim_end(), URL);
}

#[test]
#[ignore = "needs poppler-utils; ./scripts/test runs it"]
fn r14_all_fonts_are_embedded_and_subset() {
    let file = File::new("fonts", &for_name("Ana 王 محمد שרה अनु สม 김 さ Ж Ω"));
    let fonts = tool("poppler-utils", "pdffonts", [&file.0]);
    let fonts: Vec<_> = fonts.lines().skip(2).collect();
    assert!(fonts.len() >= 6, "{fonts:?}");
    for font in fonts {
        // The columns emb, sub and uni.
        assert!(font.contains(" yes yes yes "), "{font}");
    }
}

/// What can be seen from outside of PDF/A-2a and PDF/UA-1; the export checks more (glyphs, colours, tags) and refuses.
#[test]
fn r14_a_certificate_says_that_it_is_archivable_and_accessible() {
    let pdf = for_name("Amélie Brontë");
    let text = String::from_utf8_lossy(&pdf);
    for part in
        ["<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<", "/OutputIntents", "/MarkInfo"]
    {
        assert!(text.contains(part), "{part}");
    }
    for never in ["/JavaScript", "/Encrypt", "/EmbeddedFile", "/Launch", "/AA", "/OpenAction"] {
        assert!(!text.contains(never), "{never}");
    }
    assert!(pdf.len() < 150_000, "{} bytes", pdf.len());
}

#[test]
fn r14_the_credential_is_found_without_unpacking_anything() {
    let pdf = for_name("<pdf:Keywords>forged</pdf:Keywords>");
    assert_eq!(pdf::credential(&pdf), Some(JWS));
    let preview = pdf::certificate(&Certificate { credential: None, ..sample() }).unwrap();
    assert_eq!(pdf::credential(&preview), None);
}

#[test]
#[ignore = "needs poppler-utils; ./scripts/test runs it"]
fn r14_a_name_is_data_and_stays_in_its_line() {
    for (index, (name, printed)) in [
        ("#panic(\"x\")", "#panic(\"x\")"),
        ("*b* _i_ `c` $x$ @r <l> = h \\ // #v", "*b* _i_ `c` $x$ @r <l> = h \\ // #v"),
        ("Anna\u{202E}gnp.exe", "Annagnp.exe"),
        ("\u{2067}Anna\u{2066}", "Anna"),
        ("Anna 🎉🏳️‍🌈", "Anna"),
        ("An\u{200B}na\u{AD}\u{FEFF}", "Anna"),
        ("\u{301}\u{301}Anna", "Anna"),
        ("Anna\u{0}\n\r\tBell", "Anna Bell"),
        ("ᏣᎳᎩ", "□□□"),
        ("𝓐𝓷𝓷𝓪", "Anna"),
        ("🎉", "—"),
        ("", "—"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = File::new(&format!("hostile{index}"), &for_name(name)).text();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert!(lines.contains(&printed), "{name:?} in {lines:?}");
        assert!(lines.contains(&"has successfully completed the course"), "{name:?} in {lines:?}");
    }
}

/// The box of each line of text, in points from the top: `pdftotext -bbox-layout` says where a font's line is.
fn line_boxes(file: &File) -> Vec<[f64; 4]> {
    let arguments = [OsStr::new("-bbox-layout"), file.0.as_os_str(), OsStr::new("-")];
    let html = tool("poppler-utils", "pdftotext", arguments);
    let number = |line: &str, name: &str| -> f64 {
        let rest = line.split_once(&format!("{name}=\"")).unwrap().1;
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let lines = html.lines().filter(|line| line.contains("<line "));
    lines.map(|line| ["xMin", "yMin", "xMax", "yMax"].map(|name| number(line, name))).collect()
}

#[test]
#[ignore = "needs poppler-utils; ./scripts/test runs it"]
fn r14_five_hundred_characters_of_any_script_stay_in_their_place() {
    let mm = 72.0 / 25.4;
    for (index, name) in all_names().into_iter().chain(["W", "ஔ", "́a", "aaaaaaaaaaaaaaaaaa", "م"]).enumerate()
    {
        // Both, or one that is the other for its neighbour.
        let glues = [" ", ""];
        for glue in if is_full() { &glues[..] } else { &glues[index % 2..=index % 2] } {
            let long: String = format!("{name}{glue}").chars().cycle().take(500).collect();
            let pdf = pdf::certificate(&Certificate { learner_name: &long, course_title: &long, ..sample() })
                .unwrap();
            let boxes = line_boxes(&File::new(&format!("long{index}"), &pdf));
            // A page on which the reader finds no line would pass what follows.
            for (what, from, to) in [("name", 80.5, 105.7), ("title", 115.0, 135.0)] {
                let found = boxes.iter().any(|[_, top, _, bottom]| {
                    let middle = (top + bottom) / 2.0 / mm;
                    middle > from && middle < to
                });
                assert!(found, "{name}: its {what} is not where it belongs: {boxes:?}");
            }
            for [left, top, right, bottom] in boxes {
                assert!(left >= 18.0 * mm && right <= 279.0 * mm, "{name}: {left} to {right}");
                // Nothing stands between name and statement, statement and title, title and details.
                for gap in [105.7, 114.2, 135.0] {
                    let crosses = top + 4.0 < gap * mm && bottom - 4.0 > gap * mm;
                    assert!(!crosses, "{name}: {top} to {bottom}");
                }
            }
        }
    }
}

#[test]
#[ignore = "needs poppler-utils; ./scripts/test runs it"]
fn r14_words_too_long_for_their_line_stay_in_their_place() {
    let mm = 72.0 / 25.4;
    let words = ["W", "VENKATASUBRAMANIAMMUTHUKUMARASWAMY", "ΠΑΠΑΧΑΤΖΗΚΩΝΣΤΑΝΤΙΝΟΥ", "welcher", "Ж"];
    for (index, word) in words.into_iter().enumerate() {
        for letters in [25, 38, 41, 60] {
            let long: String = word.chars().cycle().take(letters).collect();
            let two = format!("{long} {long}");
            let pdf = pdf::certificate(&Certificate {
                learner_name: &two,
                course_title: &two,
                wording: Wording { heading: &long, statement: &long, ..Wording::ENGLISH },
                signatory: Some(Signatory { name: &long, title: &two }),
                ..sample()
            })
            .unwrap();
            let mut signed = 0;
            for [left, top, right, _] in line_boxes(&File::new(&format!("words{index}-{letters}"), &pdf)) {
                assert!(left >= 18.0 * mm && right <= 279.0 * mm, "{long}: {left} to {right}");
                if top > 155.0 * mm && left < 100.0 * mm {
                    signed += 1;
                    assert!(left >= 31.5 * mm && right <= 108.5 * mm, "{long}: {left} to {right}");
                }
            }
            assert!(signed >= 2, "{long}: {signed} lines under and over that of the signature");
        }
    }
}

const PNG: &[u8] = include_bytes!("logo.png");
const JPEG: &[u8] = include_bytes!("logo.jpg");

fn with_logo(logo: &[u8]) -> Result<Vec<u8>, Error> {
    pdf::certificate(&Certificate { logo: Some(logo), ..sample() })
}

#[test]
fn a_logo_is_drawn() {
    let without = for_name("Amélie Brontë").len();
    // As drawing programs write it.
    let drawn = br##"<?xml version="1.0"?>
        <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
        <svg xmlns="http://www.w3.org/2000/svg" xmlns:its="http://example.com/its" viewBox="0 0 9 9">
            <metadata><its:grid size="9"/></metadata>
            <style>.a { fill: #1f4e79 }</style>
            <defs><linearGradient id="b"><stop offset="1" stop-color="#fff"/></linearGradient></defs>
            <path class="a" d="M0 0h9v9z"/><rect width="3" height="3" fill="url(#b)" style="opacity: .5"/>
        </svg>"##;
    for logo in [PNG, JPEG, include_bytes!("../examples/logo.svg"), drawn] {
        assert_ne!(with_logo(logo).unwrap().len(), without);
    }
}

#[test]
fn a_bad_logo_is_named_as_such() {
    let svg =
        |inner: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inner}</svg>"#);
    let doubled = |n: u32| format!(r##"<g id="a{}"><use href="#a{n}"/><use href="#a{n}"/></g>"##, n + 1);
    let bomb: String = (0..30).map(doubled).collect();
    // Small enough to be drawn by who does not look at it, and to be missed by who counts the last of two ids.
    let squib: String = (0..15).map(doubled).collect();
    let decoys: String = (0..=15).map(|n| format!(r#"<g id="a{n}"/>"#)).collect();
    let zigzag = "h1v1".repeat(7_000);
    let zigzags = r##"<use href="#z"/>"##.repeat(1_000);
    let entities =
        r#"<!DOCTYPE svg [<!ENTITY a "<g/><g/>"><!ENTITY x SYSTEM "file:///etc/passwd">]>"#.to_owned();
    let mut huge = PNG.to_vec();
    huge[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let logos = [
        vec![],
        b"GIF89a".to_vec(),
        b"%PDF-1.7".to_vec(),
        PNG[..PNG.len() / 2].to_vec(),
        JPEG[..20].to_vec(),
        huge,
        vec![0xff; 3 << 20],
        b"<svg".to_vec(),
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>".to_vec(),
        svg(r#"<image href="file:///etc/passwd"/>"#).into_bytes(),
        svg(r#"<image href="https://example.com/x.png"/>"#).into_bytes(),
        svg(r#"<g><image href="data:image/png;base64,AAAA"/></g>"#).into_bytes(),
        svg(&format!(r##"<rect id="a0" width="1" height="1"/>{bomb}<use href="#a30"/>"##)).into_bytes(),
        svg(&format!(r##"<rect id="a0" width="1" height="1"/>{squib}{decoys}"##)).into_bytes(),
        svg(&format!(r##"<path id="z" d="M0 0{zigzag}"/>{zigzags}"##)).into_bytes(),
        svg(r##"<g id="a"><use href="#a"/></g>"##).into_bytes(),
        svg(&"<g>".repeat(50_000)).into_bytes(),
        svg(r#"<rect width="9000" height="9000" filter="sepia(1)"/>"#).into_bytes(),
        svg(r#"<rect width="9" height="9" style="fi&#108;ter: blur(9px)"/>"#).into_bytes(),
        svg(r#"<rect width="9" height="9" style="fil\74 er: blur(9px)"/>"#).into_bytes(),
        svg("<style>rect { filter: blur(9px) }</style><rect width='9' height='9'/>").into_bytes(),
        svg("<style>g { clip-path: url(#c) }</style><clipPath id='c'/><g/>").into_bytes(),
        svg(r##"<marker id="m"><g/></marker><path d="M0 0L9 9" marker-mid="url(#m)"/>"##).into_bytes(),
        svg(r##"<path d="M0 0L9 9" marker-mid="url(#m)"/>"##).into_bytes(),
        svg(r##"<pattern id="p"/><rect width="9" height="9" fill="url(#p)"/>"##).into_bytes(),
        svg("<foreignObject/>").into_bytes(),
        (entities + &svg("&x;")).into_bytes(),
    ];
    for (index, logo) in logos.iter().enumerate() {
        let result = with_logo(logo).map(|pdf| pdf.len());
        assert!(matches!(result, Err(Error::Logo(_))), "{index}: {result:?}");
    }
}

#[test]
fn an_address_and_a_credential_are_what_they_should_be() {
    for bad in
        ["", "javascript:alert(1)", "https://a b", "https://é", &format!("https://{}", "a".repeat(200))]
    {
        let result = pdf::certificate(&Certificate { verify_url: bad, ..sample() });
        assert!(matches!(result, Err(Error::VerifyUrl(_))), "{bad}");
    }
    for bad in ["", "a.b", "a..c", "a.b.</pdf:Keywords>", &format!("a.b.{}", "c".repeat(20_000))] {
        let result = pdf::certificate(&Certificate { credential: Some(bad), ..sample() });
        assert!(matches!(result, Err(Error::Credential)), "{bad}");
    }
}

/// Letters, marks and oddities from everywhere, more often than chance would bring them together.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::char::ranges(
        [
            ' '..='~',
            '\u{300}'..='\u{36f}',
            '\u{590}'..='\u{6ff}',
            '\u{900}'..='\u{ddf}',
            '\u{e00}'..='\u{10ff}',
            '\u{1200}'..='\u{13ff}',
            '\u{1780}'..='\u{17ff}',
            '\u{2000}'..='\u{20ff}',
            '\u{3000}'..='\u{30ff}',
            '\u{4e00}'..='\u{4eff}',
            '\u{ac00}'..='\u{acff}',
            '\u{e000}'..='\u{e0ff}',
            '\u{fb50}'..='\u{ffff}',
            '\u{1f000}'..='\u{1faff}',
            '\u{e0000}'..='\u{e01ff}',
        ]
        .as_slice()
        .into(),
    );
    prop_oneof![prop::collection::vec(odd, 0..60).prop_map(String::from_iter), any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if is_full() { 1000 } else { 40 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r14_no_text_breaks_a_certificate(texts in prop::array::uniform10(text()), color in any::<[u8; 3]>()) {
        let [school_name, learner_name, course_title, instructor_name, signer, title, grade, number, heading, statement] = &texts;
        let pdf = pdf::certificate(&Certificate {
            school_name,
            learner_name,
            course_title,
            instructor_name,
            signatory: Some(Signatory { name: signer, title }),
            grade: Some(grade),
            number,
            accent: color.into(),
            wording: Wording { heading, statement, ..Wording::ENGLISH },
            ..sample()
        }).unwrap();
        prop_assert_eq!(pdf::credential(&pdf), Some(JWS));
        let text = String::from_utf8_lossy(&pdf);
        let metadata = &text[text.rfind("<x:xmpmeta").unwrap()..text.rfind("<?xpacket end").unwrap()];
        prop_assert!(roxmltree::Document::parse(metadata).is_ok(), "{}", metadata);
    }

    #[test]
    fn no_bytes_break_a_logo(bytes in any::<Vec<u8>>(), at in 0..PNG.len(), byte in any::<u8>()) {
        _ = with_logo(&bytes);
        let mut png = PNG.to_vec();
        png[at] = byte;
        _ = with_logo(&png);
    }
}
