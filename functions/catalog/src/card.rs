//! How the catalogue shows its courses. Its pages are the same for everybody, so that a cache may hand them out, and work
//! without a script; what is of the reader is added in the browser.

use domain::catalog::{CourseCard, Level};
use kernel::{Currency, Money};
use pages::Language;

use crate::view::stars;

/// For how many seconds a page may be handed out to others: what changed meanwhile is seen after as long.
pub(crate) const SHARED_SECONDS: u32 = 60;

/// A course in a list.
pub(crate) struct Card<'a> {
    pub(crate) card: &'a CourseCard,
    pub(crate) language: Language,
}

impl Card<'_> {
    pub(crate) fn level(&self) -> Option<&'static str> {
        self.card.level.map(|level| level_name(self.language, level))
    }

    pub(crate) fn price(&self) -> String {
        price(self.language, self.card.price)
    }

    pub(crate) fn lessons(&self) -> String {
        self.language.count("course.lessons", self.card.lesson_count)
    }

    pub(crate) fn duration(&self) -> String {
        duration(self.language, self.card.duration_minutes)
    }

    /// As it is seen, and as it is read out.
    pub(crate) fn rating(&self) -> Option<(String, String)> {
        let count = self.card.rating_count.to_string();
        let point = if self.language == Language::ENGLISH { "." } else { "," };
        let stars = stars(self.card.rating_hundredths).to_string().replace('.', point);
        let long = self.language.word("course.rating").replace("{rating}", &stars).replace("{count}", &count);
        (self.card.rating_count > 0).then(|| (format!("{stars} ({count})"), long))
    }
}

pub(crate) fn level_name(language: Language, level: Level) -> &'static str {
    language.word(match level {
        Level::Beginner => "level.beginner",
        Level::Intermediate => "level.intermediate",
        Level::Advanced => "level.advanced",
    })
}

/// `6 h 20 min`
pub(crate) fn duration(language: Language, minutes: u32) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    if hours == 0 {
        return language.count("minutes", minutes);
    }
    language.word("hours").replace("{hours}", &hours.to_string()).replace("{minutes}", &rest.to_string())
}

/// How a currency is written, and the digits of its smaller unit.
fn form(currency: Currency) -> (&'static str, usize) {
    match currency {
        Currency::USD => ("$", 2),
        Currency::EUR => ("€", 2),
        Currency::GBP => ("£", 2),
        Currency::CHF => ("CHF", 2),
        Currency::INR => ("₹", 2),
        Currency::BRL => ("R$", 2),
        Currency::JPY => ("¥", 0),
        Currency::KWD => ("KWD", 3),
    }
}

/// As programs read it: `49.00`.
pub(crate) fn decimal(price: Money) -> String {
    let (_, digits) = form(price.currency);
    let amount = format!("{:0width$}", price.amount, width = digits + 1);
    let (whole, part) = amount.split_at(amount.len() - digits);
    if digits == 0 { amount } else { format!("{whole}.{part}") }
}

/// As the language writes it: `€49.00`, `49,00 €`.
pub(crate) fn price(language: Language, price: Money) -> String {
    if price.is_free() {
        return language.word("course.free").to_owned();
    }
    let (sign, _) = form(price.currency);
    let is_english = language == Language::ENGLISH;
    let (thousands, point) = if is_english { (',', '.') } else { ('.', ',') };
    let decimal = decimal(price);
    let (whole, part) = decimal.split_once('.').unwrap_or((&decimal, ""));
    let mut number = String::new();
    for (n, figure) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            number.push(thousands);
        }
        number.push(figure);
    }
    if !part.is_empty() {
        number.push(point);
        number.push_str(part);
    }
    if is_english && sign.chars().count() < 3 {
        format!("{sign}{number}")
    } else {
        format!("{number}\u{a0}{sign}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_reads_as_the_language_writes_it() {
        let german = Language::preferred("de");
        for (amount, currency, english, other) in [
            (0, Currency::EUR, "Free", "Kostenlos"),
            (4_900, Currency::EUR, "€49.00", "49,00\u{a0}€"),
            (129_005, Currency::USD, "$1,290.05", "1.290,05\u{a0}$"),
            (100_000_000, Currency::JPY, "¥100,000,000", "100.000.000\u{a0}¥"),
            (1_250, Currency::KWD, "1.250\u{a0}KWD", "1,250\u{a0}KWD"),
        ] {
            let money = Money { amount, currency };
            assert_eq!(
                (price(Language::ENGLISH, money), price(german, money)),
                (english.to_owned(), other.to_owned())
            );
        }
    }

    #[test]
    fn a_program_reads_a_price_in_whole_units() {
        for (amount, currency, read) in [
            (4_900, Currency::EUR, "49.00"),
            (105, Currency::USD, "1.05"),
            (900, Currency::JPY, "900"),
            (1_250, Currency::KWD, "1.250"),
        ] {
            assert_eq!(decimal(Money { amount, currency }), read);
        }
    }

    #[test]
    fn a_duration_is_hours_and_minutes() {
        assert_eq!(duration(Language::ENGLISH, 45), "45 min");
        assert_eq!(duration(Language::ENGLISH, 380), "6 h 20 min");
    }
}
