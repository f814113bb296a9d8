//! A school of any size, made in seconds.

use domain::catalog::{
    Course, CourseCard, CourseStatus, Language, Level, LongDescription, Objectives, Prerequisites, Tags,
    listing_positions,
};
use kernel::{Id, Money};
use store::keys::{self, CoursePointer};
use testkit::{Person, TestApp};

/// Items that one published course without lessons makes: course, card, slug, author's pointer, 16 or 32 positions.
const ITEMS_PER_COURSE: usize = 20;

fn filler(app: &TestApp, author: &Person, number: usize) -> Course {
    let now = app.app().now();
    Course {
        id: Id::generate(now),
        author_id: author.id,
        title: format!("Filler {number:06}").into(),
        slug: format!("filler-{number:06}").parse().expect("a slug"),
        description: "One of very many.".into(),
        long_description: LongDescription::default(),
        level: Some(Level::Beginner),
        category_id: None,
        price: Money::default(),
        language: Language::default(),
        tags: Tags::default(),
        objectives: Objectives::default(),
        prerequisites: Prerequisites::default(),
        status: CourseStatus::Published,
        outline: Vec::new(),
        trailer: None,
        created_at: now,
        updated_at: now,
        published_at: Some(now),
    }
}

/// Puts published courses into the table until it has about `items` items.
///
/// # Panics
/// The emulator does not take one.
pub fn fill(app: &TestApp, author: &Person, items: usize) {
    let school = app.school();
    let mut all = Vec::with_capacity(items);
    for number in 0..items / ITEMS_PER_COURSE {
        let course = filler(app, author, number);
        let card = CourseCard::new(&course, "Author Example".to_owned());
        let pointer = CoursePointer { target: course.id };
        let mut change = app.store().transaction(&school);
        change
            .put_over(&keys::course(&school, course.id), &course)
            .put_over(&keys::course_card(&school, course.id), &card)
            .put_over(&keys::slug(&school, &course.slug), &pointer)
            .put_over(&keys::authored(&school, author.id, course.id), &pointer);
        for position in listing_positions(&card) {
            change.put_over(&keys::listing(&school, &position), &card);
        }
        all.extend(change.into_items().expect("well-formed values"));
    }
    app.import(all);
}
