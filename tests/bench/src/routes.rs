//! The routes of the learner loop.

/// What a learner does, in that order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, clap::ValueEnum)]
pub(crate) enum Route {
    Register,
    Login,
    Refresh,
    GetMe,
    ListCourses,
    Enrol,
    MyCourses,
    OpenCourse,
    OpenLesson,
    SaveProgress,
    LessonProgress,
    CompleteLesson,
    CourseProgress,
}

impl Route {
    pub(crate) const ALL: [Self; 13] = [
        Self::Register,
        Self::Login,
        Self::Refresh,
        Self::GetMe,
        Self::ListCourses,
        Self::Enrol,
        Self::MyCourses,
        Self::OpenCourse,
        Self::OpenLesson,
        Self::SaveProgress,
        Self::LessonProgress,
        Self::CompleteLesson,
        Self::CourseProgress,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "log in",
            Self::Refresh => "refresh",
            Self::GetMe => "get me",
            Self::ListCourses => "list courses",
            Self::Enrol => "enrol",
            Self::MyCourses => "my courses",
            Self::OpenCourse => "open course",
            Self::OpenLesson => "open lesson",
            Self::SaveProgress => "save progress",
            Self::LessonProgress => "lesson progress",
            Self::CompleteLesson => "complete lesson",
            Self::CourseProgress => "course progress",
        }
    }
}
