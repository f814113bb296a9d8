//! `tests/RULES.md`: the rules that names of tests and comments refer to.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    nothing_wrong,
    repository::{list, read},
};

/// The files below a folder that hold code or say something of it.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in list(folder) {
        let path = format!("{folder}/{name}");
        if [".rs", ".rs.txt"].iter().any(|ending| name.ends_with(ending)) || name == "ACCESS_PATTERNS.md" {
            found.push(path);
        } else if !name.contains('.') && !["node_modules", "target", "seed"].contains(&name.as_str()) {
            found.extend(if is_folder(&path) { files(&path) } else { Vec::new() });
        }
    }
    found
}

fn is_folder(path: &str) -> bool {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path).is_dir()
}

/// `R8`: the letter of a kind of rules, and its number.
fn is_id(word: &str) -> bool {
    let Some(digits) = word.strip_prefix(['R', 'F', 'M']) else { return false };
    (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The rules that a line names: in a comment, or at the beginning of a function's name.
fn named(line: &str) -> Vec<String> {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| is_id(word)).map(str::to_owned).collect()
    };
    if let Some((_, name)) = line.split_once("fn ") {
        let parts = name.split('_').map(str::to_uppercase);
        return parts.take_while(|part| is_id(part)).collect();
    }
    line.split_once("//").map_or_else(Vec::new, |(_, comment)| words(comment))
}

#[test]
fn every_rule_that_is_named_has_its_line_and_every_line_a_rule_that_is() {
    let page = read("tests/RULES.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let told: BTreeSet<&str> = rows.filter(|word| is_id(word)).collect();
    let mut used = BTreeMap::new();
    for folder in ["functions", "infra", "scripts", "shared", "tests"] {
        for file in files(folder) {
            let text = read(&file);
            let is_prose = file.ends_with(".md");
            let lines =
                text.lines().map(|line| if is_prose { format!("// {line}") } else { line.to_owned() });
            for id in lines.flat_map(|line| named(&line)) {
                used.entry(id).or_insert_with(|| file.clone());
            }
        }
    }
    let unknown = used.iter().filter(|(id, _)| !told.contains(id.as_str()));
    let mut wrong: Vec<_> = unknown.map(|(id, file)| format!("{id} of {file} has no line")).collect();
    let unused = told.iter().filter(|id| !used.contains_key(**id));
    wrong.extend(unused.map(|id| format!("{id} is named nowhere")));
    nothing_wrong(&wrong, "say in tests/RULES.md what the rule asks for, in one line");
    assert!(used.len() > 20, "{used:?}");
}

#[test]
fn rules_are_found_in_names_and_comments_alone() {
    assert_eq!(named("    async fn r1_f13_it_is_so() {"), ["R1", "F13"]);
    assert_eq!(named("//! Canaries (R29, R32): each of M11"), ["R29", "R32", "M11"]);
    assert!(named("let f1 = f64::from(R2); fn of_f64() {").is_empty());
    assert!(named("    \"?level=&price=%F0\", M0 R7").is_empty());
}
