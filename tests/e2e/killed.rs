//! The process is killed at any moment, and nothing that was committed is lost.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use smoke::{Api, Login};
use tests::text;
use tokio::task::JoinSet;

use crate::server::{Server, data_dir};

const SEED: u64 = 20_261_121;
const KILLS: usize = 20;
const LEARNERS: usize = 20;
const COURSES: usize = 10;
const COMPLETIONS: usize = LEARNERS * COURSES;
/// Completions on their way when the process is killed.
const AT_ONCE: usize = 10;
/// At most so many requests between the last answer that is waited for and the end, while the events come some way.
const STEPS: usize = 30;

/// xorshift: replays from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// A learner who is about to complete a course, by its one lesson.
#[derive(Clone)]
struct Completion {
    token: String,
    lesson: String,
}

impl Completion {
    /// Itself, if no answer came.
    async fn make(self, api: Api) -> Option<Self> {
        let route = format!("POST /v1/lessons/{}/complete", self.lesson);
        api.call(&route, Some(&self.token), None, 200).await.err().map(|_| self)
    }
}

/// A school with all courses and all learners, enrolled in each.
async fn school(data: &Path) -> (Vec<String>, Vec<Completion>) {
    let server = Server::start(data, &["--no-seed"]).await;
    let author = Login::new().unwrap();
    let (_, token) = server.api.register(&author, "Ada").await.unwrap();
    server.letters().confirm(&server.api, &author.email, &token).await.unwrap();
    assert_eq!(server.interrupt().await, 0);
    let server = Server::start(data, &["--no-seed", "--admin", &author.email]).await;
    let author = server.api.sign_in(&author.email, &author.password).await.unwrap();

    let mut courses = Vec::new();
    for number in 1..=COURSES {
        let make = async |route: String, body: Value| {
            text(&server.call(&route, Some(&author), Some(body), 201).await, "id")
        };
        let draft =
            json!({ "title": format!("Course {number}"), "description": "All of it.", "level": "beginner" });
        let course = make("POST /v1/courses".to_owned(), draft).await;
        let module = make(format!("POST /v1/courses/{course}/modules"), json!({ "title": "One" })).await;
        let lesson = json!({ "title": "One", "content_type": "text", "content": "# One" });
        let lesson = make(format!("POST /v1/modules/{module}/lessons"), lesson).await;
        server.call(&format!("POST /v1/courses/{course}/publish"), Some(&author), None, 200).await;
        courses.push((course, lesson));
    }
    let (mut learners, mut completions) = (Vec::new(), Vec::new());
    for _ in 0..LEARNERS {
        let login = Login::new().unwrap();
        let (_, token) = server.api.register(&login, "Lena").await.unwrap();
        server.letters().confirm(&server.api, &login.email, &token).await.unwrap();
        for (course, lesson) in &courses {
            server.call(&format!("POST /v1/courses/{course}/enroll"), Some(&token), None, 201).await;
            completions.push(Completion { token: token.clone(), lesson: lesson.clone() });
        }
        learners.push(token);
    }
    server.kill().await;
    (learners, completions)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_killed_at_twenty_moments_of_two_hundred_completions_it_loses_none_and_mails_none_twice() {
    println!("seed {SEED}");
    let mut random = Random(SEED);
    let data = data_dir();
    let (learners, mut open) = school(&data).await;
    for n in (1..open.len()).rev() {
        open.swap(n, random.below(n + 1));
    }

    for kill in 1..=KILLS {
        let server = Server::start(&data, &["--no-seed"]).await;
        let mut answers = JoinSet::new();
        for completion in open.split_off(open.len() - AT_ONCE.min(open.len())) {
            answers.spawn(completion.make(server.api.clone()));
        }
        let (waits, steps) = (random.below(AT_ONCE + 1), random.below(STEPS));
        for _ in 0..waits {
            let answer = answers.join_next().await.map(Result::unwrap);
            assert!(answer.flatten().is_none(), "a completion is refused before the process is killed");
        }
        for _ in 0..steps {
            server.call("GET /v1/health", None, None, 200).await;
        }
        server.kill().await;
        open.extend(answers.join_all().await.into_iter().flatten());
        let waiting = fs::read_dir(data.join("queues")).unwrap().count();
        println!(
            "kill {kill} after {waits} answers and {steps} steps: {} completions open, {waiting} messages",
            open.len()
        );
    }

    let server = Server::start(&data, &["--no-seed"]).await;
    for completion in open {
        assert!(completion.make(server.api.clone()).await.is_none());
    }
    // It delivers what waits before it stops.
    assert_eq!(server.interrupt().await, 0);
    let server = Server::start(&data, &["--no-seed"]).await;
    let mut numbers = Vec::new();
    for token in &learners {
        let own = server.call("GET /v1/me/certificates?limit=100", Some(token), None, 200).await;
        for certificate in own["items"].as_array().unwrap() {
            assert_eq!(certificate["status"], "ready", "{certificate}");
            server.api.download(&text(certificate, "pdf_url")).await.unwrap();
            numbers.push(text(certificate, "certificate_no"));
        }
    }
    numbers.sort();
    let counts: Vec<usize> =
        numbers.iter().map(|number| number.rsplit('-').next().unwrap().parse().unwrap()).collect();
    assert_eq!(
        counts,
        (1..=COMPLETIONS).collect::<Vec<_>>(),
        "one certificate each, and no number is missing"
    );

    let mut mails: BTreeMap<(String, String), usize> = BTreeMap::new();
    for mail in server.letters().all().await.unwrap() {
        let subject = text(&mail, "subject");
        if subject.starts_with("Your certificate") {
            *mails.entry((mail["to"].to_string(), subject)).or_default() += 1;
        }
    }
    assert_eq!((mails.len(), mails.values().sum()), (COMPLETIONS, COMPLETIONS), "one mail each: {mails:?}");
    assert_eq!(server.interrupt().await, 0);
    let left: Vec<_> = fs::read_dir(data.join("queues")).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(
        left.iter().all(|file| file.ends_with("unfinished")),
        "no message is left, nor a dead letter: {left:?}"
    );
    fs::remove_dir_all(data).unwrap();
}
