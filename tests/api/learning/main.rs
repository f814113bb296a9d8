//! Enrolment and progress, feature by feature.

mod journey;
