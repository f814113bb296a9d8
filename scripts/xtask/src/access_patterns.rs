//! The column `used in` of shared/store/ACCESS_PATTERNS.md: who calls each key builder and each read of the store.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{Result, generated::Generated, source};

const PAGE: &str = "shared/store/ACCESS_PATTERNS.md";
/// Everywhere, so its callers are not listed.
const UNLISTED: &str = "many";

pub(crate) fn page() -> Result<Generated> {
    let page = with_callers(&source::read(PAGE)?, &sources()?);
    Ok(Generated { chore: "access-patterns", files: BTreeMap::from([(PAGE.to_owned(), page)]) })
}

/// The page with the last cell of each row filled in.
fn with_callers(page: &str, sources: &BTreeMap<String, String>) -> String {
    let mut section = "";
    let line = |line: &'_ str, section: &str| {
        let row = line.strip_prefix("| `").and_then(|rest| rest.split_once('`'));
        let (Some((name, _)), Some((rest, last))) = (row, line.trim_end_matches(" |").rsplit_once(" | "))
        else {
            return format!("{line}\n");
        };
        let calls = match section {
            "Keys" => vec![format!("keys::{name}(")],
            "Operations" if last != UNLISTED => ["store", "self", "caller"]
                .into_iter()
                .flat_map(|owner| [format!("{owner}.{name}("), format!("{owner}.{name}::<")])
                .collect(),
            _ => return format!("{line}\n"),
        };
        format!("{rest} | {} |\n", callers(sources, &calls))
    };
    let mut text = String::new();
    for each in page.lines() {
        section = each.strip_prefix("## ").unwrap_or(section);
        text += &line(each, section);
    }
    text
}

/// The files which contain one of `calls`.
fn callers(sources: &BTreeMap<String, String>, calls: &[String]) -> String {
    let callers: Vec<String> = sources
        .iter()
        .filter(|(_, code)| calls.iter().any(|call| code.contains(call)))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if callers.is_empty() { "—".to_owned() } else { callers.join(", ") }
}

/// Every source file of the product by its name on the page, without its tests and all white space.
fn sources() -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let functions = fs::read_dir(source::path("functions")).map_err(|error| format!("functions: {error}"))?;
    for package in functions {
        let package = package.map_err(|error| error.to_string())?.path();
        let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        collect(&package.join("src"), &name, &mut found)?;
    }
    for shared in ["access", "runtime", "store"] {
        collect(&source::path(&format!("shared/{shared}/src")), shared, &mut found)?;
    }
    Ok(found)
}

fn collect(folder: &Path, name: &str, found: &mut BTreeMap<String, String>) -> Result<()> {
    let failed = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path: PathBuf = entry.map_err(failed)?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if stem != "bin" {
                collect(&path, &format!("{name}/{stem}"), found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && stem != "keys" {
            let code = fs::read_to_string(&path).map_err(failed)?;
            let code = code.split("#[cfg(test)]").next().unwrap_or_default().split_whitespace().collect();
            let name = if stem == "mod" { name.to_owned() } else { format!("{name}/{stem}") };
            found.insert(name, code);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_cell_of_a_row_says_who_calls() {
        let page = "# P\n\n## Keys\n\n| `course` | course | a | b |  | — |\n\n## Operations\n\n| `get` | g | many |\n\
                    | `page` | p | old |\n";
        let sources = BTreeMap::from([
            ("catalog/a".to_owned(), "app.store.page::<E>(keys::course(x))".to_owned()),
            ("store/b".to_owned(), "self.page(x)keys::course_card(x)".to_owned()),
        ]);
        let wanted = "# P\n\n## Keys\n\n| `course` | course | a | b |  | `catalog/a` |\n\n## Operations\n\n\
                      | `get` | g | many |\n| `page` | p | `catalog/a`, `store/b` |\n";
        assert_eq!(with_callers(page, &sources), wanted);
    }
}
