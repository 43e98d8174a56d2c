//! Numbers, times and shares as people read them, the same in every form that is for people.

use crate::simulate::answers::{Answers, Happening};
use crate::simulate::service::UNSET_IN_LIBSSL;
use crate::subjects::Spec;

/// A whole number in groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in few letters, as axes want it: `950`, `1.2k`, `20k`, `3M`.
pub(super) fn short(number: f64) -> String {
    let (size, letter) = match number.abs() {
        1e12.. => (1e12, "T"),
        1e9.. => (1e9, "G"),
        1e6.. => (1e6, "M"),
        1e3.. => (1e3, "k"),
        _ => (1.0, ""),
    };
    // Three digits say enough.
    let number = number / size;
    let digits = match number.abs() {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        1.0.. => format!("{number:.2}"),
        _ => format!("{number:.4}"),
    };
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    format!("{digits}{letter}")
}

/// A share in per cent, with one decimal; nothing of nothing is a dash. What is not all is never 100.0, and what is not
/// nothing is never 0.0.
pub(super) fn percent(share: Option<f64>) -> String {
    match share {
        None => "–".to_owned(),
        Some(share) if share > 0.0 && share < 0.0005 => "<0.1 %".to_owned(),
        Some(share) if (0.9995..1.0).contains(&share) => ">99.9 %".to_owned(),
        Some(share) => format!("{:.1} %", 100.0 * share),
    }
}

/// Bytes, in the largest unit of which there is one.
pub(super) fn bytes(number: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| number >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", number as f64 / unit as f64),
        None => format!("{number} B"),
    }
}

const UNITS: [(u64, &str); 6] =
    [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1000, "ms"), (1, "µs")];

/// A length of time in its two largest units, such as `1 d 6 h`.
#[must_use]
pub fn time(micros: u64) -> String {
    let Some(first) = UNITS.iter().position(|(unit, _)| micros >= *unit) else { return "0 s".to_owned() };
    let (unit, name) = UNITS[first];
    let text = format!("{} {name}", micros / unit);
    match UNITS.get(first + 1) {
        Some((smaller, name)) if micros % unit >= *smaller => {
            format!("{text} {} {name}", micros % unit / smaller)
        }
        _ => text,
    }
}

/// A date and a time of day in UTC, of seconds since the Epoch.
pub(super) fn date(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The civil calendar in eras of 400 years from 1 March 0000 on, whose days are all alike.
    let from_march = days + 719_468;
    let (era, day) = (from_march.div_euclid(146_097), from_march.rem_euclid(146_097));
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year_of_era + era * 400 + next;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", second / 3600, second / 60 % 60, second % 60)
}

/// What the looks of a libssl hang on besides, where no timeout is set.
pub(super) fn longer_in_libssl(answers: &Answers) -> String {
    if !answers.facts.lives_shorter() {
        return String::new();
    }
    let [here, there] = [answers.facts.unset_timeout, UNSET_IN_LIBSSL].map(|seconds| grouped(seconds.into()));
    format!(
        "Where no timeout is set, sessions live for {here} s here and for {there} s in a libssl, which then looks at \
         more: --subject libssl shows it."
    )
}

/// That sessions left as they came, and what helps; empty: none did.
pub(super) fn refused(answers: &Answers) -> String {
    let refused = answers.counts.cache.refused;
    if refused == 0 {
        return String::new();
    }
    format!(
        "{} of the removed left as they came, since the new callback returned 0 (new-cb.zero-removes): with `new: keep` \
         they would stay, as in a libssl they do all the same (refused-stays).",
        grouped(refused)
    )
}

/// At which servers something happened, in words.
pub(super) fn at_servers(answers: &Answers, happening: &Happening) -> String {
    let all = answers.facts.servers.len();
    match happening.servers.as_slice() {
        _ if all == 1 => String::new(),
        these if these.len() == all => "all servers".to_owned(),
        these => {
            let name = |n: &u16| answers.facts.servers[usize::from(*n)].name.clone();
            these.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    }
}

/// What was checked by the model and what was not, in a sentence.
pub(super) fn checked(answers: &Answers) -> String {
    let checked = &answers.checked;
    let not = answers.events.saturating_sub(checked.events);
    let numbers = match (checked.events, not) {
        (0, _) if checked.how.is_empty() => "never: nothing was checked".to_owned(),
        (0, _) => "nothing was checked".to_owned(),
        (all, 0) => format!("in step: all {} events compared", grouped(all)),
        (some, not) => format!("in step at {} events, {} not checked", grouped(some), grouped(not)),
    };
    if checked.how.is_empty() { numbers } else { format!("{numbers}; {}", checked.how) }
}

/// What happened and what was out of the ordinary for a while, in order of time: when, what, and for whom or until when.
pub(super) fn events(answers: &Answers) -> Vec<(u64, String, String)> {
    let spells = answers.facts.spells.iter();
    let spells = spells.map(|spell| (spell.from, spell.what.clone(), format!("until {}", time(spell.to))));
    let happenings = answers.happenings.iter();
    let happenings = happenings.map(|one| (one.at, one.what.clone(), at_servers(answers, one)));
    let mut all: Vec<_> = spells.chain(happenings).collect();
    all.sort_by_key(|(at, ..)| *at);
    all
}

/// Both hit rates of clients, and beside them attackers, if there are such.
pub(super) fn hit_rates(answers: &Answers) -> String {
    let of = answers.of_clients();
    let [proposed, all] = [of.rate_of_proposed(), of.rate_of_all()].map(percent);
    if answers.facts.attackers == 0 {
        return format!("{proposed} of what was proposed, {all} of all connections");
    }
    let attackers = answers.of_attackers();
    format!(
        "{proposed} of what clients proposed, {all} of all their connections; attackers: {} connections, {} resumed",
        grouped(attackers.connections),
        grouped(attackers.hits())
    )
}

/// A rate in a second, or where there are few in an hour.
pub(super) fn per(a_second: f64) -> String {
    let round = |rate: f64| short((rate * 10.0).round() / 10.0);
    if a_second < RARE { format!("{}/h", round(a_second * 3600.0)) } else { format!("{}/s", round(a_second)) }
}

/// What comes less often in a second is told by the hour.
pub(super) const RARE: f64 = 0.1;

/// The verdict in a few words.
pub(super) fn verdict(answers: &Answers) -> String {
    match (answers.checked.found.len(), answers.checked.events) {
        (0, 0) => "ran to its end; no word about conformance".to_owned(),
        // The model against itself shows nothing about a cache.
        (0, _) if answers.facts.subject == Spec::Model.to_string() => "agrees with itself (a self-check)".to_owned(),
        (0, _) => "conforms in all that was checked".to_owned(),
        (1, _) => "1 divergence".to_owned(),
        (more, _) => format!("{more} divergences"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_so() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.0, 0.005, 0.25, 950.0, 1200.0, 20_480.0, 3e6].map(short),
            ["0", "0.005", "0.25", "950", "1.2k", "20.5k", "3M"]
        );
        assert_eq!([0, 1023, 1024, 3 << 20].map(bytes), ["0 B", "1023 B", "1.0 KiB", "3.0 MiB"]);
        assert_eq!(
            [0, 15, 1000, 1_500_000, 90_000_000, 108_000_000_000, 86_400_000_000].map(time),
            ["0 s", "15 µs", "1 ms", "1 s 500 ms", "1 min 30 s", "1 d 6 h", "1 d"]
        );
    }

    #[test]
    fn what_is_not_all_is_never_told_as_all() {
        assert_eq!(percent(None), "–");
        assert_eq!(
            [0.0, 0.0001, 0.0005, 0.5, 0.9994, 0.9999, 1.0].map(|share| percent(Some(share))),
            ["0.0 %", "<0.1 %", "0.1 %", "50.0 %", "99.9 %", ">99.9 %", "100.0 %"]
        );
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(date(1_798_761_599), "2026-12-31 23:59:59 UTC");
        assert_eq!(date(-1), "1969-12-31 23:59:59 UTC");
    }
}
