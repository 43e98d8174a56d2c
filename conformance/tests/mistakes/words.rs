//! Mistakes in words: keys, flags, names, clauses, values of the wrong type, times and numbers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sesscheck::scenario::schema_text;
use sesscheck::suite::vocabulary;

use crate::made::{Die, Made, Wants};
use crate::sites::{Good, Kind, Site, is_number};

/// Every key of the format.
static KEYS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let schema: serde_json::Value = serde_json::from_str(&schema_text()).expect("a schema is JSON");
    let mut keys = BTreeSet::new();
    collect(&schema, &mut keys);
    keys
});

fn collect(schema: &serde_json::Value, keys: &mut BTreeSet<String>) {
    for (key, part) in schema.as_object().into_iter().flatten() {
        if key == "properties" {
            keys.extend(part.as_object().into_iter().flatten().map(|(key, _)| key.clone()));
        }
        collect(part, keys);
    }
    schema.as_array().into_iter().flatten().for_each(|part| collect(part, keys));
}

/// A site of a good file that this holds for.
fn site<'g>(good: &'g Good, die: &mut Die, holds: impl Fn(&Site) -> bool) -> Option<&'g Site> {
    let sites: Vec<&Site> = good.sites.iter().filter(|site| holds(site)).collect();
    die.pick(&sites).copied()
}

fn is_in_step(site: &Site) -> bool {
    site.path.first().is_some_and(|top| top == "steps")
}

fn is_verb(site: &Site) -> bool {
    const SHOWN: [&str; 8] =
        ["returns", "callbacks", "members", "destroyed", "counters", "times", "timeouts", "resumable"];
    site.kind == Kind::Key && is_in_step(site) && site.path.len() == 3 && !SHOWN.contains(&site.key())
}

pub(crate) fn misspelt_key(good: &Good, die: &mut Die) -> Option<Made> {
    let site = site(good, die, |site| site.is_of_format(good))?;
    let right = good.text_of(site).to_owned();
    let wrong = match die.below(8) {
        0 => right.replace('_', "-"),
        1 => camel(&right),
        2 if is_verb(site) && !right.starts_with("SSL_") => format!("SSL_CTX_{right}"),
        _ => die.slip(&right, |slip| KEYS.contains(slip))?,
    };
    (wrong != right).then(|| Made::instead(good, &site.at, &wrong, Wants::Word(right)))
}

fn camel(word: &str) -> String {
    let mut parts = word.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |camel, part| camel + &part[..1].to_uppercase() + &part[1..])
}

pub(crate) fn wrong_flag(good: &Good, die: &mut Die) -> Option<Made> {
    let is_flag = |site: &Site| {
        site.kind == Kind::Bare
            && (site.key() == "mode" || site.key() == "set_session_cache_mode")
            && site.path.last().is_some_and(|last| is_number(last))
    };
    let site = site(good, die, is_flag)?;
    let right = good.text_of(site).to_owned();
    let flags = ["OFF", "CLIENT", "SERVER", "BOTH", "NO_AUTO_CLEAR", "NO_INTERNAL_LOOKUP", "NO_INTERNAL_STORE"];
    let wrong = match die.below(6) {
        0 => right.to_lowercase(),
        1 => format!("SSL_SESS_CACHE_{right}"),
        2 => right.replace('_', "-"),
        _ => die.slip(&right, |slip| flags.contains(&slip) || slip == "NO_INTERNAL" || slip == "UPDATE_TIME")?,
    };
    (wrong != right).then(|| Made::instead(good, &site.at, &wrong, Wants::Word(right)))
}

const NAMES_THE_TYPE: Wants = Wants::Says(&["expected ", "allowed here: "]);

pub(crate) fn wrong_type(good: &Good, die: &mut Die) -> Option<Made> {
    let site = site(good, die, |site| site.kind != Kind::Key && site.path.len() > 1 || site.key() == "scenario")?;
    let wrong: &[&str] = match (site.key(), site.kind) {
        ("scenario" | "clauses" | "editions" | "names", Kind::Bare | Kind::Quoted) => &["[a, b]", "{a: b}"],
        ("advance" | "size" | "num_tickets" | "set_clock", Kind::Bare) => &["[10]", "{a: 1}", "many", "true", "2.5"],
        ("clock" | "time" | "timeout" | "timeouts" | "times", Kind::Bare) => &["[10]", "{a: 1}", "many", "true", "2.5"],
        ("returns", Kind::Bare) => &["[1]", "{a: 1}", "yes", "true"],
        ("verify_peer" | "abbreviated" | "resumable", Kind::Bare) => &["yes", "1", "[true]", "on"],
        ("members" | "destroyed" | "callbacks" | "mode" | "as", Kind::List) => &["5", "true", "all"],
        ("contexts" | "sessions" | "counters" | "times" | "timeouts" | "resumable", Kind::Map) => &["[a]", "5", "a"],
        ("callbacks" | "external", Kind::Map) => &["[a]", "5", "true"],
        ("id" | "id_context", Kind::Quoted) => &["[a]", "{a: 1}", "5", "true"],
        (_, Kind::Bare) if is_in_step(site) && good.uses(site) => &["[a]", "5", "true"],
        _ => return None,
    };
    // In a context's own map of counters it is the whole map that has the other type.
    let wrong = die.pick(wrong).expect("each has some");
    let is_list_of_callbacks = site.key() == "callbacks" && is_in_step(site) && site.path.len() > 3;
    (!is_list_of_callbacks && !good.text_of(site).contains('\n') && good.text_of(site) != *wrong)
        .then(|| Made::instead(good, &site.at, wrong, NAMES_THE_TYPE))
}

pub(crate) fn undeclared_name(good: &Good, die: &mut Die) -> Option<Made> {
    let site = site(good, die, |site| good.uses(site))?;
    let right = good.text_of(site).to_owned();
    let declared = |word: &str| {
        let sets = [&good.contexts, &good.sessions, &good.connections];
        sets.into_iter().any(|set| set.contains(word)) || word == "none"
    };
    let wrong = die.slip(&right, declared)?;
    Some(Made::instead(good, &site.at, &wrong, Wants::Word(right)))
}

pub(crate) fn misspelt_clause(good: &Good, die: &mut Die) -> Option<Made> {
    let words = vocabulary();
    let is_clause = |site: &Site| site.kind == Kind::Bare && site.path.len() == 2 && site.path[0] == "clauses";
    let is_reading = |site: &Site| site.path.len() == 2 && site.path[0] == "readings" && site.kind != Kind::Map;
    let site = site(good, die, |site| is_clause(site) || is_reading(site))?;
    let right = good.text_of(site).to_owned();
    let values: Vec<&str> = words.readings.iter().flat_map(|(_, values)| values).copied().collect();
    let wrong = match die.below(6) {
        0 => right.replace('.', "-"),
        1 => right.replace('-', "_"),
        2 => right.replace('-', ""),
        _ => die.slip(&right, |slip| words.clauses.contains(&slip) || values.contains(&slip))?,
    };
    (wrong != right).then(|| Made::instead(good, &site.at, &wrong, Wants::Word(right)))
}

fn is_time(site: &Site) -> bool {
    let keys = ["advance", "flush_sessions", "at", "time", "timeout", "clock", "times", "timeouts", "set_clock"];
    let in_repeat = site.key() == "times" && site.path.ends_with(&["repeat".to_owned(), "times".to_owned()]);
    let of_session = ["times", "timeouts"].contains(&site.around());
    site.is_scalar() && (keys.contains(&site.key()) && !in_repeat || of_session)
}

pub(crate) fn bad_time(good: &Good, die: &mut Die) -> Option<Made> {
    const WRONG: [&str; 19] = [
        "tomorrow",
        "12:30",
        "5m",
        "10s",
        "1.5",
        "1e3",
        "1_000",
        "now1",
        "nwo",
        "now+",
        "now++1",
        "now+5s",
        "now*2",
        "soon",
        "010",
        "2026-11-22",
        "1,5",
        "-",
        "now +",
    ];
    let site = site(good, die, is_time)?;
    let wrong = die.pick(&WRONG).expect("there are some");
    // In a flow map a comma ends the value.
    let wrong = wrong.replace(',', if die.below(2) == 0 { "." } else { "'" });
    Some(Made::instead(good, &site.at, &wrong, Wants::Says(&["expected a", "did you mean"])))
}

const NAMES_THE_LIMIT: Wants =
    Wants::Says(&["expected a whole number", "beyond 64 bits", "at most", "it has 1 to 32", "0 to 4"]);

pub(crate) fn too_large(good: &Good, die: &mut Die) -> Option<Made> {
    let keys = ["advance", "size", "num_tickets", "clock", "time", "timeout", "returns", "id", "id_context", "at"];
    let counts = |site: &Site| ["counters", "times", "timeouts"].contains(&site.around());
    let site = site(good, die, |site| {
        site.is_scalar()
            && (keys.contains(&site.key()) && site.path.len() != 1 || counts(site) || site.key() == "clock")
    })?;
    let wrong = match site.key() {
        "advance" | "size" => die.pick(&["4294967296", "-1", "9223372036854775808"]).expect("some").to_string(),
        "num_tickets" => "5".to_owned(),
        "id" => format!("\"{}\"", "ab".repeat(33)),
        "id_context" if is_in_step(site) => format!("\"{}\"", "x".repeat(65)),
        "id_context" => format!("\"hex:{}\"", "00".repeat(33)),
        "returns" if good.text_of(site).parse::<i64>().is_err() => return None,
        _ => die.pick(&["9223372036854775808", "99999999999999999999", "-9223372036854775809"])?.to_string(),
    };
    Some(Made::instead(good, &site.at, &wrong, NAMES_THE_LIMIT))
}

/// A second op in a step, at its own key.
pub(crate) fn two_ops(good: &Good, die: &mut Die) -> Option<Made> {
    let first = site(good, die, is_verb)?;
    let others: Vec<&Site> = good.sites.iter().filter(|site| is_verb(site) && site.key() != first.key()).collect();
    let other = *die.pick(&others)?;
    let value = good.sites.iter().find(|site| site.kind != Kind::Key && site.path == other.path)?;
    let line = good.text[..first.at.start].rfind('\n')? + 1;
    let is_block = good.text[line..first.at.start].trim_start() == "- ";
    if !is_block || good.text_of(value).contains('\n') {
        return None;
    }
    let column = first.at.start - line;
    let end = good.text[first.at.start..].find('\n')? + first.at.start + 1;
    // A verb whose value goes on below would have it torn off.
    if good.text[end..].starts_with(&" ".repeat(column + 1)) {
        return None;
    }
    let added = format!("{}{}: {}\n", " ".repeat(column), other.key(), good.text_of(value));
    Some(Made::edited(good, &(end..end), &added, end + column, Wants::Says(&["a second verb"])))
}

/// An op with an argument that it does not have, or with a name of another kind.
pub(crate) fn wrong_argument(good: &Good, die: &mut Die) -> Option<Made> {
    if die.below(2) == 0 {
        let site = site(good, die, |site| good.uses(site) && is_in_step(site))?;
        let text = good.text_of(site);
        let kinds = [&good.contexts, &good.sessions, &good.connections];
        let others: Vec<&String> =
            kinds.into_iter().filter(|kind| !kind.contains(text)).flatten().filter(|name| *name != text).collect();
        // A timeout belongs to a session or a context.
        let other = die.pick(&others)?.as_str();
        let is_twice = good.contexts.contains(other) && good.sessions.contains(other);
        // A key that stands there already would be there twice.
        let mut siblings = good.sites.iter().filter(|of| of.kind == Kind::Key && of.path.len() == site.path.len());
        let taken = site.kind == Kind::Key
            && siblings.any(|of| of.path[..of.path.len() - 1] == site.path[..site.path.len() - 1] && of.key() == other);
        let says = Wants::Says(&["is a session", "is a context", "is a connection"]);
        return (!is_twice && !taken).then(|| Made::instead(good, &site.at, other, says));
    }
    let verb = site(good, die, is_verb)?;
    let value = good.sites.iter().find(|site| site.kind != Kind::Key && site.path == verb.path)?;
    if good.text_of(value).contains('\n') {
        return None;
    }
    let wrong = match verb.key() {
        "handshake" | "accept_begin" | "set_callbacks" | "repeat" | "session" | "set_time" => {
            let wrong = die.pick(&["a", "5", "[a]"]).expect("some");
            return Some(Made::instead(good, &value.at, wrong, Wants::Says(&["expected a map"])));
        }
        "add_session" | "remove_session" | "external_store" => "{session: SESSION, id: \"01\"}",
        "flush_sessions" => "{time: 5, at: now}",
        "accept_finish" | "accept_abort" | "free" | "up_ref" | "is_resumable" | "get_time" => "{name: SESSION}",
        "close" => "{how: clean, connection: k, as: s}",
        "probe" => {
            let says = Wants::Says(&["expected nothing", "`probe: ~`"]);
            return Some(Made::instead(good, &value.at, "a", says));
        }
        _ => return None,
    };
    let wrong = wrong.replace("SESSION", good.sessions.first()?);
    let offset = match verb.key() {
        "flush_sessions" => 1,
        "close" => wrong.find("as:").expect("it is there"),
        "add_session" | "remove_session" | "external_store" => wrong.find("id:").expect("it is there"),
        _ => 0,
    };
    let says = Wants::Says(&["allowed here", "did you mean", "expected a word", "expected nothing"]);
    Some(Made::edited(good, &value.at, &wrong, value.at.start + offset, says))
}
