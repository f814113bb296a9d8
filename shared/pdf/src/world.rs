//! What every document needs: the fonts, and a world for the typesetter in which there is nothing but those, one
//! template and the files handed over for it. No folder, no package, no network, no today.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::Abs;
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontInstance, FontVariant, FontVariations};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::Error;

/// The fonts in the order in which they are asked for a character. The first is the face of our documents.
const FILES: [&[u8]; 22] = [
    include_bytes!("../fonts/eb-garamond-regular.otf"),
    include_bytes!("../fonts/eb-garamond-italic.otf"),
    include_bytes!("../fonts/noto-serif.ttf"),
    include_bytes!("../fonts/noto-naskh-arabic.ttf"),
    include_bytes!("../fonts/noto-serif-hebrew.ttf"),
    include_bytes!("../fonts/noto-serif-devanagari.ttf"),
    include_bytes!("../fonts/noto-serif-thai.ttf"),
    include_bytes!("../fonts/noto-serif-bengali.ttf"),
    include_bytes!("../fonts/noto-serif-tamil.ttf"),
    include_bytes!("../fonts/noto-serif-telugu.ttf"),
    include_bytes!("../fonts/noto-serif-gujarati.ttf"),
    include_bytes!("../fonts/noto-serif-gurmukhi.ttf"),
    include_bytes!("../fonts/noto-serif-kannada.ttf"),
    include_bytes!("../fonts/noto-serif-malayalam.ttf"),
    include_bytes!("../fonts/noto-serif-sinhala.ttf"),
    include_bytes!("../fonts/noto-serif-armenian.ttf"),
    include_bytes!("../fonts/noto-serif-georgian.ttf"),
    include_bytes!("../fonts/noto-serif-ethiopic.ttf"),
    include_bytes!("../fonts/noto-serif-khmer.ttf"),
    include_bytes!("../fonts/noto-serif-lao.ttf"),
    include_bytes!("../fonts/noto-serif-myanmar.ttf"),
    include_bytes!("../fonts/noto-serif-cjk.otf"),
];

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|data| Font::new(Bytes::new(*data), 0).expect("the fonts of this crate are fonts"))
        .collect()
});
static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// The names of the families, in order, for `set text(font: ..)`.
pub(crate) fn families() -> Vec<&'static str> {
    let mut families: Vec<_> = FONTS.iter().map(|font| font.info().family.as_str()).collect();
    families.dedup();
    families
}

/// The first family that has all of these characters.
pub(crate) fn family_with(text: &[char]) -> Option<&'static str> {
    let has_all = |font: &&Font| text.iter().all(|&c| font.info().coverage.contains(u32::from(c)));
    Some(FONTS.iter().find(has_all)?.info().family.as_str())
}

/// Whether a family has a character.
pub(crate) fn family_has(family: &str, c: char) -> bool {
    FONTS.iter().any(|font| font.info().family == family && font.info().coverage.contains(u32::from(c)))
}

/// How wide a character is on its own, in thousandths of the font's size.
pub(crate) fn width_of(c: char) -> u32 {
    static INSTANCES: [OnceLock<FontInstance>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    let has_it = |font: &Font| font.info().coverage.contains(u32::from(c));
    let Some(index) = FONTS.iter().position(has_it) else { return 0 };
    let plain =
        || FONTS[index].clone().instantiate(FontVariant::default(), Abs::zero(), &FontVariations::default());
    let face = INSTANCES[index].get_or_init(plain).ttf();
    let advance = face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(0);
    u32::from(advance) * 1000 / u32::from(face.units_per_em())
}

/// The id of a file in a world; the path starts with a slash.
pub(crate) fn file_id(path: &str) -> FileId {
    RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).expect("paths are constants of this crate"))
        .intern()
}

/// The world of one document.
struct Desk<'a> {
    template: &'a Source,
    files: HashMap<FileId, Bytes>,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Typesets a template over files, the values among them, to an archivable and accessible PDF.
pub(crate) fn render<const N: usize>(template: &Source, files: [(&str, Bytes); N]) -> Result<Vec<u8>, Error> {
    let files = files.into_iter().map(|(path, bytes)| (file_id(path), bytes)).collect();
    let document =
        typst::compile::<PagedDocument>(&Desk { template, files }).output.map_err(|it| refused(&it))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]);
    let standards = standards.map_err(|it| Error::Typeset(it.message().to_string()))?;
    let creator = Smart::Custom(Some("Lectern".to_owned()));
    let pdf = typst_pdf::pdf(&document, &PdfOptions { creator, standards, ..PdfOptions::default() });
    // What the typesetter remembers makes the next document cheap; what the last few did not use is forgotten.
    comemo::evict(4);
    pdf.map_err(|it| refused(&it))
}

fn refused(diagnostics: &[SourceDiagnostic]) -> Error {
    Error::Typeset(diagnostics.iter().map(|it| it.message.as_str()).collect::<Vec<_>>().join("; "))
}
