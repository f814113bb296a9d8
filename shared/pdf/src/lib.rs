//! Turns values into PDF files: certificates. Equal values make equal bytes, in this process and in any other, since
//! nothing here looks at a clock, at random numbers, at files or at a network.
//!
//! `world` is what any document needs (fonts, the typesetter, the export), `text` makes untrusted text printable,
//! [`certificate`](mod@certificate) is the one document there is.

pub mod certificate;
mod color;
mod logo;
mod ornament;
mod text;
mod world;

pub use certificate::{Certificate, Signatory, Wording, certificate, credential};
pub use color::Color;

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The logo is not a PNG, JPEG or SVG that can be drawn.
    #[error("the logo cannot be drawn: {0}")]
    Logo(String),
    /// The address to verify at is not `https://` (or `http://`) in ASCII of a length that fits a QR code.
    #[error("the address to verify at is not one: {0:?}")]
    VerifyUrl(String),
    /// The credential is not a compact JWS: three parts of base64url between dots, 16 KB at most.
    #[error("the credential is not a compact JWS")]
    Credential,
    /// The typesetter refused: a mistake in a template, not in the values.
    #[error("the document cannot be typeset: {0}")]
    Typeset(String),
}
