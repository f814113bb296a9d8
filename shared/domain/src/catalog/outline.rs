//! The outline of a course: which modules it has, and which lessons stand in them.

use std::collections::BTreeSet;

use kernel::{Code, Error, Result, Timestamp, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Course, LessonId, ModuleId, rules};

/// Most modules in a course. With [`MAX_LESSONS`] it bounds the outline to about 14 KB.
const MAX_MODULES: usize = 50;
/// Most lessons in a course.
const MAX_LESSONS: usize = 300;

/// One module's place in the outline with the order of its lessons.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutlineModule {
    pub id: ModuleId,
    #[schemars(length(max = MAX_LESSONS))]
    pub lessons: Vec<LessonId>,
}

/// Every module and every lesson of the course, once each, in the wanted order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReorderOutlineInput")]
#[schemars(example = serde_json::json!({ "modules": [{ "id": "mod_0198c5a0000070008000000000000001", "lessons": ["les_0198c5a0000070008000000000000001"] }] }))]
pub struct NewOrder {
    #[schemars(length(max = MAX_MODULES))]
    pub modules: Vec<OutlineModule>,
}

impl Course {
    /// Every lesson in outline order.
    pub fn lesson_ids(&self) -> impl Iterator<Item = LessonId> {
        self.outline.iter().flat_map(|module| module.lessons.iter().copied())
    }

    /// The course with one more module at its end.
    ///
    /// # Errors
    /// It has as many as it may have.
    pub fn add_module(&self, id: ModuleId, now: Timestamp) -> Result<Self> {
        if self.outline.len() >= MAX_MODULES {
            let most = format!("a course has at most {MAX_MODULES} modules");
            return Err(Error::new(Code::LIMIT_REACHED, most));
        }
        let mut course = Self { updated_at: now, ..self.clone() };
        course.outline.push(OutlineModule { id, lessons: Vec::new() });
        Ok(course)
    }

    /// The course with one more lesson at the end of a module.
    ///
    /// # Errors
    /// It has as many as it may have, or not that module.
    pub fn add_lesson(&self, module: ModuleId, id: LessonId, now: Timestamp) -> Result<Self> {
        if self.lesson_ids().count() >= MAX_LESSONS {
            let most = format!("a course has at most {MAX_LESSONS} lessons");
            return Err(Error::new(Code::LIMIT_REACHED, most));
        }
        let mut course = Self { updated_at: now, ..self.clone() };
        let place = course.outline.iter_mut().find(|place| place.id == module);
        place.ok_or_else(|| Error::not_found("module"))?.lessons.push(id);
        Ok(course)
    }

    /// The course with the same modules and lessons in another order.
    ///
    /// # Errors
    /// They are not the same, or not there once each.
    pub fn reorder(&self, NewOrder { modules: wanted }: NewOrder, now: Timestamp) -> Result<Self> {
        let modules =
            |outline: &[OutlineModule]| outline.iter().map(|module| module.id).collect::<BTreeSet<_>>();
        let lessons = |outline: &[OutlineModule]| {
            outline.iter().flat_map(|module| module.lessons.iter().copied()).collect::<BTreeSet<_>>()
        };
        let mut violations = Violations::default();
        violations.require(
            wanted.len() == self.outline.len() && modules(&wanted) == modules(&self.outline),
            "/modules",
            rules::NOT_A_PERMUTATION,
            "must name every module of the course exactly once",
        );
        let count = wanted.iter().map(|module| module.lessons.len()).sum::<usize>();
        violations.require(
            count == self.lesson_ids().count() && lessons(&wanted) == lessons(&self.outline),
            "/modules",
            rules::NOT_A_PERMUTATION,
            "must name every lesson of the course exactly once",
        );
        violations.finish()?;
        Ok(Self { outline: wanted, updated_at: now, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;
    use crate::catalog::course::tests::{LATER, NOW, course};

    fn module(lessons: usize) -> OutlineModule {
        OutlineModule { id: Id::generate(NOW), lessons: (0..lessons).map(|_| Id::generate(NOW)).collect() }
    }

    fn limit_of(result: Result<Course>) -> (Code, String) {
        let error = result.unwrap_err();
        (error.code(), error.detail().to_owned())
    }

    #[test]
    fn a_course_has_fifty_modules() {
        let mut full = course();
        for n in 0..MAX_MODULES {
            full = full.add_module(Id::generate(NOW), LATER).unwrap();
            assert_eq!((full.outline.len(), full.updated_at), (n + 1, LATER));
        }
        let told = limit_of(full.add_module(Id::generate(NOW), LATER));
        assert_eq!(told, (Code::LIMIT_REACHED, "a course has at most 50 modules".to_owned()));
    }

    #[test]
    fn a_course_has_three_hundred_lessons() {
        let outline = vec![module(150), module(149)];
        let [first, last] = [outline[0].id, outline[1].id];
        let before = Course { outline, ..course() };
        let id = Id::generate(NOW);
        let full = before.add_lesson(first, id, LATER).unwrap();
        assert_eq!((full.outline[0].lessons.last(), full.updated_at), (Some(&id), LATER));
        let told = limit_of(full.add_lesson(last, Id::generate(NOW), LATER));
        assert_eq!(told, (Code::LIMIT_REACHED, "a course has at most 300 lessons".to_owned()));
    }

    #[test]
    fn a_lesson_needs_its_module() {
        let before = Course { outline: vec![module(1)], ..course() };
        let told = limit_of(before.add_lesson(Id::generate(NOW), Id::generate(NOW), LATER));
        assert_eq!(told, (Code::NOT_FOUND, "there is no such module".to_owned()));
    }

    #[test]
    fn only_the_same_modules_and_lessons_make_another_order() {
        let (a, b) = (module(2), module(1));
        let before = Course { outline: vec![a.clone(), b.clone()], ..course() };
        let with = |module: &OutlineModule, lessons: &[LessonId]| OutlineModule {
            id: module.id,
            lessons: lessons.to_vec(),
        };
        let [one, two, three] = [a.lessons[0], a.lessons[1], b.lessons[0]];
        for wanted in [
            vec![b.clone(), a.clone()],
            vec![with(&a, &[two, one]), b.clone()],
            vec![with(&a, &[]), with(&b, &[three, one, two])],
        ] {
            let after = before.reorder(NewOrder { modules: wanted.clone() }, LATER).unwrap();
            assert_eq!(after, Course { outline: wanted, updated_at: LATER, ..before.clone() });
        }
        for (wanted, broken) in [
            (vec![], 2),
            (vec![a.clone()], 2),
            (vec![a.clone(), b.clone(), b.clone()], 2),
            (vec![a.clone(), module(1)], 2),
            (vec![a.clone(), with(&module(0), &[three])], 1),
            (vec![with(&a, &[one]), b.clone()], 1),
            (vec![with(&a, &[one, one]), b.clone()], 1),
            (vec![with(&a, &[one, two, one]), b.clone()], 1),
        ] {
            let error = before.reorder(NewOrder { modules: wanted }, LATER).unwrap_err();
            assert_eq!(error.violation_list().len(), broken, "{error:?}");
        }
    }
}
