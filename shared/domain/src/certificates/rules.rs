//! What templates of certificates can break, besides what any field can.

kernel::rules! {
    INVALID_COLOR = "invalid_color";
    NOT_AN_IMAGE = "not_an_image";
    NOT_DRAWABLE = "not_drawable";
}
