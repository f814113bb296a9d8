//! A page for people, JSON for programs: what an `Accept` header asks for (RFC 9110, 12.5.1).

use std::cmp::Reverse;

/// Whether a page is wanted more than JSON: by weight, then by who is named more closely, then by who is named first.
/// Who takes anything is a program.
pub(crate) fn prefers_html(accept: &str) -> bool {
    wish(accept, "text", "html") > wish(accept, "application", "json")
}

/// How much a media type is wanted, by the range that names it most closely: thousandths of weight, closeness, order.
type Wish = (u16, usize, Reverse<usize>);

fn wish(accept: &str, kind: &str, subkind: &str) -> Option<Wish> {
    let names = |name: &str, one: &str| name == "*" || name.eq_ignore_ascii_case(one);
    accept
        .split(',')
        .enumerate()
        .filter_map(|(at, range)| {
            let mut parts = range.split(';').map(str::trim);
            let (own_kind, own_subkind) = parts.next()?.split_once('/')?;
            let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            let weight = weight.map_or(Some(1.0), |weight| weight.parse::<f32>().ok())?;
            let closeness = [own_kind, own_subkind].iter().filter(|name| **name != "*").count();
            let matches = names(own_kind, kind) && names(own_subkind, subkind);
            let thousandths = (weight.clamp(0.0, 1.0) * 1000.0).round() as u16;
            matches.then_some((closeness, Reverse(at), thousandths))
        })
        .max()
        .map(|(closeness, at, thousandths)| (thousandths, closeness, at))
        .filter(|(thousandths, ..)| *thousandths > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_get_a_page() {
        for page in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "text/*",
            "text/html, application/json",
            "text/html, */*",
            "application/json;q=0.5, text/html",
            "application/json;q=0.5,text/html;q=0.8",
            "application/json ; q=0 , text/html;q=0.001",
            "*/*;q=0.1, text/html;level=1;q=0.2",
            "text/html;q=0.5, application/json;q=much",
        ] {
            assert!(prefers_html(page), "{page}");
        }
    }

    #[test]
    fn programs_get_json() {
        for json in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "application/json, text/html;q=0.5",
            "text/html;q=0.5, application/json",
            "text/html;q=0.5, application/json;q=0.9",
            "text/html;q=0, */*",
            "text/html;q=0",
            "text/html;q=0.5, application/*",
            "text/*;q=0.9, */*",
            "application/json, */*",
            "text/plain",
            "text/htmlx",
            "html",
            ";q=1,,/",
        ] {
            assert!(!prefers_html(json), "{json}");
        }
    }

    proptest! {
        #[test]
        fn the_higher_weight_wins_in_either_order(html in 0u16..=1000, json in 0u16..=1000) {
            let weighed = |kind: &str, q: u16| format!("{kind};q={}", f32::from(q) / 1000.0);
            let (html_range, json_range) = (weighed("text/html", html), weighed("application/json", json));
            prop_assert_eq!(prefers_html(&format!("{html_range},{json_range}")), html > 0 && html >= json);
            prop_assert_eq!(prefers_html(&format!("{json_range},{html_range}")), html > json);
        }

        #[test]
        fn no_header_panics(accept in any::<String>()) {
            prefers_html(&accept);
        }
    }
}
