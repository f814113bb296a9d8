//! The registry and the binaries.

use runtime::Trigger;

use crate::{
    nothing_wrong,
    repository::{domains, feature_file, functions, list, read},
};

#[test]
fn every_function_has_a_binary_and_every_binary_a_function() {
    let mut wrong = Vec::new();
    for domain in domains() {
        let folder = format!("functions/{domain}/src/bin");
        let files = list(&folder);
        let mut wanted: Vec<_> = functions()
            .iter()
            .filter(|function| function.names.domain() == domain)
            .map(|function| format!("{}.rs", function.names.function()))
            .collect();
        wanted.sort();
        let missing = wanted.iter().filter(|file| !files.contains(file));
        wrong.extend(missing.map(|file| format!("{folder}/{file} is missing")));
        let strays = files.iter().filter(|file| !wanted.contains(file));
        wrong.extend(strays.map(|file| format!("{folder}/{file} belongs to nothing in the registry")));
    }
    nothing_wrong(&wrong, "add the binary, add the feature to its package's registry(), or delete the file");
}

#[test]
fn every_binary_serves_the_function_whose_name_it_bears() {
    let mut wrong = Vec::new();
    for function in functions() {
        let names = function.names;
        let file = format!("functions/{}/src/bin/{}.rs", names.domain(), names.function());
        let type_name = names.logical_id().split_off(names.domain().len());
        let feature = format!("{}::{type_name}>()", names.verb_noun());
        if !read(&file).contains(&feature) {
            wrong.push(format!("{file} does not serve {feature}"));
        }
        let feature = feature_file(names);
        if !read(&feature).contains(&format!("const NAME: &'static str = \"{}\";", names.function())) {
            wrong.push(format!("{feature} has another NAME"));
        }
        if let Trigger::Route(entry) = function.trigger {
            for file in [file, feature] {
                if !read(&file).starts_with(&format!("//! {}\n", entry.route)) {
                    wrong.push(format!("{file} does not begin with //! {}", entry.route));
                }
            }
        }
    }
    nothing_wrong(&wrong, "a binary is its route as a comment and one call of runtime::serve");
}

#[test]
fn cargo_test_links_no_function() {
    let mut wrong = Vec::new();
    for domain in domains() {
        let file = format!("functions/{domain}/Cargo.toml");
        let manifest = read(&file);
        let declared: Vec<&str> =
            manifest.split("[[bin]]").skip(1).map(|bin| bin.split("\n[").next().unwrap_or(bin)).collect();
        for function in functions().iter().filter(|function| function.names.domain() == domain) {
            let name = format!("name = \"{}\"", function.names.function());
            let bin = declared.iter().find(|bin| bin.lines().any(|line| line == name));
            if !bin.is_some_and(|bin| bin.lines().any(|line| line == "test = false")) {
                wrong.push(format!("{file} has no [[bin]] with {name} and test = false"));
            }
        }
        if declared.len() != functions().iter().filter(|function| function.names.domain() == domain).count() {
            wrong.push(format!("{file} declares a [[bin]] that is no function"));
        }
    }
    nothing_wrong(&wrong, "declare each binary: linking all of them for every test run takes minutes");
}
