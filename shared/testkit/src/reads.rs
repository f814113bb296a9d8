//! Holds every read to the column `read` of ACCESS_PATTERNS.md: strong where a permission or a write hangs on it, eventual
//! where that is enough. A read that is weaker than the page says would pass on an emulator that is never stale.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use runtime::Names;
use serde_json::Value;

const PAGE: &str = include_str!("../../store/ACCESS_PATTERNS.md");

/// `S` or `E`.
type Consistency = char;

/// A row of the page.
struct Row {
    name: &'static str,
    pk: Vec<&'static str>,
    /// Empty for a partition.
    sk: Vec<&'static str>,
    /// How anybody reads it.
    rule: BTreeSet<Consistency>,
    /// How these callers do.
    exceptions: BTreeMap<&'static str, BTreeSet<Consistency>>,
}

/// A read as a function made it: the row, and how it read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Read {
    row: &'static str,
    consistency: Consistency,
}

/// `get S, batch S; E in `list_it``: what all do, then what some do instead. What follows a comma is for people.
fn rule(clause: &str) -> BTreeSet<Consistency> {
    let words = clause.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| ["S", "E"].contains(word)).filter_map(|word| word.chars().next()).collect()
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let (_, keys) = PAGE.split_once("\n## Keys\n").expect("ACCESS_PATTERNS.md has this section");
    let keys = keys.split("\n## ").next().unwrap_or_default();
    let row = |line: &'static str| {
        let cells: Vec<&str> =
            line.trim_matches(['|', ' ']).split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        let parts = |cell: &'static str| cell.split('#').filter(|part| !part.is_empty()).collect();
        let mut clauses = cells[4].split("; ");
        let all = rule(clauses.next().unwrap_or_default());
        let named = |clause: &'static str| {
            let callers = clause.split('`').skip(1).step_by(2);
            callers.map(move |caller| (caller, rule(clause.split('`').next().unwrap_or_default())))
        };
        Row {
            name: cells[0],
            pk: parts(cells[2]),
            sk: parts(cells[3]),
            rule: all,
            exceptions: clauses.flat_map(named).collect(),
        }
    };
    keys.lines().filter(|line| line.starts_with("| `")).map(row).collect()
});

/// Whether a key has a shape: what stands in angle brackets is anything, and the last of it may have more parts.
fn fits(shape: &[&str], key: &str) -> bool {
    // A title ends before the id behind it with a character that sorts before all that it can hold.
    let parts: Vec<&str> = key.split(['#', '\u{1}']).collect();
    let is_open = shape.last().is_some_and(|last| last.starts_with('<'));
    let same = |(shape, part): (&&str, &&str)| shape.starts_with('<') || shape == part;
    (parts.len() == shape.len() || is_open && parts.len() > shape.len()) && shape.iter().zip(&parts).all(same)
}

/// The row of the page whose shape a key has.
pub(crate) fn row(pk: &str, sk: Option<&str>) -> &'static str {
    let of_sk = |shape: &[&str]| sk.map_or(shape.is_empty(), |sk| !shape.is_empty() && fits(shape, sk));
    let row = ROWS.iter().find(|row| fits(&row.pk, pk) && of_sk(&row.sk));
    row.unwrap_or_else(|| panic!("ACCESS_PATTERNS.md has no row for {pk} {sk:?}")).name
}

/// The rows that are keys of items: not partitions, and not places in an index.
#[cfg(test)]
pub(crate) fn written_rows() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name).filter(|name| !name.ends_with("_partition") && !name.ends_with("_index"))
}

/// What a call to DynamoDB reads.
pub(crate) fn of(operation: &str, body: &Value) -> Vec<Read> {
    let read = |key: &Value, request: &Value| {
        let text = |name: &str| key[name]["S"].as_str();
        let consistency = if request["ConsistentRead"] == true { 'S' } else { 'E' };
        Some(Read { row: row(text("PK")?, text("SK")), consistency })
    };
    match operation {
        "dynamodb:GetItem" => read(&body["Key"], body).into_iter().collect(),
        "dynamodb:BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let keys = |(_, request): (_, &Value)| {
                let keys = request["Keys"].as_array().into_iter().flatten();
                keys.filter_map(|key| read(key, request)).collect::<Vec<_>>()
            };
            tables.flat_map(keys).collect()
        }
        "dynamodb:Query" => {
            let partition = serde_json::json!({ "PK": body["ExpressionAttributeValues"][":pk"] });
            read(&partition, body).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// `catalog/list_courses`, as the page names callers.
fn caller(names: Names) -> String {
    names.function().replacen('-', "/", 1).replace('-', "_")
}

/// Checks that the function `names` reads as the page says.
///
/// # Panics
/// It does not.
#[track_caller]
pub(crate) fn check(names: Names, reads: &BTreeSet<Read>) {
    let caller = caller(names);
    for Read { row: name, consistency } in reads {
        let row = ROWS.iter().find(|row| row.name == *name).expect("found by its row");
        let rule = row.exceptions.get(caller.as_str()).unwrap_or(&row.rule);
        let read = if *consistency == 'S' { "strongly" } else { "eventually" };
        assert!(
            rule.contains(consistency),
            "{caller} read {read} what `{name}` holds; ACCESS_PATTERNS.md says {rule:?}. Read strongly what a permission \
             or a write hangs on; where the page is wrong, name the caller there: `; {consistency} in `{caller}``",
        );
    }
}

/// A line for the notes of the tests.
pub(crate) fn note(names: Names, read: &Read) -> String {
    format!("{} reads {} {}", names.function(), read.row, read.consistency)
}

/// The notes that tests must leave together: what the page says of callers that it names.
#[must_use]
pub fn exceptional_reads() -> BTreeSet<(String, String)> {
    let notes = |row: &'static Row| {
        let of_caller = |(caller, rule): (&&str, &BTreeSet<Consistency>)| {
            let function = caller.replace(['/', '_'], "-");
            let note =
                |consistency: &Consistency| (function.clone(), format!("reads {} {consistency}", row.name));
            rule.iter().map(note).collect::<Vec<_>>()
        };
        row.exceptions.iter().flat_map(of_caller)
    };
    ROWS.iter().flat_map(notes).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_row_that_is_read_says_how_and_every_other_that_it_is_not() {
        for row in ROWS.iter() {
            let line = PAGE.lines().find(|line| line.starts_with(&format!("| `{}` |", row.name))).unwrap();
            let is_read = !line.contains("| written only") && !line.contains("| not read");
            assert_eq!(is_read, !row.rule.is_empty(), "{line}");
            assert!(row.rule.len() < 2, "say of whom it is S and of whom E: {line}");
            assert!(row.exceptions.values().all(|rule| !rule.is_empty()), "{line}");
        }
        assert!(ROWS.len() > 30);
    }

    #[test]
    fn a_read_finds_its_row() {
        let key = json!({ "PK": { "S": "S#main#USER#usr_1" }, "SK": { "S": "SESSION#ses_1" } });
        let get = json!({ "Key": key, "ConsistentRead": true });
        assert_eq!(of("dynamodb:GetItem", &get), [Read { row: "session", consistency: 'S' }]);
        let batch = json!({ "RequestItems": { "table": { "Keys": [key, key] } } });
        assert_eq!(of("dynamodb:BatchGetItem", &batch), vec![Read { row: "session", consistency: 'E' }; 2]);
        let query = json!({ "ExpressionAttributeValues": { ":pk": { "S": "S#main#COURSE#crs_1" } } });
        assert_eq!(of("dynamodb:Query", &query), [Read { row: "course_partition", consistency: 'E' }]);
        assert_eq!(of("dynamodb:PutItem", &get), []);
    }
}
