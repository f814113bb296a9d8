//! What the demo school consists of: the files under `seed/`, inside this binary.

use include_dir::{Dir, include_dir};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::film::Card;
use crate::Failure;

static SEED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/seed");

/// Everybody and everything.
pub(super) struct Content {
    pub(super) people: People,
    /// Bodies of `create_category`.
    pub(super) categories: Vec<Value>,
    /// In order of publication.
    pub(super) courses: Vec<Course>,
}

#[derive(Deserialize)]
pub(super) struct People {
    pub(super) admin: Person,
    pub(super) instructors: Vec<Instructor>,
    pub(super) learners: Vec<Person>,
}

#[derive(Deserialize)]
pub(super) struct Instructor {
    /// How courses name their author.
    pub(super) key: String,
    #[serde(flatten)]
    pub(super) person: Person,
}

#[derive(Deserialize)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) headline: String,
    pub(super) bio: String,
}

/// A `course.json`. What is not needed here goes to `create_course` as it stands.
#[derive(Deserialize)]
pub(super) struct Course {
    pub(super) instructor: String,
    /// Slug of a category.
    pub(super) category: String,
    pub(super) modules: Vec<Module>,
    #[serde(flatten)]
    pub(super) body: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Module {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) lessons: Vec<Lesson>,
}

#[derive(Deserialize)]
pub(super) struct Lesson {
    /// Where its text is; [`Content::embedded`] puts it into the body.
    file: Option<String>,
    /// Where the cards of its film are.
    film: Option<String>,
    #[serde(skip)]
    pub(super) cards: Vec<Card>,
    /// Body of `add_lesson`.
    #[serde(flatten)]
    pub(super) body: Map<String, Value>,
}

impl Content {
    pub(super) fn embedded() -> Result<Self, Failure> {
        let folder = SEED.get_dir("courses").ok_or("seed/courses is missing")?;
        let mut courses = Vec::new();
        for course in folder.dirs() {
            courses.push(read_course(course)?);
        }
        Ok(Self { people: read("people.json")?, categories: read("categories.json")?, courses })
    }

    /// Everybody in it, the admin too.
    pub(super) fn people_count(&self) -> usize {
        1 + self.people.instructors.len() + self.people.learners.len()
    }
}

impl Course {
    /// Whether anybody can enrol without paying.
    pub(super) fn is_free(&self) -> bool {
        self.body["price"]["amount"] == 0
    }
}

fn read<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    let file = SEED.get_file(path).ok_or_else(|| format!("seed/{path} is missing"))?;
    serde_json::from_slice(file.contents()).map_err(|error| format!("seed/{path}: {error}"))
}

fn read_course(folder: &Dir<'_>) -> Result<Course, Failure> {
    let within = |name: &str| folder.path().join(name).display().to_string();
    let mut course: Course = read(&within("course.json"))?;
    for lesson in course.modules.iter_mut().flat_map(|module| &mut module.lessons) {
        if let Some(name) = lesson.film.take() {
            lesson.cards = read(&within(&name))?;
        }
        let Some(name) = lesson.file.take() else { continue };
        let path = within(&name);
        let text = SEED.get_file(&path).and_then(|file| file.contents_utf8());
        let text = text.ok_or_else(|| format!("seed/{path} is missing or not UTF-8"))?;
        lesson.body.insert("content".to_owned(), text.into());
    }
    Ok(course)
}
