//! What every mail shows. Names and titles come from strangers: whoever registers somebody else's address chooses words
//! that we send there in the school's name.

/// Titles may be longer in the catalogue; mail programs show less.
const TITLE_CHARS: usize = 120;
/// Whoever has a longer first name is greeted without it.
const NAME_CHARS: usize = 40;

/// What every mail knows.
pub(crate) struct Facts {
    /// The school's name.
    pub(crate) school: String,
    pub(crate) first_name: String,
    /// Where the certificate is verified, with its code; empty where the mail brings none.
    pub(crate) verify_url: String,
    /// Where learners find the school's pages, without a slash at the end.
    pub(crate) home: String,
    /// What the mail proves to who reads it.
    pub(crate) token: Option<String>,
}

/// What templates show; each value is one tame line.
pub(crate) struct Page {
    pub(super) school: String,
    /// Empty for somebody whose name cannot be shown.
    pub(super) name: String,
    pub(super) home: String,
    pub(super) subject: String,
    /// What a link proves; empty where the mail proves nothing.
    pub(super) token: String,
    /// Where the certificate is verified.
    pub(super) verify_url: String,
}

impl Page {
    /// A page without a subject as yet.
    pub(super) fn new(facts: &Facts) -> Self {
        Self {
            school: title(&facts.school),
            name: name(&facts.first_name),
            home: facts.home.clone(),
            subject: String::new(),
            token: facts.token.clone().unwrap_or_default(),
            verify_url: facts.verify_url.clone(),
        }
    }

    /// One of the school's pages, with the token. It stands behind the `#`, which browsers keep to themselves: servers log
    /// addresses.
    pub(super) fn leads_to(&self, path: &str) -> String {
        format!("{}/{path}#{}", self.home, self.token)
    }
}

/// A title as mails show it.
pub(super) fn title(text: &str) -> String {
    tame(text, TITLE_CHARS)
}

/// One line without control characters, and without those that turn the direction of the text around them: letters of
/// right-to-left scripts do that by themselves, within their word.
fn tame(text: &str, most: usize) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let kept: String = text.chars().filter(|c| !turns(*c)).collect();
    let line = kept.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let start: String = line.chars().take(most - 1).collect();
    format!("{}…", start.trim_end())
}

/// A first name to greet somebody with, or nothing: mail programs make links of whatever looks like an address, and
/// nobody may send links of their own in the school's name.
fn name(text: &str) -> String {
    let name = tame(text, NAME_CHARS);
    let cut = name.ends_with('…');
    let is_address = name.contains(['/', ':', '@', '\\', '<', '>', '=', '%', '&', '[', ']', '(', ')']);
    // "J. R. R." and "Mary Jr." are names, "prize.example" is not.
    let has_domain = name.split(' ').any(|word| {
        word.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).skip(1).any(|part| part.chars().count() > 1)
    });
    if cut || is_address || has_domain { String::new() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut() {
        assert_eq!(tame("12345", 5), "12345");
        assert_eq!(tame("123 56", 5), "123…");
    }

    #[test]
    fn a_line_cannot_turn_the_text_around_it() {
        assert_eq!(tame("a\u{202e}fdp.exe\u{202c}\u{200f}", 99), "afdp.exe");
    }

    #[test]
    fn a_name_that_could_become_a_link_is_not_shown() {
        for shown in ["Ada", "José María", "J. R. R.", "O'Neil", "Anne-Marie", "Mary Jr.", "李", "D.J."] {
            assert_eq!(name(shown), shown);
        }
        for hidden in [
            "Win at prize.example",
            "https://prize.example",
            "prize。example",
            "call me@prize",
            "Ada/Bob",
            "Your account will be closed unless you call us today",
        ] {
            assert_eq!(name(hidden), "", "{hidden}");
        }
    }
}
