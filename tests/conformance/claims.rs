//! What pages and texts say of the product: held to it, since nobody notices a sentence that stopped being true.

use std::collections::BTreeSet;

use crate::{
    nothing_wrong,
    repository::{domains, list, read},
};

/// The README, the pages of the local cloud, every feature with its comments, errors and mails, and the domain.
fn texts() -> Vec<String> {
    let mut files = vec!["README.md".to_owned()];
    let mut add = |folder: &str, endings: &[&str]| {
        let found =
            list(folder).into_iter().filter(|file| endings.iter().any(|ending| file.ends_with(ending)));
        files.extend(found.map(|file| format!("{folder}/{file}")));
    };
    add("infra/local/pages", &[".html"]);
    for domain in domains() {
        add(&format!("functions/{domain}/src"), &[".rs"]);
    }
    for domain in list("shared/domain/src").iter().filter(|name| !name.contains('.')) {
        add(&format!("shared/domain/src/{domain}"), &[".rs"]);
    }
    for domain in ["certificates", "mail"] {
        add(&format!("functions/{domain}/templates"), &[".html", ".txt"]);
    }
    files
}

/// The paths of the API that a text names.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("/v1/").map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/_-{}$:.".contains(c)));
        rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ':', '/'])
    })
}

/// A braced part of a route stands for anything.
fn fits(path: &str, route: &str) -> bool {
    let (path, route): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len()
        && path.iter().zip(&route).all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
}

#[test]
fn no_text_names_a_route_that_is_not_there() {
    let routes: BTreeSet<&str> = registry::all().endpoints.iter().map(|entry| entry.route.path).collect();
    let mut wrong = Vec::new();
    for file in texts() {
        let text = read(&file);
        // What `new-function` is shown with is still to be made.
        let lines = text.lines().filter(|line| !line.contains("scripts/new-function"));
        let missing = lines.flat_map(paths).filter(|path| !routes.iter().any(|route| fits(path, route)));
        wrong.extend(missing.map(|path| format!("{file}: {path}")));
    }
    nothing_wrong(&wrong, "say what there is; a link follows with its route");
}

#[test]
fn the_readme_and_the_home_page_say_what_an_idle_school_costs() {
    let readme = read("README.md");
    let idle = readme.split_once("**nobody learns**").map(|(_, rest)| rest).unwrap_or_default();
    let idle = idle.split("stands idle costs").next().unwrap_or_default();
    // The first row is of a table that has something in it.
    let prices = idle.lines().skip(1).filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(' ').next());
    let cents: u32 = prices.map(|price| price.replace('.', "").parse().unwrap_or(0)).sum();
    let words = ["nothing", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let dollars = words[usize::try_from(cents / 100 + 1).expect("small")];
    let claim = format!("a school where nobody learns costs less than {dollars} dollars a month");
    for file in ["README.md", "infra/local/pages/index.html"] {
        let words = read(file).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains(&claim),
            "{file} does not say that {claim}, as the table of the README sums up"
        );
    }
}
