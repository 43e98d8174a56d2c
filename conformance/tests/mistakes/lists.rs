//! Mistakes in the lists of `for:` and in the names that they give.
//!
//! The good files are made here: a number of a shipped scenario becomes a list of one.

use crate::made::{Die, Made, Wants};
use crate::sites::{Good, Kind, Site};

/// Whether `$name` may stand for this number.
fn is_number(good: &Good, site: &Site) -> bool {
    let keys = ["advance", "size", "timeout", "time", "returns", "hits", "misses", "number", "at", "flush_sessions"];
    site.kind == Kind::Bare && keys.contains(&site.key()) && good.text_of(site).parse::<u32>().is_ok()
}

/// A file with `for: {seconds: [..]}`, and where its `$seconds` stands.
fn with_list(good: &Good, die: &mut Die) -> Option<(String, usize)> {
    let numbers: Vec<&Site> = good.sites.iter().filter(|site| is_number(good, site)).collect();
    let number = die.pick(&numbers)?;
    let steps = good.text.find("\nsteps:")? + 1;
    let (before, after) = (&good.text[..number.at.start], &good.text[number.at.end..]);
    let list = format!("for:\n  seconds: [{}]\n", good.text_of(number));
    let text = format!("{before}$seconds{after}");
    let (steps, use_at) = if steps < number.at.start {
        (steps, number.at.start + list.len())
    } else {
        (steps + 8 - number.at.len(), number.at.start)
    };
    Some((format!("{}{list}{}", &text[..steps], &text[steps..]), use_at))
}

/// A list of `for:` that is none, is empty, has a bad name, is never used.
pub(crate) fn bad_list(good: &Good, die: &mut Die) -> Option<Made> {
    let (text, _) = with_list(good, die)?;
    let key = text.find("  seconds: [")? + 2;
    let list = key + "seconds: ".len();
    let end = list + text[list..].find('\n')?;
    let (from, to, at, says): (_, &str, _, &'static [&'static str]) = match die.below(7) {
        0 => (list..end, "5", list, &["expected a list"]),
        1 => (list..end, "[]", list, &["expected a list"]),
        2 => (list..end, "{from: 1, to: 5}", list, &["expected a list"]),
        3 => (key..key + 7, "2nd", key, &["begins with a letter"]),
        4 => (key..key + 7, "sec-onds", key, &["letters, digits"]),
        5 => (key..key, "other: [1, 2]\n  ", key, &["stands nowhere"]),
        _ => (key..end, "- seconds", key, &["a map of names"]),
    };
    let text = format!("{}{to}{}", &text[..from.start], &text[from.end..]);
    Some(Made { text, at, wants: Wants::Says(says) })
}

/// `$name` that is misspelt, or in a file without `for:`.
pub(crate) fn undeclared(good: &Good, die: &mut Die) -> Option<Made> {
    if die.below(3) == 0 {
        let scalars: Vec<&Site> = good
            .sites
            .iter()
            .filter(|site| is_number(good, site) || site.kind == Kind::Quoted && site.key() == "id_context")
            .collect();
        let at = &die.pick(&scalars)?.at;
        let wrong = die.pick(&["$seconds", "now + $seconds", "\"$seconds\""])?;
        return Some(Made::instead(good, at, wrong, Wants::Says(&["`for`"])));
    }
    let (text, at) = with_list(good, die)?;
    let wrong = die.slip("seconds", |slip| slip == "seconds")?;
    let text = format!("{}${wrong}{}", &text[..at], &text[at + "$seconds".len()..]);
    Some(Made { text, at, wants: Wants::Word("seconds".to_owned()) })
}
