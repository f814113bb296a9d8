//! The local cloud as a child process on a free port with data of its own.

use std::{
    future,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::Value;
use smoke::{Api, Letters, SchoolDay, Taken};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};

pub(crate) struct Server {
    child: Child,
    /// What it has written since it was ready, read all the time: it stops where nobody takes its lines.
    log: JoinHandle<Vec<String>>,
    pub(crate) url: String,
    pub(crate) api: Api,
}

/// A new folder below the target directory, so that nothing is left elsewhere.
pub(crate) fn data_dir() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let dir = target_dir().join(format!("e2e-data-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn target_dir() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().to_owned()
}

async fn rest(mut lines: Lines<BufReader<ChildStdout>>) -> Vec<String> {
    let mut log = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        log.push(line);
    }
    log
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(crate) async fn start(data: &Path, more: &[&str]) -> Self {
        let program = target_dir().join("local");
        assert!(program.exists(), "{} is missing: cargo build --bin local", program.display());
        let mut child = Command::new(program)
            .args(["--port", "0", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut url = String::new();
        loop {
            let line = lines.next_line().await.unwrap().expect("it ends before it is ready");
            let line = line.trim_start();
            if let Some(home) = line.strip_prefix("home") {
                home.trim().clone_into(&mut url);
            }
            if line.starts_with("stop") {
                let api = Api::new(&url);
                return Self { child, log: tokio::spawn(rest(lines)), url, api };
            }
        }
    }

    /// Stops it as Ctrl-C does and returns its exit code.
    pub(crate) async fn interrupt(self) -> i32 {
        self.stop().await.0
    }

    /// As [`Self::interrupt`], with the lines that it wrote since it was ready.
    pub(crate) async fn stop(mut self) -> (i32, Vec<String>) {
        let pid = self.child.id().expect("running").to_string();
        let killed = Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
        assert!(killed.success());
        let exit = self.child.wait().await.unwrap().code().expect("an exit, not a signal");
        (exit, self.log.await.unwrap())
    }

    /// Ends it as a power cut does: it learns nothing of it.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Its mails.
    pub(crate) fn letters(&self) -> Letters {
        Letters::at(&format!("{}/mailbox.json", self.url))
    }

    /// Goes through a school day, and looks at what came of it before it is taken back.
    pub(crate) async fn school_day(&self, admin: &str, look: impl AsyncFnOnce(&Taken)) -> Taken {
        let day = SchoolDay { api: &self.api, admin, letters: Some(self.letters()) };
        let look = async |taken: &Taken| {
            look(taken).await;
            Ok(())
        };
        day.go(|_| (), future::pending(), look).await.unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Sends a request and returns the JSON of an answer with the expected status.
    pub(crate) async fn call(
        &self,
        route: &str,
        token: Option<&str>,
        body: Option<Value>,
        status: u16,
    ) -> Value {
        self.api.call(route, token, body.as_ref(), status).await.unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// The token in the mail to `email` that leads to `page`, once the mail is there. Nobody waits long for it here, and
    /// the test's own limit ends waiting for one that never comes.
    pub(crate) async fn token_mailed_to(&self, email: &str, page: &str) -> String {
        let link = format!("{}{page}#", self.url);
        loop {
            let mails = reqwest::get(format!("{}/mailbox.json", self.url)).await.unwrap();
            let mails: Value = serde_json::from_slice(&mails.bytes().await.unwrap()).unwrap();
            let mut texts = mails.as_array().unwrap().iter().filter(|mail| mail["to"][0] == email);
            let found = texts.find_map(|mail| mail["text"].as_str().unwrap().split_once(&link));
            if let Some((_, rest)) = found {
                return rest.split_whitespace().next().unwrap().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Signs in with one of the logins in `demo.json`.
    pub(crate) async fn sign_in(&self, data: &Path, role: &str) -> String {
        let demo = std::fs::read_to_string(data.join("demo.json")).expect("a seeded school has logins");
        let login = &serde_json::from_str::<Value>(&demo).unwrap()[role];
        self.api.sign_in(login["email"].as_str().unwrap(), login["password"].as_str().unwrap()).await.unwrap()
    }
}
