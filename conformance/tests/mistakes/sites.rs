//! A good file and where its keys and values stand: what mistakes are made of.

use std::collections::BTreeSet;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};
use sesscheck::suite::File;

/// A good file.
pub(crate) struct Good {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) sites: Vec<Site>,
    /// The names of its contexts.
    pub(crate) contexts: BTreeSet<String>,
    /// The names of its sessions.
    pub(crate) sessions: BTreeSet<String>,
    /// The names of its connections.
    pub(crate) connections: BTreeSet<String>,
}

/// A key or a value.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The keys and numbers that lead there; of a key, with the key itself.
    pub(crate) path: Vec<String>,
    pub(crate) at: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Key,
    Bare,
    Quoted,
    List,
    Map,
}

/// The keys below which a file puts its own names.
const OF_NAMES: [&str; 7] = ["contexts", "sessions", "readings", "members", "times", "timeouts", "resumable"];

impl Site {
    /// The last key that leads there.
    pub(crate) fn key(&self) -> &str {
        self.path.iter().rfind(|part| !is_number(part)).map_or("", String::as_str)
    }

    /// The key or number around it.
    pub(crate) fn around(&self) -> &str {
        self.path.iter().nth_back(1).map_or("", String::as_str)
    }

    /// Whether it is a key that the format knows, not one of the file's own names.
    pub(crate) fn is_of_format(&self, good: &Good) -> bool {
        let own = good.contexts.contains(self.key()) && self.around() == "counters";
        self.kind == Kind::Key && !OF_NAMES.contains(&self.around()) && !own
    }

    /// Whether it is a word or number.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Bare | Kind::Quoted)
    }
}

pub(crate) fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

impl Good {
    pub(crate) fn of(file: &File) -> Self {
        let sites = sites(&file.text);
        let mut good = Self {
            path: file.path.clone(),
            text: file.text.clone(),
            sites: Vec::new(),
            contexts: BTreeSet::new(),
            sessions: BTreeSet::new(),
            connections: BTreeSet::new(),
        };
        for site in &sites {
            let text = &file.text[site.at.clone()];
            let top = site.path[..].first().map(String::as_str);
            let into = match (site.kind, top) {
                (Kind::Key, Some("contexts")) if site.path.len() == 2 => &mut good.contexts,
                (Kind::Key, Some("sessions")) if site.path.len() == 2 => &mut good.sessions,
                (Kind::Bare, Some("steps")) if site.path.contains(&"as".to_owned()) => &mut good.sessions,
                (Kind::Bare, _) if site.path.ends_with(&["session".to_owned(), "name".to_owned()]) => {
                    &mut good.sessions
                }
                (Kind::Bare, _) if site.path.ends_with(&["accept_begin".to_owned(), "connection".to_owned()]) => {
                    &mut good.connections
                }
                _ => continue,
            };
            if text != "_" {
                into.insert(text.to_owned());
            }
        }
        if good.contexts.is_empty() {
            good.contexts.insert("server".to_owned());
        }
        good.sites = sites;
        good
    }

    pub(crate) fn text_of(&self, site: &Site) -> &str {
        &self.text[site.at.clone()]
    }

    /// Whether a word is one of the file's names where it stands.
    pub(crate) fn uses(&self, site: &Site) -> bool {
        let text = self.text_of(site);
        let is_name = self.contexts.contains(text) || self.sessions.contains(text) || self.connections.contains(text);
        let makes = site.path.contains(&"as".to_owned())
            || site.path.ends_with(&["session".to_owned(), "name".to_owned()])
            || site.path.ends_with(&["accept_begin".to_owned(), "connection".to_owned()]);
        let is_there = match site.kind {
            Kind::Bare => !makes && !["id", "id_context", "returns", "tickets", "how", "by"].contains(&site.key()),
            Kind::Key => OF_NAMES.contains(&site.around()) || site.around() == "counters",
            _ => false,
        };
        let in_setup = site.path.first().is_some_and(|top| top == "sessions" && site.key() == "context");
        is_name && is_there && (in_setup || site.path.first().is_some_and(|top| top == "steps"))
    }

    /// The lines that are more than a comment: where each begins, and what it says.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut at = 0;
        let lines = self.text.split_inclusive('\n').map(move |line| {
            at += line.len();
            (at - line.len(), line.trim_end())
        });
        lines.filter(|(_, line)| !line.trim_start().starts_with('#') && !line.is_empty())
    }
}

fn sites(text: &str) -> Vec<Site> {
    let mut sites = Vec::new();
    // The collections that are open: where they begin, whether maps, the key that waits for its value, the next number.
    let mut around: Vec<Around> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.expect("a good file is YAML");
        let at = span.byte_range().expect("a text in memory has byte offsets");
        match event {
            Event::Scalar(word, style, ..) => {
                let quoted = style != ScalarStyle::Plain;
                if let Some((_, true, key @ None, _)) = around.last_mut() {
                    *key = Some(word.to_string());
                    sites.push(Site { path: path_of(&around), at, kind: Kind::Key });
                    continue;
                }
                count(&mut around);
                let path = path_of(&around);
                sites.push(Site { path, at, kind: if quoted { Kind::Quoted } else { Kind::Bare } });
                taken(&mut around);
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                count(&mut around);
                around.push((at.start, matches!(event, Event::MappingStart(..)), None, 0));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (start, is_map, ..) = around.pop().expect("an end has a start");
                let end = start + text[start..at.end].trim_end().len();
                sites.push(Site {
                    path: path_of(&around),
                    at: start..end,
                    kind: if is_map { Kind::Map } else { Kind::List },
                });
                taken(&mut around);
            }
            _ => {}
        }
    }
    sites
}

type Around = (usize, bool, Option<String>, usize);

fn path_of(around: &[Around]) -> Vec<String> {
    let part = |(_, is_map, key, next): &Around| {
        if *is_map { key.clone().unwrap_or_default() } else { (next - 1).to_string() }
    };
    around.iter().map(part).collect()
}

/// Counts an entry of a list.
fn count(around: &mut [Around]) {
    if let Some((_, false, _, next)) = around.last_mut() {
        *next += 1;
    }
}

/// The key that waited has its value.
fn taken(around: &mut [Around]) {
    if let Some((_, true, key, _)) = around.last_mut() {
        *key = None;
    }
}
