//! Ids of courses and their parts.

kernel::ids! {
    CategoryKind, CategoryId, "cat", "category_id";
    CourseKind, CourseId, "crs", "course_id";
    LessonKind, LessonId, "les", "lesson_id";
    ModuleKind, ModuleId, "mod", "module_id";
}
