//! What reports of learners can break, besides what any field can.

kernel::rules! {
    EMPTY_STRETCH = "empty_stretch";
    TOO_MANY_INTERVALS = "too_many_intervals";
}
