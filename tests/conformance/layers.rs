//! Who knows whom. Dependencies point down: between crates, and between the modules of `domain`.

use std::collections::BTreeSet;

use crate::{
    nothing_wrong,
    repository::{list, read, sources},
};

/// Below `functions`, from the bottom up; `testkit` is for tests alone.
const CRATES: [&str; 9] =
    ["kernel", "domain", "store", "pdf", "markup", "runtime", "pages", "objects", "access"];
/// As `domain` says in its first lines.
const MODULES: [&str; 6] = ["identity", "catalog", "video", "learning", "certificates", "mail"];
/// What modules tell one another, so all of them may know it.
const WORDS: &str = "event";

/// What a crate's manifest names beside its tests' needs.
fn dependencies(folder: &str) -> Vec<String> {
    let manifest = read(&format!("{folder}/Cargo.toml"));
    let (_, own) = manifest.split_once("[dependencies]\n").unwrap_or_default();
    let lines = own.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', ' ']).next()).map(str::to_owned).collect()
}

/// The modules that `code` names right after `root`, such as `crate::`.
fn named(code: &str, root: &str) -> BTreeSet<String> {
    fn word(text: &str) -> String {
        text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    }
    let each = |rest: &str| -> Vec<String> {
        match rest.strip_prefix('{') {
            Some(group) => group.split(';').next().unwrap_or_default().split(',').map(word).collect(),
            None => vec![word(rest)],
        }
    };
    code.split(root).skip(1).flat_map(each).collect()
}

#[test]
fn no_crate_knows_those_above_it_and_no_domain_another_one() {
    let mut wrong = Vec::new();
    let domains = list("functions");
    for name in list("shared").iter().filter(|name| *name != "testkit") {
        let Some(place) = CRATES.iter().position(|known| known == name) else {
            wrong.push(format!("shared/{name} has no place in CRATES"));
            continue;
        };
        let above = |other: &String| CRATES[place..].contains(&other.as_str()) || domains.contains(other);
        let up = dependencies(&format!("shared/{name}")).into_iter().filter(above);
        wrong.extend(up.map(|other| format!("shared/{name} knows {other}")));
    }
    for name in &domains {
        let others = dependencies(&format!("functions/{name}")).into_iter();
        let others = others.filter(|other| domains.contains(other));
        wrong.extend(others.map(|other| format!("functions/{name} knows functions/{other}")));
    }
    nothing_wrong(&wrong, "what two of them need stands in a crate below both");
}

#[test]
fn the_modules_of_the_domain_know_each_other_in_one_direction() {
    let mut wrong = Vec::new();
    for (path, code) in sources("shared/domain/src") {
        let (_, rest) = path.split_once("/src/").unwrap_or_default();
        let module = rest.split(['/', '.']).next().unwrap_or_default();
        if module == "lib" {
            let said: Vec<_> = MODULES.iter().map(|module| format!("pub mod {module};")).collect();
            wrong.extend(said.into_iter().filter(|line| !code.contains(line)));
            continue;
        }
        if module == WORDS {
            continue;
        }
        let Some(place) = MODULES.iter().position(|known| *known == module) else {
            wrong.push(format!("{path} has no place in MODULES"));
            continue;
        };
        let later = |other: &String| MODULES[place + 1..].contains(&other.as_str());
        wrong.extend(
            named(&code, "crate::").into_iter().filter(later).map(|other| format!("{path} knows {other}")),
        );
    }
    nothing_wrong(&wrong, "a rule about two of them stands in the later one");
}

/// Who is signed in and what happened, and nothing of what is taught.
#[test]
fn the_runtime_knows_no_courses() {
    let mut wrong = Vec::new();
    for (path, code) in sources("shared/runtime/src") {
        let known = named(&code, "domain::").into_iter();
        let other = known.filter(|module| MODULES.contains(&module.as_str()) && module != "identity");
        wrong.extend(other.map(|module| format!("{path} knows domain::{module}")));
        let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        wrong.extend(lines.filter(|line| line.contains("course")).map(|line| format!("{path}: {line}")));
    }
    nothing_wrong(&wrong, "permissions about things stand in shared/access");
}

#[test]
fn the_modules_that_code_names_are_found() {
    let code = "use crate::{certificates::CertificateNo, identity::{Role, User}};\nlet a = crate::mail::B;";
    let found = named(code, "crate::");
    for module in ["certificates", "identity", "mail"] {
        assert!(found.contains(module), "{found:?}");
    }
}
