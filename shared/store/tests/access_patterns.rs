//! Holds `ACCESS_PATTERNS.md` to the code, both ways: what the page says of a key or an operation is true, and every
//! key and operation is on the page. Its column `used in` is written by `xtask access-patterns`.

#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use domain::{
    catalog::{Level, ListingFilter, PriceFilter, Sort, SortPosition},
    certificates::CertificateNo,
    identity::{Email, TokenPurpose},
};
use kernel::{Id, Timestamp, Violations};
use store::{Key, Partition, keys};

const PAGE: &str = include_str!("../ACCESS_PATTERNS.md");

/// The rows of a section's table: the name in the first cell, and the other cells.
fn rows(section: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let (_, rest) =
        PAGE.split_once(&format!("\n## {section}\n")).expect("ACCESS_PATTERNS.md has this section");
    let section = rest.split("\n## ").next().unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
        let name = cells[0].trim_matches('`');
        assert!(
            rows.insert(name, cells[1..].to_vec()).is_none(),
            "ACCESS_PATTERNS.md has two rows of `{name}`"
        );
    }
    rows
}

/// Code without its tests.
fn production(code: &str) -> &str {
    code.split("#[cfg(test)]").next().unwrap_or_default()
}

/// The code of the files that `is_wanted` by their names, below the crate's sources.
fn code(is_wanted: fn(&str) -> bool) -> String {
    fn collect(folder: &Path, is_wanted: fn(&str) -> bool, code: &mut String) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                collect(&path, is_wanted, code);
            } else if is_wanted(&path.file_name().unwrap().to_string_lossy()) {
                code.push_str(production(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = String::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), is_wanted, &mut found);
    found
}

/// The names of the free functions of the files that build keys, which others can call.
fn builders() -> BTreeSet<String> {
    let starts = ["pub fn ", "pub(crate) fn "];
    let keys = code(|file| file == "keys.rs");
    let names = keys.lines().filter_map(|line| starts.iter().find_map(|start| line.strip_prefix(start)));
    names.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned).collect()
}

fn assert_rows(section: &str, on_page: &BTreeSet<&str>, in_code: &BTreeSet<&str>) {
    let missing: Vec<_> = in_code.difference(on_page).collect();
    let stale: Vec<_> = on_page.difference(in_code).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "section {section} of shared/store/ACCESS_PATTERNS.md: add a row for each of {missing:?}, remove {stale:?}",
    );
}

fn assert_cell(name: &str, column: &str, on_page: &str, in_code: &str) {
    assert_eq!(
        on_page, in_code,
        "shared/store/ACCESS_PATTERNS.md: the cell `{column}` of `{name}` must be what stands on the right",
    );
}

#[test]
fn every_key_has_a_row() {
    let (rows, builders) = (rows("Keys"), builders());
    assert_rows("Keys", &rows.keys().copied().collect(), &builders.iter().map(String::as_str).collect());
    for (name, cells) in rows {
        assert_eq!(cells.len(), 6, "the row of `{name}` has a cell too many or too few");
        assert!(
            cells[..5].iter().enumerate().all(|(n, cell)| n == 2 || !cell.is_empty()),
            "a cell of `{name}` is empty"
        );
    }
}

#[test]
fn every_operation_of_the_store_has_a_row() {
    let rows = rows("Operations");
    let own: String = code(|_| true).split_whitespace().collect();
    // Without white space: `pubasyncfnget<E:Entity>(&self,`. Other functions take no `&self` or are not `Store`'s.
    let operations: BTreeSet<&str> = own
        .split("pubasyncfn")
        .skip(1)
        .filter(|code| {
            code.split_once('(').is_some_and(|(_, arguments)| {
                arguments.starts_with("&self,") || arguments.starts_with("&self)")
            })
        })
        .filter_map(|code| code.split(['(', '<']).next())
        .collect();
    assert!(
        operations.contains("get") && operations.contains("take_token"),
        "the search finds nothing: {operations:?}"
    );
    assert_rows("Operations", &rows.keys().copied().collect(), &operations);
    for (name, cells) in rows {
        assert_eq!(cells.len(), 4, "the row of `{name}` has a cell too many or too few");
    }
}

/// What stands between two `#`, by what the sample values below put there.
fn placeholder(part: &str) -> &str {
    match part.get(..4) {
        Some("usr_") => "<user>",
        Some("ses_") => "<session>",
        Some("crs_") => "<course>",
        Some("mod_") => "<module>",
        Some("les_") => "<lesson>",
        Some("vid_") => "<video>",
        Some("rec_") => "<recording>",
        Some("cat_") => "<category>",
        Some("crt_") => "<certificate>",
        Some("evt_") => "<event>",
        _ => match part {
            "main" => "<school>",
            "ada@example.org" => "<email>",
            "beginner" => "<level>",
            "free" => "<price>",
            "popularity" => "<sort>",
            "07" => "<shard>",
            "verify-email" => "<purpose>",
            "2026" => "<year>",
            "CERT-2026-000123" => "<number>",
            hash if hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => "<hash>",
            other => other,
        },
    }
}

fn shape(key: &str) -> String {
    key.split('#').map(placeholder).collect::<Vec<_>>().join("#")
}

/// The shape that each builder makes: PK and SK, or PK alone for a partition. A new builder comes here too.
fn shapes() -> BTreeMap<&'static str, (String, String)> {
    fn of<E>(key: &Key<E>) -> (String, String) {
        let text = format!("{key:?}");
        let (pk, sk) = text.split_once(' ').expect("PK and SK");
        (shape(pk), shape(sk))
    }
    fn all(partition: &Partition) -> (String, String) {
        (shape(&format!("{partition:?}")), String::new())
    }
    let s = &"main".parse().unwrap();
    let now = Timestamp::from_millis(1_768_467_600_000);
    let (user, session, course, module) =
        (Id::generate(now), Id::generate(now), Id::generate(now), Id::generate(now));
    let (lesson, category, certificate) = (Id::generate(now), Id::generate(now), Id::generate(now));
    let (video, recording) = (Id::generate(now), Id::generate(now));
    let number = CertificateNo { year: 2026, sequence: 123 };
    // Its last byte chooses the shard.
    let event = "evt_00000000000070008000000000000007".parse().unwrap();
    let email = Email::parse("ada@example.org", "", &mut Violations::default()).unwrap();
    let filter = ListingFilter {
        level: Some(Level::Beginner),
        category: Some(category),
        price: Some(PriceFilter::Free),
    };
    let value = format!("<value>#{course}");
    let position = SortPosition { filter, sort: Sort::Popularity, value, course_id: course };
    BTreeMap::from([
        ("user_partition", all(&keys::user_partition(s, user))),
        ("user", of(&keys::user(s, user))),
        ("session", of(&keys::session(s, user, session))),
        ("email", of(&keys::email(s, &email))),
        ("username", of(&keys::username(s, "<username>"))),
        ("course_partition", all(&keys::course_partition(s, course))),
        ("course", of(&keys::course(s, course))),
        ("course_card", of(&keys::course_card(s, course))),
        ("module", of(&keys::module(s, course, module))),
        ("module_course", of(&keys::module_course(s, module))),
        ("lesson_summary", of(&keys::lesson_summary(s, course, lesson))),
        ("lesson", of(&keys::lesson(s, lesson))),
        ("video", of(&keys::video(s, video))),
        ("video_analytics", of(&keys::video_analytics(s, video))),
        ("recordings_partition", all(&keys::recordings_partition(s, user))),
        ("recording", of(&keys::recording(s, user, recording))),
        ("open_videos_partition", all(&keys::open_videos_partition(s))),
        ("slug", of(&keys::slug(s, "<slug>"))),
        ("authored_partition", all(&keys::authored_partition(s, user))),
        ("authored", of(&keys::authored(s, user, course))),
        ("listing_partition", all(&keys::listing_partition(s, &filter, Sort::Popularity))),
        ("listing", of(&keys::listing(s, &position))),
        ("categories_partition", all(&keys::categories_partition(s))),
        ("category", of(&keys::category(s, category))),
        ("category_slug", of(&keys::category_slug(s, "<slug>"))),
        ("enrollment", of(&keys::enrollment(s, user, course))),
        ("enrollments_partition", all(&keys::enrollments_partition(s, user))),
        ("progress_partition", all(&keys::progress_partition(s, user, course))),
        ("progress", of(&keys::progress(s, user, course, lesson))),
        ("certificate", of(&keys::certificate(s, certificate))),
        ("certificates_partition", all(&keys::certificates_partition(s, user))),
        ("certificate_no", of(&keys::certificate_no(s, number))),
        ("certificate_sequence", of(&keys::certificate_sequence(s, 2026))),
        ("certificate_template", of(&keys::certificate_template(s, course))),
        ("outbox", of(&keys::outbox(s, event))),
        ("outbox_partition", all(&keys::outbox_partition(s, 7))),
        ("inbox", of(&keys::inbox(s, "<consumer>", event))),
        ("delivery", of(&keys::delivery(s, event))),
        ("one_time_token", of(&keys::one_time_token(s, TokenPurpose::VerifyEmail, "any text"))),
        ("suppression", of(&keys::suppression(s, &email))),
        ("kept_reply", of(&keys::kept_reply(s, user, "<operation>", "any text"))),
        ("rate_bucket", of(&keys::rate_bucket(s, "<name>", "any text"))),
        ("rate_window", of(&keys::rate_window(s, "<name>", "any text"))),
    ])
}

#[test]
fn every_shape_is_what_the_builder_makes() {
    let (rows, mut shapes) = (rows("Keys"), shapes());
    // Only this crate can call these; their partitions are those of the lists.
    for (index, partition, sk) in [
        ("enrollment_index", "enrollments_partition", "<enrolled_at>#<enrollment>"),
        ("open_video_index", "open_videos_partition", "<due>#<video>"),
        ("certificate_index", "certificates_partition", "<issued_at>#<number>"),
    ] {
        shapes.insert(index, (shapes[partition].0.clone(), sk.to_owned()));
    }
    for name in builders() {
        let Some((pk, sk)) = shapes.get(name.as_str()) else {
            panic!("add `{name}` to `shapes` in shared/store/tests/access_patterns.rs")
        };
        // A missing row is the business of the test above.
        let Some(cells) = rows.get(name.as_str()) else { continue };
        assert_cell(&name, "PK", cells[1].trim_matches('`'), pk);
        assert_cell(&name, "SK", cells[2].trim_matches('`'), sk);
    }
}
