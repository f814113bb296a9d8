//! Takes a progress report in: the lesson's progress, and with the last lesson the course's completion, in one
//! transaction. Two lessons that are completed at the same moment meet at the enrolment's revision, so one of them
//! sees the other and completes the course, once.

use access::LessonLearner;
use domain::learning::{
    CourseCompleted, EnrollmentStatus, LessonCompleted, LessonProgress, ProgressReport, summarize,
};
use kernel::{Error, Result, Violations};
use runtime::{App, Caller};
use store::{Consistency, Stored, Transaction, keys};

/// Who calls and the lesson, enrolment and progress, then the change; and before it, when the lesson is completed by it,
/// what this means for the course. That is read after the enrolment and not beside it, or of two lessons that are completed
/// at once neither might see the other.
pub(crate) const WAVES: u32 = 4;

/// `caller` is `learner`, by whichever permission they came.
pub(crate) async fn progress<A>(
    app: &App,
    caller: &Caller<A>,
    learner: &LessonLearner,
    report: &ProgressReport,
    violations: Violations,
) -> Result<LessonProgress> {
    let LessonLearner { lesson, enrollment, progress: stored, .. } = learner;
    let none = || LessonProgress::none(lesson.id, lesson.course_id, app.now());
    let before = stored.as_ref().map_or_else(none, |stored| stored.value.clone());
    let mut progress = before.clone();

    progress.apply(report, violations, lesson, app.now())?;
    let told = progress.tell(&before, report, lesson, enrollment.value.user_id);
    let unchanged = before == (LessonProgress { updated_at: before.updated_at, ..progress.clone() });
    let is_first = progress.is_completed() && !before.is_completed();
    // Said again: the author may have hidden the one lesson that was missing since.
    let is_repeated = before.is_completed()
        && report.says_done(lesson)
        && enrollment.value.status == EnrollmentStatus::Active;
    if unchanged && !is_repeated {
        return Ok(progress);
    }

    let mut change = app.store.transaction(&caller.school);
    if !unchanged {
        let key = keys::progress(&caller.school, enrollment.value.user_id, lesson.course_id, lesson.id);
        change.upsert(&key, &progress, stored.as_ref().map(|stored| stored.rev));
    }
    if let Some(told) = &told {
        change.event(&caller.origin(app), told);
    }
    if is_first || is_repeated {
        let completes = settle(app, caller, learner, &mut change, &progress, is_first).await?;
        if unchanged && !completes {
            return Ok(progress);
        }
    }
    change.commit().await?;
    Ok(progress)
}

/// Adds to `change` what a completed lesson means for the course, and tells whether it completes it.
async fn settle<A>(
    app: &App,
    caller: &Caller<A>,
    learner: &LessonLearner,
    change: &mut Transaction<'_>,
    progress: &LessonProgress,
    is_first: bool,
) -> Result<bool> {
    let (school, now, origin) = (&caller.school, app.now(), caller.origin(app));
    let Stored { value: mut enrollment, rev } = learner.enrollment.clone();
    let (user_id, course_id) = (enrollment.user_id, enrollment.course_id);
    let (outline, mut all) = tokio::try_join!(
        app.store.course_outline(school, course_id, Consistency::Strong),
        app.store.course_progress(school, user_id, course_id, Consistency::Strong),
    )?;
    let outline = outline.ok_or_else(|| Error::not_found("course"))?;
    all.insert(progress.lesson_id, progress.clone());
    let summary = summarize(outline.visible_lessons().map(|lesson| all.get(&lesson.id)));

    enrollment.completed_lessons = summary.completed_lessons;
    enrollment.total_lessons = summary.total_lessons;
    if is_first {
        change.event(
            &origin,
            &LessonCompleted { user_id, course_id, lesson_id: progress.lesson_id, completed_at: now },
        );
    }
    let completes = summary.completion_percent == 100 && enrollment.status == EnrollmentStatus::Active;
    if completes {
        enrollment.status = EnrollmentStatus::Completed;
        enrollment.completed_at = Some(now);
        let account = &learner.user.account.value;
        change.event(
            &origin,
            &CourseCompleted {
                enrollment_id: enrollment.id,
                user_id,
                course_id,
                course_title: outline.course.value.title.to_string(),
                author_id: outline.course.value.author_id,
                learner_name: account.display_name(),
                duration_minutes: outline.card.value.duration_minutes,
                completed_at: now,
            },
        );
    }
    change.replace(&keys::enrollment(school, user_id, course_id), &enrollment, rev);
    Ok(completes)
}
