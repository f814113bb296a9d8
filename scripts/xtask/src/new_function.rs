//! Begins a function: everything that bears its name, so that what is left is what only a person can say.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use clap::Args;

use crate::{Result, source};

const FEATURE: &str = include_str!("../templates/feature.rs.txt");
const READER: &str = include_str!("../templates/reader.rs.txt");
const BIN: &str = include_str!("../templates/bin.rs.txt");
const TEST: &str = include_str!("../templates/test.rs.txt");
const BLOCK: &str = include_str!("../templates/endpoint.yaml");

#[derive(Args)]
pub(crate) struct NewFunction {
    /// One of the folders below functions/
    domain: String,
    /// What it does, such as publish-course
    verb_noun: String,
    /// GET, POST, PUT, PATCH or DELETE
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"])]
    method: String,
    /// Such as /v1/courses/{course_id}/publish
    path: String,
}

impl NewFunction {
    pub(crate) fn begin(&self) -> Result<String> {
        self.check()?;
        let Self { domain, .. } = self;
        let (snake, function, type_name) = (self.snake(), self.function(), self.type_name());
        let lib = format!("functions/{domain}/src/lib.rs");
        let manifest = format!("functions/{domain}/Cargo.toml");
        let template = format!("infra/{domain}.yaml");
        let tests = format!("tests/api/{domain}/main.rs");

        // Everything is made before anything is written, so that a refusal leaves nothing half done.
        let has_body = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        let feature = self.fill(if has_body { FEATURE } else { READER });
        let with_mod = with_line(&source::read(&tests)?, "mod ", &format!("mod {snake};"));
        let files = [
            (format!("functions/{domain}/src/{snake}.rs"), formatted(&feature)?),
            (format!("functions/{domain}/src/bin/{function}.rs"), formatted(&self.fill(BIN))?),
            (format!("tests/api/{domain}/{snake}.rs"), formatted(&self.fill(TEST))?),
            (lib.clone(), formatted(&with_feature(&source::read(&lib)?, &snake, &type_name)?)?),
            (tests, formatted(&with_mod)?),
            (manifest.clone(), with_bin(&source::read(&manifest)?, &function)),
            (template.clone(), with_block(&source::read(&template)?, &self.fill(BLOCK))?),
        ];
        for (path, content) in &files {
            source::write(path, content)?;
        }
        // This process was compiled without the new function.
        for chore in ["openapi", "samples"] {
            run(Command::new("cargo").args(["run", "--quiet", "--bin", "xtask", "--", chore]))?;
        }
        let written = files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join("\n  ");
        Ok(format!(
            "wrote\n  {written}\n  infra/openapi.json\n  events/samples/{function}.json\n\n\
            left to do\n  \
            functions/{domain}/src/{snake}.rs: SUMMARY, who may call (Access), what it costs (BUDGET), what it does\n  \
            {template}: {type_name}Role, exactly the actions that it takes\n  \
            tests/api/{domain}/{snake}.rs: what it does and what it refuses\n  \
            tests/api/edge/authorization.rs: its row\n  \
            cargo run --bin xtask -- openapi; cargo run --bin xtask -- samples: again, when its types are right\n  \
            ./scripts/test tests says what is missing"
        ))
    }

    fn check(&self) -> Result<()> {
        let word = |text: &str| {
            text.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        if !word(&self.verb_noun) {
            return Err(format!("{}: write it as verb-noun, in lower case", self.verb_noun));
        }
        if !source::path(&format!("functions/{}/Cargo.toml", self.domain)).is_file() {
            return Err(format!("there is no package functions/{}", self.domain));
        }
        if !self.path.starts_with('/') || self.path.ends_with('/') || self.path.contains(char::is_whitespace)
        {
            return Err(format!("{}: write the path as /v1/things/{{thing_id}}", self.path));
        }
        let feature = format!("functions/{}/src/{}.rs", self.domain, self.snake());
        if source::path(&feature).exists() {
            return Err(format!("{feature} exists"));
        }
        let known = local::registry().endpoints;
        let route = format!("{} {}", self.method, self.path);
        if let Some(entry) = known.iter().find(|entry| entry.route.to_string() == route) {
            return Err(format!("{route} is {}", entry.names.function()));
        }
        // The type's name is the logical id, which `sam local` looks up in all templates at once.
        if let Some(entry) = known.iter().find(|entry| entry.names.type_name() == self.type_name()) {
            return Err(format!("{} is taken by {}", self.type_name(), entry.names.function()));
        }
        Ok(())
    }

    fn snake(&self) -> String {
        self.verb_noun.replace('-', "_")
    }

    fn function(&self) -> String {
        format!("{}-{}", self.domain, self.verb_noun)
    }

    fn type_name(&self) -> String {
        self.verb_noun.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect()
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace("__TYPE__", &self.type_name())
            .replace("__FUNCTION__", &self.function())
            .replace("__VERB_NOUN__", &self.snake())
            .replace("__DOMAIN__", &self.domain)
            .replace("__METHOD__", &self.method)
            .replace("__VERB__", &self.method.to_lowercase())
            .replace("__PATH__", &self.path)
            .replace("__SAMPLE_PATH__", &self.sample_path())
    }

    /// A path with something in the place of every parameter.
    fn sample_path(&self) -> String {
        let fill = |part: &str| {
            if part.starts_with('{') { "none".to_owned() } else { part.to_owned() }
        };
        self.path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }
}

fn run(command: &mut Command) -> Result<()> {
    match command.current_dir(source::path("")).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

/// Through rustfmt's standard input: given a file, it would format every module that the file names.
fn formatted(code: &str) -> Result<String> {
    let format = || {
        let mut rustfmt = Command::new("rustfmt")
            .args(["--edition", "2024"])
            .current_dir(source::path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = rustfmt.stdin.take() {
            stdin.write_all(code.as_bytes())?;
        }
        rustfmt.wait_with_output()
    };
    let output = format().map_err(|error| format!("rustfmt: {error}"))?;
    if !output.status.success() {
        return Err(format!("rustfmt refuses what was to be written:\n{code}"));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}

/// Adds `line` to the sorted lines that begin with `prefix`, or as the first of them at the end.
fn with_line(text: &str, prefix: &str, line: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let later = lines.iter().position(|other| other.starts_with(prefix) && *other > line);
    let last = lines.iter().rposition(|other| other.starts_with(prefix)).map(|last| last + 1);
    match later.or(last) {
        Some(place) => lines.insert(place, line),
        None => lines.extend(["", line]),
    }
    lines.join("\n") + "\n"
}

/// Adds the feature's module and its place in the registry.
fn with_feature(lib: &str, snake: &str, type_name: &str) -> Result<String> {
    let lib = with_line(lib, "pub mod ", &format!("pub mod {snake};"));
    let call = format!(".endpoint::<{snake}::{type_name}>()");
    let start = "Registry::default()";
    let mut place = lib.find(start).ok_or("lib.rs has no Registry::default()")? + start.len();
    for (at, _) in lib.match_indices(".endpoint::<") {
        if lib[at..] < call[..] {
            place = at + lib[at..].find("()").map_or(0, |end| end + 2);
        }
    }
    Ok(format!("{}{call}{}", &lib[..place], &lib[place..]))
}

/// Declares the binary, in order.
fn with_bin(manifest: &str, function: &str) -> String {
    let bin = format!("[[bin]]\nname = \"{function}\"\ntest = false\n");
    let later = |at: &usize| manifest[*at..] > bin[..];
    match manifest.match_indices("[[bin]]").map(|(at, _)| at).find(later) {
        Some(at) => format!("{}{bin}\n{}", &manifest[..at], &manifest[at..]),
        None => format!("{}\n\n{bin}", manifest.trim_end()),
    }
}

/// Adds a block at the end of the resources, and the condition that it asks for.
fn with_block(template: &str, block: &str) -> Result<String> {
    let (head, resources) = template.split_once("\nResources:").ok_or("the template has no Resources")?;
    let condition = "\nConditions:\n  CountsCalls: !Not [!Equals [!Ref CallsPerMinute, \"\"]]\n";
    let has_it = head.contains("\n  CountsCalls:");
    let head = if has_it { head.to_owned() } else { head.replacen("\nConditions:\n", condition, 1) };
    let (resources, outputs) = match resources.split_once("\nOutputs:") {
        Some((resources, outputs)) => (resources, format!("\nOutputs:{outputs}")),
        None => (resources, String::new()),
    };
    Ok(format!("{head}\nResources:{}\n{}\n{outputs}", resources.trim_end(), block.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_registrations_keep_their_order() {
        let lib =
            "pub mod a;\npub mod c;\nmod z;\n\nRegistry::default().endpoint::<a::A>().endpoint::<c::C>()\n";
        for (snake, type_name) in [("b", "B"), ("aa", "Aa"), ("d", "D")] {
            let text = with_feature(lib, snake, type_name).unwrap();
            let mut modules: Vec<_> = text.lines().filter(|line| line.starts_with("pub mod ")).collect();
            assert!(modules.is_sorted(), "{text}");
            modules.retain(|line| *line == format!("pub mod {snake};"));
            let mut calls: Vec<_> = text.split(".endpoint::<").skip(1).collect();
            assert!(calls.is_sorted(), "{text}");
            calls.retain(|call| call.contains(type_name));
            assert_eq!((modules.len(), calls.len()), (1, 1), "{text}");
        }
    }

    #[test]
    fn binaries_keep_their_order() {
        let manifest =
            "[lints]\n\n[[bin]]\nname = \"a-b\"\ntest = false\n\n[[bin]]\nname = \"a-d\"\ntest = false\n";
        for name in ["a-a", "a-c", "a-e"] {
            let text = with_bin(manifest, name);
            let names: Vec<_> = text.lines().filter(|line| line.starts_with("name = ")).collect();
            assert!(names.is_sorted() && names.len() == 3, "{text}");
            assert!(!text.contains("\n\n\n") && text.ends_with("false\n"), "{text}");
        }
    }

    #[test]
    fn a_block_comes_before_the_outputs_and_brings_its_condition_once() {
        let template = "Parameters:\n  A: b\n\nConditions:\n  HasBoundary: c\n\nGlobals:\n  X: y\n\nResources:\n  One: {}\n\nOutputs:\n  O: {}\n";
        let once = with_block(template, "\n  Two: {}\n").unwrap();
        let twice = with_block(&once, "\n  Three: {}\n").unwrap();
        assert_eq!(twice.matches("CountsCalls:").count(), 1, "{twice}");
        let order = [
            "Conditions:",
            "CountsCalls:",
            "HasBoundary:",
            "Globals:",
            "Resources:",
            "One:",
            "Two:",
            "Three:",
            "Outputs:",
        ];
        assert!(order.map(|part| twice.find(part)).is_sorted(), "{twice}");
    }
}
