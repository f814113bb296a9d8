//! Who calls which route to make the school.

use std::{collections::HashMap, time::Duration};

use admin::first_admin::{find_account, grant_first_admin};
use kernel::{Clock, Error, SystemClock};
use objects::Objects;
use runtime::App;
use serde_json::{Value, json};
use store::keys;

use super::{
    caller::Caller,
    clock::{DAY, SeedClock},
    content::{Content, Course, Person},
    film::{self, Card},
    history::{self, Deed, Offer},
    progress::Progress,
};
use crate::{
    Failure,
    demo::{Demo, Login},
    pump::Pump,
};

/// Everybody's password: this school is for looking at.
const PASSWORD: &str = "lectern-demo-2026";

pub(super) struct Seeder<'a> {
    app: &'a App,
    caller: Caller<'a>,
    clock: &'a SeedClock,
    content: &'a Content,
    progress: Progress,
    /// What AWS does meanwhile.
    pub(super) pump: Pump,
}

struct Account {
    id: String,
    token: String,
}

/// A course as it was made.
struct Made {
    id: String,
    lessons: Vec<Lesson>,
}

/// What a learner does in a course.
enum Lesson {
    Text(String),
    /// Of so many seconds.
    Film(String, u32),
}

impl<'a> Seeder<'a> {
    pub(super) fn new(
        app: &'a App,
        caller: Caller<'a>,
        clock: &'a SeedClock,
        content: &'a Content,
        pump: Pump,
    ) -> Self {
        let progress = Progress::new(content.people_count() + content.courses.len());
        Self { app, caller, clock, content, progress, pump }
    }

    pub(super) async fn run(&mut self) -> Result<Demo, Failure> {
        let content = self.content;
        let people = &content.people;
        self.progress.stage("staff");
        let admin = self.admin(&people.admin).await?;
        let mut instructors = HashMap::new();
        for (n, instructor) in (1..).zip(&people.instructors) {
            self.clock.set(self.clock.after_opening(n * 5 * 3600));
            let account = self.instructor(&admin, &instructor.person).await?;
            instructors.insert(instructor.key.as_str(), account);
        }
        let categories = self.categories(&admin).await?;

        self.progress.stage("courses");
        let mut made = Vec::new();
        for (n, course) in self.content.courses.iter().enumerate() {
            let author = instructors.get(course.instructor.as_str()).ok_or("a course has no instructor")?;
            self.clock.set(self.clock.after_opening(history::publication(n)));
            made.push(self.course(author, &categories, course).await?);
            self.progress.step();
        }

        self.progress.stage("learners");
        for (n, learner) in people.learners.iter().enumerate() {
            self.learner(n, learner, &made).await?;
        }

        let login = |person: Option<&Person>| -> Result<Login, Failure> {
            let email = person.ok_or("the demo school lacks somebody")?.email.clone();
            Ok(Login { email, password: PASSWORD.to_owned() })
        };
        Ok(Demo {
            admin: login(Some(&people.admin))?,
            instructor: login(people.instructors.first().map(|instructor| &instructor.person))?,
            learner: login(people.learners.first())?,
        })
    }

    async fn post(&self, account: &Account, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        self.caller.send("POST", path, Some(&account.token), body).await
    }

    async fn register(&self, person: &Person) -> Result<Account, Failure> {
        let body = json!({
            "email": person.email,
            "password": PASSWORD,
            "first_name": person.first_name,
            "last_name": person.last_name,
        });
        let made = self.caller.send("POST", "/v1/auth/register", None, Some(&body)).await?;
        let account = Account { id: text(&made["user"], "id")?, token: text(&made, "access_token")? };
        let mut profile = json!({ "headline": person.headline });
        if !person.bio.is_empty() {
            profile["bio"] = json!(person.bio);
        }
        self.caller.send("PATCH", "/v1/me", Some(&account.token), Some(&profile)).await?;
        self.confirm(person).await.map_err(|error| error.to_string())?;
        self.progress.step();
        Ok(account)
    }

    /// Nobody reads these people's mail, so the table is told that their addresses are theirs.
    async fn confirm(&self, person: &Person) -> Result<(), Error> {
        let school = self.app.config.school_of_host("localhost");
        let mut account = find_account(&self.app.store, &school, &person.email).await?;
        account.value.email_verified = true;
        let mut change = self.app.store.transaction(&school);
        change.replace(&keys::user(&school, account.value.id), &account.value, account.rev);
        change.commit().await
    }

    async fn admin(&self, person: &Person) -> Result<Account, Failure> {
        let account = self.register(person).await?;
        let school = self.app.config.school_of_host("localhost");
        let granted = async {
            let found = find_account(&self.app.store, &school, &person.email).await?;
            grant_first_admin(&self.app.store, &school, found).await
        };
        granted.await.map_err(|error: Error| error.to_string())?;
        Ok(account)
    }

    async fn instructor(&self, admin: &Account, person: &Person) -> Result<Account, Failure> {
        let account = self.register(person).await?;
        let path = format!("/v1/admin/users/{}/roles", account.id);
        let roles = json!({ "roles": ["student", "instructor"] });
        self.caller.send("PUT", &path, Some(&admin.token), Some(&roles)).await?;
        Ok(account)
    }

    /// Ids by slug.
    async fn categories(&self, admin: &Account) -> Result<HashMap<String, String>, Failure> {
        let mut ids = HashMap::new();
        for (n, category) in self.content.categories.iter().enumerate() {
            let mut body = category.clone();
            body["sort_order"] = json!(n + 1);
            let made = self.post(admin, "/v1/admin/categories", Some(&body)).await?;
            ids.insert(text(category, "slug")?, text(&made, "id")?);
        }
        Ok(ids)
    }

    async fn course(
        &mut self,
        author: &Account,
        categories: &HashMap<String, String>,
        course: &Course,
    ) -> Result<Made, Failure> {
        let mut body = course.body.clone();
        let category = categories.get(&course.category).ok_or("a course has no category")?;
        body.insert("category_id".to_owned(), json!(category));
        let id = text(&self.post(author, "/v1/courses", Some(&body.into())).await?, "id")?;
        let mut lessons = Vec::new();
        for module in &course.modules {
            let body = json!({ "title": module.title, "description": module.description });
            let made = self.post(author, &format!("/v1/courses/{id}/modules"), Some(&body)).await?;
            let path = format!("/v1/modules/{}/lessons", text(&made, "id")?);
            for lesson in &module.lessons {
                if !lesson.cards.is_empty() && !film::can_be_made() {
                    continue;
                }
                let made = self.post(author, &path, Some(&lesson.body.clone().into())).await?;
                let id = text(&made, "id")?;
                lessons.push(if lesson.cards.is_empty() {
                    Lesson::Text(id)
                } else {
                    Lesson::Film(self.film(author, &id, &lesson.cards).await?, film::seconds(&lesson.cards))
                });
            }
        }
        self.post(author, &format!("/v1/courses/{id}/publish"), None).await?;
        Ok(Made { id, lessons })
    }

    /// Sends a lesson's film as its author would, and waits until it can be watched.
    async fn film(&mut self, author: &Account, lesson: &str, cards: &[Card]) -> Result<String, Failure> {
        let film =
            film::made(&std::env::temp_dir().join(format!("lectern-film-{}", std::process::id())), cards)?;
        let body = json!({ "filename": "film.mp4", "size_bytes": film.len(), "content_type": "video/mp4" });
        let begun = self.post(author, &format!("/v1/lessons/{lesson}/video"), Some(&body)).await?;
        let video = text(&begun, "video_id")?;
        // Nobody is there yet to follow the link.
        let object = format!("uploads/{}/{video}", self.app.config.school_of_host("localhost"));
        let sent = async { self.app.service::<Objects>().await?.put(&object, "video/mp4", film).await };
        sent.await.map_err(|error: Error| error.to_string())?;
        let path = format!("/v1/videos/{video}");
        loop {
            self.pump.drain().await;
            let shown = self.caller.get(&path, Some(&author.token)).await?;
            match shown["status"].as_str() {
                Some("ready") => break,
                Some("failed") => return Err(format!("the demo school's film: {}", shown["failure_reason"])),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        let captions = json!({ "language": "en", "label": "English", "webvtt": film::captions(cards) });
        self.post(author, &format!("{path}/captions"), Some(&captions)).await?;
        Ok(video)
    }

    /// Watches a film from its beginning.
    async fn watch(&self, learner: &Account, video: &str, seconds: u32) -> Result<(), Failure> {
        let body = json!({ "watched": [[0, seconds]], "position_seconds": seconds, "rendition": 720 });
        self.post(learner, &format!("/v1/videos/{video}/progress"), Some(&body)).await.map(drop)
    }

    async fn learner(&self, n: usize, person: &Person, made: &[Made]) -> Result<(), Failure> {
        let today = (SystemClock.now().millis() - self.clock.after_opening(0).millis()) / 1000;
        let offers: Vec<Offer> = made
            .iter()
            .zip(&self.content.courses)
            .enumerate()
            .filter(|(_, (_, content))| content.is_free())
            .map(|(course, (made, _))| Offer {
                course,
                published_at: history::publication(course),
                lessons: made.lessons.len(),
            })
            .collect();
        let deeds = history::deeds(n, self.content.people.learners.len(), &offers, today);
        let arrival = deeds.first().map_or(today - DAY, |(at, _)| at - 600);
        self.clock.set(self.clock.after_opening(arrival));
        let learner = self.register(person).await?;
        for (at, deed) in deeds {
            self.clock.set(self.clock.after_opening(at));
            self.act(&learner, made, deed).await?;
        }
        Ok(())
    }

    async fn act(&self, learner: &Account, made: &[Made], deed: Deed) -> Result<(), Failure> {
        match deed {
            Deed::Enroll { course } => {
                self.post(learner, &format!("/v1/courses/{}/enroll", made[course].id), None).await?;
            }
            Deed::Read { course, lesson, percent } => match &made[course].lessons[lesson] {
                Lesson::Text(id) => {
                    let (path, body) = (format!("/v1/lessons/{id}/progress"), json!({ "percent": percent }));
                    self.caller.send("PUT", &path, Some(&learner.token), Some(&body)).await?;
                }
                Lesson::Film(id, seconds) => {
                    let watched = (seconds * u32::from(percent) / 100).max(1);
                    self.watch(learner, id, watched).await?;
                }
            },
            Deed::Complete { course, lesson } => match &made[course].lessons[lesson] {
                Lesson::Text(id) => {
                    self.post(learner, &format!("/v1/lessons/{id}/complete"), None).await?;
                }
                Lesson::Film(id, seconds) => self.watch(learner, id, *seconds).await?,
            },
        }
        Ok(())
    }
}

fn text(value: &Value, name: &str) -> Result<String, Failure> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| format!("an answer has no {name}"))
}
