//! The table before and after, for tests that ask what a request has left.

use testkit::TestApp;

/// All items but those of the rate limits, which refusals are meant to change.
pub(crate) async fn state(app: &TestApp) -> Vec<String> {
    app.dump().await.into_iter().filter(|item| !item.contains("et=S(\"rate_")).collect()
}

/// Items without what differs from run to run: random parts, times and hashes.
pub(crate) fn shape(items: &[String]) -> Vec<String> {
    let mut shapes: Vec<String> = items.iter().map(|item| without_chance(item)).collect();
    shapes.sort();
    shapes
}

/// What is followed by chance, or by a count of the process.
const MARKS: [&str; 4] = ["_hash=S(\"", "#OUTBOX#", "\"req-", "upload_id=S(\""];

fn without_chance(item: &str) -> String {
    let mut shape = String::new();
    let mut rest = item;
    while let Some(first) = rest.chars().next() {
        let hex = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let marked = MARKS.iter().find(|mark| rest.starts_with(**mark));
        let taken = if is_time(rest) {
            24
        } else if hex >= 8 {
            hex
        } else if let Some(mark) = marked {
            rest[mark.len()..].find('"').map_or(rest.len(), |end| mark.len() + end)
        } else {
            0
        };
        if taken > 0 {
            shape.push('#');
            rest = &rest[taken..];
        } else {
            shape.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    shape
}

fn is_time(text: &str) -> bool {
    let text = text.as_bytes();
    text.len() >= 24 && text[4] == b'-' && text[10] == b'T' && text[23] == b'Z' && text[0].is_ascii_digit()
}

#[test]
fn two_runs_of_one_story_have_one_shape() {
    let items = |id: &str, time: &str, count: u8| {
        vec![format!(
            "PK=S(\"S#main#USER#usr_{id}\") at=S(\"{time}\") count=N(\"{count}\") secret_hash=S(\"{id}/+\")"
        )]
    };
    let one = items("0190a0b1c2d370008000000000000001", "2026-01-15T09:00:00.001Z", 7);
    let same = items("0190a0b1c2d37aaa8bbbcccccccccccc", "2026-01-15T09:00:00.042Z", 7);
    let other = items("0190a0b1c2d370008000000000000001", "2026-01-15T09:00:00.001Z", 8);
    assert_eq!(shape(&one), shape(&same));
    assert_ne!(shape(&one), shape(&other));
}
