//! What pages for a browser have in common: a head that forbids the network, a link past the navigation, and the boxes
//! in which wide things scroll.
//!
//! What stands on a page is escaped by the templates. Not here: any page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The style that all pages have.
const STYLE: &str = include_str!("page.css");

/// Nothing is loaded, run or sent; the style stands within.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A line of the text of a page, so that two pages can be compared line by line.
pub(super) const LINE: PreEscaped<&str> = PreEscaped("\n");

/// A whole page. `skip` is where the first link goes, and its words; `style` is what this page has beside [`STYLE`].
pub(super) fn page(title: &str, style: &str, skip: (&str, &str), body: &Markup) -> String {
    let page = html! {
        (DOCTYPE) (LINE)
        html lang="en" {
            head {
                (LINE) meta charset="utf-8";
                (LINE) meta http-equiv="Content-Security-Policy" content=(POLICY);
                (LINE) meta name="viewport" content="width=device-width, initial-scale=1";
                (LINE) meta name="color-scheme" content="light dark";
                (LINE) title { (title) }
                (LINE) style { (PreEscaped(STYLE)) (PreEscaped(style)) }
            }
            (LINE)
            body { a.skip href=(skip.0) { (skip.1) } (LINE) main { (body) } (LINE) }
        }
        (LINE)
    };
    plain(&page.into_string())
}

/// Text without what is none, whatever a file put into it: each such character is replaced by a sign.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_text(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Whether a character may stand on a page: none that HTML forbids, and none that turns the order of others round.
fn is_text(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let forbidden = c.is_control() && c != '\n' && c != '\t' || u32::from(c) & 0xfffe == 0xfffe;
    !turns && !forbidden && !matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// A box of its own for what may be wider than the screen; the arrow keys scroll it.
pub(super) fn scroll(label: &str, inside: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(label) tabindex="0" { (inside) } (LINE) }
}

/// Text with what stands between backticks set as code.
pub(super) fn code(text: &str) -> Markup {
    html! {
        @for (n, part) in text.split('`').enumerate() {
            @if n % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Text as the address of a place on the page: letters, digits, and a few signs.
pub(super) fn anchor(of: &str, name: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    format!("{of}-{}", name.chars().map(word).collect::<String>())
}

/// One or several, with the number.
pub(super) fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}
