//! Begins a function: everything that bears its name, so that what is left is what only a person can say.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    process::{Command, Stdio},
};

use clap::{ArgGroup, Args};
use serde_json::json;

use crate::{Result, source};

const FEATURE: &str = include_str!("../templates/feature.rs.txt");
const READER: &str = include_str!("../templates/reader.rs.txt");
const CONSUMER: &str = include_str!("../templates/consumer.rs.txt");
const LISTENER: &str = include_str!("../templates/listener.rs.txt");
const SCHEDULE: &str = include_str!("../templates/schedule.rs.txt");
const BIN: &str = include_str!("../templates/bin.rs.txt");
const ROUTE_TEST: &str = include_str!("../templates/route_test.rs.txt");
const CONSUMER_TEST: &str = include_str!("../templates/consumer_test.rs.txt");
const LISTENER_TEST: &str = include_str!("../templates/listener_test.rs.txt");
const SCHEDULE_TEST: &str = include_str!("../templates/schedule_test.rs.txt");

#[derive(Args)]
#[command(group(ArgGroup::new("trigger").required(true).args(["method", "on", "every", "from"])))]
pub(crate) struct NewFunction {
    /// One of the folders below functions/
    domain: String,
    /// What it does, such as publish-course
    verb_noun: String,
    /// Of a route: GET, POST, PUT, PATCH or DELETE
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], requires = "path")]
    method: Option<String>,
    /// Of a route: such as /v1/courses/{course_id}/publish
    path: Option<String>,
    /// Of a consumer: the event that it takes, such as course.published
    #[arg(long, value_name = "EVENT")]
    on: Option<String>,
    /// Of a job: when it runs, such as 'rate(1 hour)' or 'cron(0 3 * * ? *)', in UTC
    #[arg(long, value_name = "EXPRESSION")]
    every: Option<String>,
    /// Of a listener: created:FOLDER for files that come into being there, topic:NAME for a topic of template.yaml,
    /// pattern:JSON for what EventBridge brings
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,
}

/// Of whatever has a queue.
const QUEUE_LEFT_TO_DO: &str = "what it takes on the table (NEEDS), what it does\n  \
    cargo run --bin xtask -- costs: an empty queue and its alarm cost something";

/// What differs between the kinds of functions.
struct Kind {
    /// What the function is called by, as its files begin.
    trigger: String,
    feature: String,
    test: &'static str,
    /// `endpoint`: how the registry takes it.
    call: &'static str,
    /// `serve`: what its binary calls.
    serve: &'static str,
    /// Names that its templates have beside those of every function.
    values: Vec<(&'static str, String)>,
    /// What only a person can say, by file.
    left_to_do: &'static str,
}

impl NewFunction {
    pub(crate) fn begin(&self) -> Result<String> {
        self.check()?;
        let kind = self.kind()?;
        let Self { domain, .. } = self;
        let (snake, function, type_name) = (self.snake(), self.function(), self.type_name());
        let lib = format!("functions/{domain}/src/lib.rs");
        let manifest = format!("functions/{domain}/Cargo.toml");
        let tests = format!("tests/api/{domain}/mod.rs");

        // Everything is made before anything is written, and taken back if it does not fit: nothing is left half done.
        let feature = formatted(&self.fill(&kind.feature, &kind))?;
        let with_mod = with_line(&source::read(&tests)?, "mod ", &format!("mod {snake};"));
        let with_bin = with_bin(&source::read(&manifest)?, &function);
        let with_feature = with_feature(&source::read(&lib)?, kind.call, &snake, &type_name)?;
        let files = [
            (format!("functions/{domain}/src/bin/{function}.rs"), formatted(&self.fill(BIN, &kind))?),
            (format!("tests/api/{domain}/{snake}.rs"), formatted(&self.fill(kind.test, &kind))?),
            (lib, formatted(&with_feature)?),
            (tests, formatted(&with_mod)?),
            (manifest, with_dependencies(&with_bin, &feature)),
            (format!("functions/{domain}/src/{snake}.rs"), feature),
        ];
        let before: Vec<_> =
            files.iter().map(|(path, _)| (path, fs::read_to_string(source::path(path)).ok())).collect();
        for (path, content) in &files {
            source::write(path, content)?;
        }
        // This process was compiled without the new function. What does not compile, or what the registry refuses, fails in
        // the first of these, before it has written anything.
        let chores = ["templates", "openapi", "samples"];
        let made = chores.into_iter().try_for_each(|chore| {
            run(Command::new("cargo").args(["run", "--quiet", "--bin", "xtask", "--", chore]))
        });
        if let Err(error) = made {
            for (path, content) in before {
                match content {
                    Some(content) => source::write(path, &content)?,
                    None => {
                        fs::remove_file(source::path(path)).map_err(|error| format!("{path}: {error}"))?;
                    }
                }
            }
            return Err(format!("{error}\nwhat was written is as it was before"));
        }
        let written = files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join("\n  ");
        Ok(format!(
            "wrote\n  {written}\n  events/samples/{function}.json\n  and what is generated: templates, API reference\n\n\
            left to do\n  \
            functions/{domain}/src/{snake}.rs: {}\n  \
            tests/api/{domain}/{snake}.rs: what it does and what it refuses\n  \
            cargo run --bin xtask -- templates (openapi, samples): again, when its needs and types are right\n  \
            ./scripts/test tests says what is missing",
            kind.left_to_do.replace("{domain}", domain)
        ))
    }

    fn kind(&self) -> Result<Kind> {
        if let (Some(method), Some(path)) = (&self.method, &self.path) {
            let has_body = matches!(method.as_str(), "POST" | "PUT" | "PATCH");
            let body = has_body.then(|| format!("Json<{}Input>", self.type_name()));
            return Ok(Kind {
                trigger: format!("{method} {path}"),
                feature: if has_body { FEATURE } else { READER }.to_owned(),
                test: ROUTE_TEST,
                call: "endpoint",
                serve: "serve",
                values: [
                    ("METHOD", method.clone()),
                    ("VERB", method.to_lowercase()),
                    ("PATH", path.clone()),
                    ("SAMPLE_PATH", sample_path(path)),
                ]
                .into_iter()
                .chain(taken(path, body)?)
                .collect(),
                left_to_do: "SUMMARY, who may call (Access: of runtime, or of shared/access), what it costs (BUDGET) and takes (NEEDS), what it does\n  \
                             tests/api/{domain}/authorization.rs: its row",
            });
        }
        if let Some(event) = &self.on {
            let (event_domain, payload) = payload_of(event)?;
            return Ok(Kind {
                trigger: event.clone(),
                feature: CONSUMER.to_owned(),
                test: CONSUMER_TEST,
                call: "consumer",
                serve: "serve_consumer",
                values: vec![("EVENT_DOMAIN", event_domain), ("EVENT", payload)],
                left_to_do: QUEUE_LEFT_TO_DO,
            });
        }
        if let Some(expression) = &self.every {
            return Ok(Kind {
                trigger: expression.clone(),
                feature: SCHEDULE.to_owned(),
                test: SCHEDULE_TEST,
                call: "schedule",
                serve: "serve_schedule",
                values: vec![("EXPRESSION", expression.clone())],
                left_to_do: "what it takes on the table (NEEDS), what it does",
            });
        }
        let from = self.from.as_deref().unwrap_or_default();
        let (trigger, source, message) = match from.split_once(':') {
            Some(("created", folder)) => {
                let folder = folder.trim_end_matches('/');
                let message = json!({
                    "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created",
                    "source": "aws.s3", "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
                    "resources": ["arn:aws:s3:::lectern"],
                    "detail": {
                        "version": "0", "bucket": { "name": "lectern" },
                        "object": {
                            "key": format!("{folder}/sample"), "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184",
                            "sequencer": "0062E99A88DC407460",
                        },
                        "request-id": "sample", "requester": "000000000000", "source-ip-address": "203.0.113.7",
                        "reason": "PutObject",
                    },
                });
                (format!("files below {folder}/"), format!("Source::Created(\"{folder}\")"), message)
            }
            Some(("topic", name)) => (
                format!("the topic {name}"),
                format!("Source::Topic {{ name: \"{name}\", filter: \"{{}}\" }}"),
                json!({ "detail": {} }),
            ),
            Some(("pattern", pattern)) => (
                "what EventBridge brings".to_owned(),
                format!("Source::Pattern(r#\"{pattern}\"#)"),
                json!({ "detail": {} }),
            ),
            _ => return Err(format!("{from}: write created:FOLDER, topic:NAME or pattern:JSON")),
        };
        Ok(Kind {
            trigger,
            feature: LISTENER.to_owned(),
            test: LISTENER_TEST,
            call: "listener",
            serve: "serve_listener",
            values: vec![("SOURCE", source), ("MESSAGE", format!("{message:#}"))],
            left_to_do: "what it reads of a message, what it takes on the table (NEEDS), what it does\n  \
                         cargo run --bin xtask -- costs: an empty queue and its alarm cost something",
        })
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
        let feature = format!("functions/{}/src/{}.rs", self.domain, self.snake());
        if source::path(&feature).exists() {
            return Err(format!("{feature} exists"));
        }
        let (Some(method), Some(path)) = (&self.method, &self.path) else { return Ok(()) };
        if !path.starts_with('/') || path.ends_with('/') || path.contains(char::is_whitespace) {
            return Err(format!("{path}: write the path as /v1/things/{{thing_id}}"));
        }
        let route = format!("{method} {path}");
        let known = registry::all().endpoints;
        match known.iter().find(|entry| entry.route.to_string() == route) {
            Some(entry) => Err(format!("{route} is {}", entry.names.function())),
            None => Ok(()),
        }
    }

    fn snake(&self) -> String {
        self.verb_noun.replace('-', "_")
    }

    fn function(&self) -> String {
        format!("{}-{}", self.domain, self.verb_noun)
    }

    fn type_name(&self) -> String {
        pascal(&self.verb_noun)
    }

    fn fill(&self, template: &str, kind: &Kind) -> String {
        let own = [
            ("TRIGGER", kind.trigger.clone()),
            ("SERVE", kind.serve.to_owned()),
            ("TYPE", self.type_name()),
            ("FUNCTION", self.function()),
            ("VERB_NOUN", self.snake()),
            ("DOMAIN", self.domain.clone()),
        ];
        let values = own.iter().chain(&kind.values);
        values.fold(template.to_owned(), |text, (name, value)| text.replace(&format!("__{name}__"), value))
    }
}

/// `CoursePublished` of `course.published`, `PublishCourse` of `publish-course`.
fn pascal(name: &str) -> String {
    let words = name.split(['-', '.', '_']).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// What a feature takes from its path and as its body.
fn taken(path: &str, body: Option<String>) -> Result<[(&'static str, String); 5]> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let ids: Vec<_> = names.map(pascal).collect();
    let paths = ids.iter().map(|id| (format!("Path<{id}>"), "_".to_owned()));
    let parts: Vec<_> = paths.chain(body.map(|body| (body, "Json(input)".to_owned()))).collect();
    let both = |rest: (String, String), part: &(String, String)| {
        (format!("({}, {})", part.0, rest.0), format!("({}, {})", part.1, rest.1))
    };
    let (input, given) = match parts.split_last() {
        None => ("()".to_owned(), "_".to_owned()),
        Some((last, others)) => others.iter().rev().fold(last.clone(), both),
    };
    let path_type = if ids.is_empty() { "" } else { "Path, " };
    let (of_users, of_domains): (Vec<_>, Vec<_>) = ids.iter().partition(|id| *id == "UserId");
    let mut uses = BTreeMap::<String, Vec<&str>>::new();
    for id in of_domains {
        uses.entry(domain_of(id)?).or_default().push(id);
    }
    let line =
        |(domain, ids): (&String, &Vec<&str>)| format!("use domain::{domain}::{{{}}};\n", ids.join(", "));
    Ok([
        ("IDS", uses.iter().map(line).collect()),
        ("USER_ID", if of_users.is_empty() { String::new() } else { "UserId, ".to_owned() }),
        ("PATH_TYPE", path_type.to_owned()),
        ("INPUT", input),
        ("GIVEN", given),
    ])
}

/// The domain that declares a kind of ids.
fn domain_of(id: &str) -> Result<String> {
    let declares = |(_, ids): &(String, String)| ids.contains(&format!(" {id}, "));
    let found = in_each_domain("ids.rs")?.into_iter().find(declares).map(|(domain, _)| domain);
    found.ok_or_else(|| format!("no domain declares {id}: add it to shared/domain/src/<domain>/ids.rs first"))
}

/// The domain that tells a type of event, and the name of its payload.
fn payload_of(event: &str) -> Result<(String, String)> {
    let found = in_each_domain("events.rs")?.into_iter().find_map(|(domain, events)| {
        let (before, _) = events.split_once(&format!("const TYPE: &'static str = \"{event}\";"))?;
        let (_, payload) = before.rsplit_once("impl EventData for ")?;
        Some((domain, payload.split_whitespace().next()?.to_owned()))
    });
    found.ok_or_else(|| {
        let names: Vec<&str> = domain::event_types().map(|kind| kind.name).collect();
        format!("nothing tells {event}; there are {}", names.join(", "))
    })
}

/// What the file `name` of each domain says, if it has one.
fn in_each_domain(name: &str) -> Result<Vec<(String, String)>> {
    let domains = fs::read_dir(source::path("shared/domain/src")).map_err(|error| error.to_string())?;
    let file = |domain: fs::DirEntry| {
        let text = fs::read_to_string(domain.path().join(name)).ok()?;
        Some((domain.file_name().to_string_lossy().into_owned(), text))
    };
    Ok(domains.flatten().filter_map(file).collect())
}

/// A path with something in the place of every parameter.
fn sample_path(path: &str) -> String {
    let fill = |part: &str| if part.starts_with('{') { "none".to_owned() } else { part.to_owned() };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
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

/// Adds the feature's module, and its place in the registry: among those of its kind, or at the end.
fn with_feature(lib: &str, call: &str, snake: &str, type_name: &str) -> Result<String> {
    let lib = with_line(lib, "pub mod ", &format!("pub mod {snake};"));
    let prefix = format!(".{call}::<");
    let call = format!("{prefix}{snake}::{type_name}>()");
    let start = "Registry::default()";
    let first = lib.find(start).ok_or("lib.rs has no Registry::default()")? + start.len();
    let mut place = match lib.find(&prefix) {
        Some(place) => place,
        None if prefix == ".endpoint::<" => first,
        None => lib[first..].find(".about(").map_or(first, |about| first + about),
    };
    for (at, _) in lib.match_indices(&prefix) {
        if lib[at..] < call[..] {
            place = at + lib[at..].find("()").map_or(0, |end| end + 2);
        }
    }
    Ok(format!("{}{call}{}", &lib[..place], &lib[place..]))
}

/// Adds what a feature uses and its package does not yet.
fn with_dependencies(manifest: &str, feature: &str) -> String {
    let used = feature.lines().filter_map(|line| line.strip_prefix("use ")?.split("::").next());
    used.fold(manifest.to_owned(), |manifest, name| {
        let line = format!("{name}.workspace = true");
        let Some((before, rest)) = manifest.split_once("[dependencies]\n") else { return manifest };
        let (own, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
        let mut lines: Vec<&str> = own.lines().collect();
        let is_there = lines.iter().any(|other| other.split(['.', ' ']).next() == Some(name));
        if is_there || ["std", "crate"].contains(&name) {
            return manifest;
        }
        lines.push(&line);
        lines.sort_unstable();
        format!("{before}[dependencies]\n{}\n\n{after}", lines.join("\n"))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_registrations_keep_their_order() {
        let lib =
            "pub mod a;\npub mod c;\nmod z;\n\nRegistry::default().endpoint::<a::A>().endpoint::<c::C>()\n";
        for (snake, type_name) in [("b", "B"), ("aa", "Aa"), ("d", "D")] {
            let text = with_feature(lib, "endpoint", snake, type_name).unwrap();
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
    fn what_stands_in_the_path_is_taken_by_its_type() {
        let taken = |path: &str, body: Option<&str>| {
            taken(path, body.map(str::to_owned)).unwrap().map(|(_, text)| text).join("|")
        };
        assert_eq!(taken("/v1/things", None), "|||()|_");
        assert_eq!(taken("/v1/things", Some("Json<Thing>")), "|||Json<Thing>|Json(input)");
        let of_course = "use domain::catalog::{CourseId};\n";
        assert_eq!(taken("/v1/courses/{course_id}", None), format!("{of_course}||Path, |Path<CourseId>|_"));
        let input = "(Path<CourseId>, (Path<UserId>, Json<Thing>))|(_, (_, Json(input)))";
        assert_eq!(
            taken("/v1/courses/{course_id}/people/{user_id}", Some("Json<Thing>")),
            format!("{of_course}|UserId, |Path, |{input}")
        );
    }

    /// What code takes from `domain`: the module and the name.
    fn taken_from_domain(code: &str) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        for used in code.split("use domain::").skip(1).filter_map(|rest| rest.split(';').next()) {
            let (module, names) = used.split_once("::").unwrap();
            match module.strip_prefix('{') {
                None => {
                    let names = names.trim_matches(['{', '}']).split(", ");
                    taken.extend(names.map(|name| (module.to_owned(), name.to_owned())));
                }
                Some(_) => {
                    let paths = used.trim_matches(['{', '}']).split(", ");
                    let pairs = paths.map(|path| path.split_once("::").unwrap());
                    taken.extend(pairs.map(|(module, name)| (module.to_owned(), name.to_owned())));
                }
            }
        }
        taken
    }

    fn offers(module: &str, name: &str) -> bool {
        let folder = source::read(&format!("shared/domain/src/{module}/mod.rs"));
        let code = folder.or_else(|_| source::read(&format!("shared/domain/src/{module}.rs"))).unwrap();
        let mut offered = code.split("\npub ").skip(1).filter_map(|item| item.split([';', '{']).next());
        let mut used = code.split("\npub use ").skip(1).filter_map(|item| item.split(';').next());
        let has = |item: &str| item.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        offered.any(has) || used.any(has)
    }

    #[test]
    fn what_a_new_function_takes_from_the_domain_is_there() {
        let none = || NewFunction {
            domain: "catalog".to_owned(),
            verb_noun: "try-it".to_owned(),
            method: None,
            path: None,
            on: None,
            every: None,
            from: None,
        };
        let route = |method: &str| NewFunction {
            method: Some(method.to_owned()),
            path: Some("/v1/courses/{course_id}/lessons/{lesson_id}/people/{user_id}".to_owned()),
            ..none()
        };
        let mut functions = vec![
            route("GET"),
            route("POST"),
            NewFunction { every: Some("rate(1 day)".to_owned()), ..none() },
            NewFunction { from: Some("created:covers".to_owned()), ..none() },
        ];
        let events = domain::event_types();
        functions.extend(events.map(|kind| NewFunction { on: Some(kind.name.to_owned()), ..none() }));
        let mut found = 0;
        for function in functions {
            let kind = function.kind().unwrap();
            for (module, name) in taken_from_domain(&function.fill(&kind.feature, &kind)) {
                assert!(offers(&module, &name), "{}: domain::{module} has no public {name}", kind.trigger);
                found += 1;
            }
        }
        assert_eq!(found, 4 + 2 * domain::event_types().count());
        assert!(!offers("event", "CoursePublished") && !offers("catalog", "EVENTS"));
    }

    #[test]
    fn an_event_that_nothing_tells_is_refused_with_those_that_there_are() {
        let refused = payload_of("course.eaten").unwrap_err();
        assert!(
            refused.contains("course.eaten; there are") && refused.contains("course.published"),
            "{refused}"
        );
    }

    #[test]
    fn an_id_that_no_domain_declares_is_asked_for() {
        let refused = taken("/v1/things/{thing_id}", None).unwrap_err();
        assert!(refused.contains("ThingId") && refused.contains("ids.rs"), "{refused}");
    }

    #[test]
    fn the_first_of_its_kind_comes_after_the_others() {
        let lib = "pub mod a;\n\nRegistry::default()\n.endpoint::<a::A>()\n.about(NAME, TEXT)\n";
        let text = with_feature(lib, "schedule", "tick", "Tick").unwrap();
        assert!(text.contains("<a::A>()\n.schedule::<tick::Tick>().about("), "{text}");
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
    fn a_package_gets_what_a_feature_uses_once() {
        let manifest =
            "[package]\n\n[dependencies]\nkernel.workspace = true\nserde = { workspace = true }\n\n[lints]\n";
        let feature = "use std::fmt;\nuse kernel::Result;\nuse domain::{\n    event::Event,\n};\nuse serde::Serialize;\n";
        let text = with_dependencies(manifest, feature);
        let wanted = "[dependencies]\ndomain.workspace = true\nkernel.workspace = true\nserde = { workspace = true }\n\n[lints]\n";
        assert!(text.ends_with(wanted), "{text}");
        assert_eq!(with_dependencies(&text, feature), text);
    }
}
