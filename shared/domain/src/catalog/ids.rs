//! Ids of courses and their parts.

kernel::ids! {
    CategoryKind, CategoryId, "cat", "category_id";
    // Slugs stand in the addresses of pages, so they are what is sent by mistake.
    CourseKind, CourseId, "crs", "course_id", "GET /v1/courses/{course_id} also takes a slug and shows the id";
    LessonKind, LessonId, "les", "lesson_id";
    ModuleKind, ModuleId, "mod", "module_id";
}
