//! Canaries (R29, R32): every password, token, address and name that a test types or is given is one. None may turn up in
//! a log line, no password and no token in the table, neither of them nor an address in an event, and nothing of one
//! school in an item of another. Looked at after every request and once more when the app ends, in every test without
//! asking.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError},
};

use kernel::School;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

/// What a canary is, from the one that may be seen least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Password,
    Token,
    Address,
    Name,
}

/// The members of bodies and events that are canaries.
const MEMBERS: [(&str, Kind); 12] = [
    ("password", Kind::Password),
    ("current", Kind::Password),
    ("new", Kind::Password),
    ("access_token", Kind::Token),
    ("refresh_token", Kind::Token),
    ("token", Kind::Token),
    ("email", Kind::Address),
    ("first_name", Kind::Name),
    ("last_name", Kind::Name),
    ("learner_name", Kind::Name),
    ("instructor_name", Kind::Name),
    ("display_name", Kind::Name),
];

/// Shorter passwords and names are found everywhere.
const SHORTEST_PASSWORD: usize = 6;
const SHORTEST_NAME: usize = 3;
/// The end of a token, which proves it, is as good as the whole.
const SHORTEST_TOKEN: usize = 20;
const PROOF: usize = 43;

/// Where something was written.
#[derive(Debug)]
enum Place {
    Log,
    Item(String),
    Event(String),
    Message,
}

#[derive(Debug, Default)]
struct State {
    /// Words that are looked up, with the schools that know them.
    words: BTreeMap<String, (Kind, BTreeSet<String>)>,
    /// May have blanks in them, so they are searched for.
    passwords: BTreeSet<String>,
    written: Vec<(Place, String)>,
    /// So much of what was written, and of the log, was looked at.
    looked_at: usize,
    lines: usize,
}

/// The canaries of an app. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Canaries(Arc<Mutex<State>>);

impl Canaries {
    pub(crate) fn new() -> Self {
        listen();
        let canaries = Self::default();
        canaries.state().lines = log().len();
        canaries
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes `text` a canary that `school` knows.
    pub(crate) fn learn(&self, school: &School, kind: Kind, text: &str) {
        let mut state = self.state();
        let words: Vec<String> = match kind {
            // With a `#` in it, it may be a hostile request's piece of a key, which many items hold.
            Kind::Password if text.chars().count() >= SHORTEST_PASSWORD && !text.contains('#') => {
                state.passwords.insert(text.to_owned());
                return;
            }
            Kind::Password => return,
            Kind::Token => proofs(text).last().map(str::to_owned).into_iter().collect(),
            Kind::Address => {
                [text.to_owned(), text.to_lowercase()].iter().flat_map(|text| addresses(text)).collect()
            }
            Kind::Name => names(text).map(str::to_owned).collect(),
        };
        for word in words {
            let known = state.words.entry(word).or_insert((kind, BTreeSet::new()));
            known.0 = known.0.max(kind);
            known.1.insert(school.to_string());
        }
    }

    /// Learns what `others` know.
    pub(crate) fn learn_from(&self, others: &Self) {
        let others = others.state();
        let mut state = self.state();
        state.words.extend(others.words.clone());
        state.passwords.extend(others.passwords.iter().cloned());
    }

    /// The school that knows a token.
    pub(crate) fn school_of(&self, token: &str) -> Option<School> {
        let state = self.state();
        let (_, schools) = state.words.get(proofs(token).last()?)?;
        schools.first()?.parse().ok()
    }

    /// Learns what a body or an event holds of these kinds.
    pub(crate) fn learn_of(&self, school: &School, json: &Value, kinds: &[Kind]) {
        match json {
            Value::Array(items) => items.iter().for_each(|item| self.learn_of(school, item, kinds)),
            Value::Object(members) => {
                for (name, member) in members {
                    let kind = MEMBERS.iter().find(|(known, kind)| known == name && kinds.contains(kind));
                    match (kind, member) {
                        (Some((_, kind)), Value::String(text)) => self.learn(school, *kind, text),
                        _ => self.learn_of(school, member, kinds),
                    }
                }
            }
            _ => {}
        }
    }

    /// Remembers what a call to a service writes.
    pub(crate) fn note(&self, operation: &str, body: &[u8]) {
        let is_write = ["dynamodb:TransactWriteItems", "dynamodb:PutItem", "dynamodb:UpdateItem"];
        if operation == "sqs:SendMessageBatch" {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let entries = body["Entries"].as_array().into_iter().flatten();
            let messages = entries.filter_map(|entry| entry["MessageBody"].as_str());
            self.state().written.extend(messages.map(|text| (Place::Message, text.to_owned())));
        } else if is_write.contains(&operation) {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let actions = body["TransactItems"].as_array().into_iter().flatten();
            let items = actions.filter_map(|action| action.as_object()?.values().next());
            self.state().written.extend(items.chain([&body]).filter_map(written));
        }
    }

    /// Checks what was written since the last time.
    ///
    /// # Panics
    /// A canary is where it must not be.
    #[track_caller]
    pub(crate) fn check(&self) {
        let mut state = self.state();
        let lines = log();
        let new: Vec<String> = lines[state.lines..].to_vec();
        state.lines = lines.len();
        drop(lines);
        state.written.extend(new.into_iter().map(|line| (Place::Log, line)));
        let from = std::mem::replace(&mut state.looked_at, usize::MAX).min(state.written.len());
        state.looked_at = state.written.len();
        let leak = state.written[from..].iter().find_map(|(place, text)| state.leak(place, text));
        // Held no longer, since a panic would poison it for the end of the app.
        drop(state);
        assert!(leak.is_none(), "{}", leak.unwrap_or_default());
    }

    /// Checks everything again: some canaries become known long after they were written, as the token in a mail.
    ///
    /// # Panics
    /// A canary is where it must not be.
    pub(crate) fn check_all(&self) {
        self.state().looked_at = 0;
        self.check();
    }
}

impl State {
    /// What `text` tells that must not be told there.
    fn leak(&self, place: &Place, text: &str) -> Option<String> {
        let told = |kind: Kind, what: &str| {
            let place = match place {
                Place::Log => "a log line".to_owned(),
                Place::Item(school) => format!("an item of the school {school}"),
                Place::Event(school) => format!("an event of the school {school}"),
                Place::Message => "a message".to_owned(),
            };
            format!("{place} holds the {kind:?} {what:?}: {text}")
        };
        if let Some(password) = self.passwords.iter().find(|password| text.contains(password.as_str())) {
            return Some(told(Kind::Password, password));
        }
        let words =
            proofs(text).map(str::to_owned).chain(addresses(text)).chain(names(text).map(str::to_owned));
        for word in words {
            let Some((kind, schools)) = self.words.get(&word) else { continue };
            let may = match (place, kind) {
                (Place::Item(_) | Place::Event(_), Kind::Password | Kind::Token) => false,
                (Place::Event(_) | Place::Message, Kind::Address) => false,
                (Place::Item(school) | Place::Event(school), _) => schools.contains(school),
                (Place::Message, kind) => *kind == Kind::Name,
                (Place::Log, _) => false,
            };
            if !may {
                return Some(told(*kind, &word));
            }
        }
        None
    }
}

/// What one write puts into the table: its values as text, and where.
fn written(write: &Value) -> Option<(Place, String)> {
    let key = write.get("Item").or_else(|| write.get("Key"))?;
    let school = key["PK"]["S"].as_str()?.strip_prefix("S#")?.split('#').next()?.to_owned();
    let mut text = String::new();
    for part in ["Item", "Key", "ExpressionAttributeValues"] {
        collect(&write[part], &mut text);
    }
    // A body is JSON, in which the escape of a line break would stick to the word behind it.
    if let Some(body) = key["b"]["S"].as_str() {
        collect(&serde_json::from_str(body).unwrap_or_default(), &mut text);
    }
    let place = if key["et"]["S"] == "event" { Place::Event(school) } else { Place::Item(school) };
    Some((place, text))
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(value) => {
            text.push_str(value);
            text.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(members) => members.values().for_each(|member| collect(member, text)),
        _ => {}
    }
}

/// The ends of what may be tokens.
fn proofs(text: &str) -> impl Iterator<Item = &str> {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let runs = text.split(move |c| !is_of_token(c)).filter(|run| run.len() >= SHORTEST_TOKEN);
    runs.map(|run| &run[run.len().saturating_sub(PROOF)..])
}

/// What looks like a mail address.
fn addresses(text: &str) -> Vec<String> {
    let is_of_address = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '%');
    let around = |(at, _): (usize, &str)| {
        let before = text[..at]
            .rfind(|c| !is_of_address(c))
            .map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
        let after = &text[at + 1..];
        let after = &after[..after.find(|c| !is_of_address(c)).unwrap_or(after.len())];
        format!("{}@{}", &text[before..at], after.trim_end_matches('.'))
    };
    text.match_indices('@').map(around).filter(|address| address.len() > 2).collect()
}

/// The words of a name, and all that could be one: hostile tests are called `main`, or `1`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let is_name = |first: char| first.is_alphabetic() && !first.is_lowercase();
    // Capitals alone are what keys are made of.
    let is_of_a_key = |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_long = |word: &str| word.chars().count() >= SHORTEST_NAME;
    words.filter(move |word| is_long(word) && word.starts_with(is_name) && !is_of_a_key(word))
}

/// All lines that this process logged.
fn log() -> MutexGuard<'static, Vec<String>> {
    static LINES: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what a Lambda would log: everything from INFO on, of our code and of others'.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_ansi(false);
        let lines = lines.without_time().with_writer(Lines).finish();
        tracing::subscriber::set_global_default(lines).expect("nobody else listens in a test");
    });
}

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        log().push(String::from_utf8_lossy(line).into_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
