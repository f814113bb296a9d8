//! What courses and their parts can break, besides what any field can.

kernel::rules! {
    INVALID_SLUG = "invalid_slug";
    INVALID_LANGUAGE = "invalid_language";
    UNKNOWN_CATEGORY = "unknown_category";
    NOT_A_PERMUTATION = "not_a_permutation";
    VIDEO_MISSING = "video_missing";
}
