//! From the text of a file to a workload.
//!
//! Here is what is about the whole; [`super::service`] takes the service at its word, [`super::clients`] who comes,
//! [`super::happenings`] what is done, and [`super::limits`] says what would be too much.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::super::event::{Moment, Server};
use super::super::law::Law;
use super::super::setting::Setting;
use super::super::workload::{Balancer, Workload};
use super::document::{BalancerWord, Document, LawWords};
use super::limits::{MOST_GROUPS, MOST_SERVERS};
use super::scalars::{Clock, Span};
use crate::scenario::{
    Brief, Form, Mistake, Ordered, Reader, SIZE_LIMIT, Source, child, in_order, survey_of, unreadable,
};

const WORKLOAD: Form = Form { what: "a workload", title: "workload", keys: "`workload:`, `lasts:`, `clients:`" };

/// Midnight at the begin of 2026, by UTC, so that a day of a workload is one of the calendar.
const CLOCK: i64 = 1_767_225_600;

/// Reads the workload in `text`; `file` is what messages call it.
///
/// # Errors
///
/// Every mistake that can be told from the rest, in the order of the file, but no more than 200.
pub fn parse(file: &str, text: &str) -> Result<Workload, Vec<Mistake>> {
    parse_lasting(file, text, None)
}

/// Reads the workload in `text`, to last for so long instead of as it says; what would be too much then is a mistake.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_lasting(file: &str, text: &str, lasts: Option<Moment>) -> Result<Workload, Vec<Mistake>> {
    let source = Arc::new(Source::new(file, text));
    if text.len() > SIZE_LIMIT {
        // Of a file that is longer, only as much was read.
        let message = format!("too many bytes; a workload has at most {SIZE_LIMIT}");
        return Err(vec![Mistake::new(&source, 0..0, message)]);
    }
    let (places, mistakes) = survey_of(&source, &WORKLOAD)?;
    let value: Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => return Err(in_order(mistakes.into_iter().chain([unreadable(&source, &error)]).collect())),
    };
    let mut reader = Reader { source, places, mistakes };
    let document: Option<Document> = reader.read(value, "");
    let workload = document.and_then(|document| {
        let written = document.lasts.0;
        let lasts = lasts.map_or(written, |Moment(lasts)| lasts);
        let mut lowering =
            Lowering { reader: &mut reader, written, lasts, servers: Vec::new(), balancer: Balancer::default() };
        lowering.workload(document)
    });
    match workload {
        Some(workload) if reader.mistakes.is_empty() => Ok(workload),
        _ => Err(in_order(reader.mistakes)),
    }
}

/// A document on its way to a workload.
pub(super) struct Lowering<'r> {
    pub(super) reader: &'r mut Reader,
    /// How long the text says that the workload lasts: what it says of moments is held against that.
    written: u64,
    /// How long the workload lasts.
    pub(super) lasts: u64,
    /// The names of the servers.
    pub(super) servers: Vec<String>,
    /// What stands in front of them.
    pub(super) balancer: Balancer,
}

impl Lowering<'_> {
    fn workload(&mut self, document: Document) -> Option<Workload> {
        if document.workload.trim().is_empty() {
            self.reader.at_value("/workload", "a workload says in a sentence what it is");
        }
        if self.written == 0 {
            self.reader.at_value("/lasts", "a workload that is over before anything happens");
        }
        let cache = self.cache(document.cache, "/cache", None);
        let external = self.external(document.external);
        let servers = self.all_servers(document.servers, &cache, external.as_ref());
        self.balancer = document.balancer.map_or(Balancer::default(), balancer);
        let setting = Setting { clock: document.clock.map_or(CLOCK, |Clock(clock)| clock), servers, external };
        let workload = Workload {
            title: document.workload,
            teaches: document.teaches.map(|words| words.trim().to_owned()),
            lasts: Moment(self.lasts),
            setting,
            servers: self.servers.clone(),
            balancer: self.balancer,
            clients: self.all_clients(document.clients.unwrap_or_default()),
            floods: self.all_floods(document.floods.unwrap_or_default()),
            happenings: self.all_happenings(document.happenings.unwrap_or_default()),
        };
        self.check_whole(&workload);
        Some(workload)
    }

    /// Reads a part. `None`: something in it does not fit, so that what is left of it says little.
    pub(super) fn part<T: DeserializeOwned>(&mut self, value: Value, pointer: &str) -> Option<T> {
        let told = self.reader.mistakes.len();
        self.reader.read(value, pointer).filter(|_| self.reader.mistakes.len() == told)
    }

    /// Whether there are at most so many; a mistake, unless so.
    pub(super) fn are_few(&mut self, count: usize, most: usize, what: &str, pointer: &str) -> bool {
        let few = count <= most;
        if !few {
            self.reader.at_key(pointer, format!("{count} {what}; a workload has at most {most}"));
        }
        few
    }

    /// The names of groups are told apart in reports, and there are only so many of them.
    pub(super) fn check_groups(&mut self, workload: &Workload) {
        let pointer = if workload.clients.len() > MOST_GROUPS { "/clients" } else { "/floods" };
        if !self.are_few(workload.groups(), MOST_GROUPS, "groups of clients and attackers", pointer) {
            return;
        }
        for flood in &workload.floods {
            if workload.clients.iter().any(|clients| clients.name == flood.name) {
                let message = format!("`{}` is the name of clients already", flood.name);
                self.reader.at_key(&child("/floods", &flood.name), message);
            }
        }
    }

    /// The servers of these names; `None`: all.
    pub(super) fn named_servers(&mut self, names: Option<Vec<String>>, pointer: &str) -> Vec<Server> {
        let Some(names) = names else {
            return (0..self.servers.len()).map(server).collect();
        };
        if names.is_empty() {
            self.reader.at_value(pointer, "a list of no servers: without the key, it is all of them");
        }
        let mut servers = Vec::new();
        for (n, name) in names.iter().enumerate() {
            if self.reader.is_full() {
                break;
            }
            let at = child(pointer, n);
            let Some(server) = self.named_server(name, &at) else { continue };
            if servers.contains(&server) {
                self.reader.at_value(&at, format!("`{name}` stands here a second time"));
            }
            servers.push(server);
        }
        servers
    }

    /// The server of this name.
    pub(super) fn named_server(&mut self, name: &str, pointer: &str) -> Option<Server> {
        let place = self.servers.iter().position(|server| server == name);
        if place.is_none() {
            let servers: Vec<&str> = self.servers.iter().map(String::as_str).collect();
            self.reader.at_value(pointer, format!("`{name}` is no server of this workload")).allow(name, servers);
        }
        place.map(server)
    }

    /// A law, and where it stands.
    pub(super) fn law(&mut self, words: LawWords, pointer: &str) -> Option<Law> {
        let drawn = match words {
            Brief::Short(Span(always)) => return Some(Law::Fixed(always)),
            Brief::Full(drawn) => drawn,
        };
        match (drawn.uniform, drawn.exponential, drawn.pareto) {
            (Some(uniform), None, None) if uniform.from.0 <= uniform.to.0 => {
                Some(Law::Uniform(uniform.from.0, uniform.to.0))
            }
            (Some(_), None, None) => {
                self.reader.at_value(&child(pointer, "uniform"), "from a longer time to a shorter one");
                None
            }
            (None, Some(mean), None) => Some(Law::Exponential(mean.0)),
            (None, None, Some(pareto)) => {
                let (least, shape) = (pareto.least.0, pareto.shape.0);
                let at = child(pointer, "pareto");
                if least == 0 {
                    self.reader.at_value(&child(&at, "least"), "the least of a Pareto law is more than 0");
                    return None;
                }
                if !(1.01..=100.0).contains(&shape) {
                    self.reader.at_value(&child(&at, "shape"), "the shape of a Pareto law is from 1.01 to 100");
                    return None;
                }
                Some(Law::Pareto { least, shape })
            }
            _ => {
                self.reader.at_value(pointer, "one law: `uniform`, `exponential` or `pareto`");
                None
            }
        }
    }

    /// A law that may be left out.
    pub(super) fn law_or(&mut self, words: Option<LawWords>, pointer: &str, without: u64) -> Law {
        words.and_then(|words| self.law(words, pointer)).unwrap_or(Law::Fixed(without))
    }

    /// Something that begins at this moment; what begins after the end is a mistake.
    pub(super) fn begins(&mut self, at: u64, pointer: &str, what: &str) {
        if at >= self.written && self.written > 0 {
            self.reader.at_value(pointer, format!("{what} when the workload is over: see `lasts:`"));
        }
    }

    /// A time from one moment on for so long; one of no length is a mistake.
    pub(super) fn window(&mut self, at: Span, lasts: Span, pointer: &str, what: &str) -> (Moment, Moment) {
        self.begins(at.0, &child(pointer, "at"), what);
        if lasts.0 == 0 {
            self.reader.at_value(&child(pointer, "for"), format!("{what} for no time at all"));
        }
        (Moment(at.0), Moment(at.0 + lasts.0))
    }

    /// What these names stand for, one by one; names have letters, digits, `_` and `-`.
    pub(super) fn each<T>(
        &mut self,
        named: Ordered<Value>,
        around: &str,
        mut read: impl FnMut(&mut Self, String, Value, &str) -> Option<T>,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for (name, value) in named.0 {
            if self.reader.is_full() {
                break;
            }
            let pointer = child(around, &name);
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
                let message = "a name has 1 to 40 letters, digits, `_` or `-`";
                self.reader.at_key(&pointer, message);
            }
            all.extend(read(self, name, value, &pointer));
        }
        all
    }

    /// The servers of which only the number is known.
    pub(super) fn numbered(&mut self, number: u32) -> Vec<String> {
        match number {
            0 => {
                self.reader.at_value("/servers", "0 servers: nobody could connect");
                Vec::new()
            }
            1 => vec!["server".to_owned()],
            _ if !self.are_few(number as usize, MOST_SERVERS, "servers", "/servers") => Vec::new(),
            _ => (1..=number).map(|n| format!("server{n}")).collect(),
        }
    }
}

/// The server at this place.
fn server(place: usize) -> Server {
    Server(u16::try_from(place).expect("they are few"))
}

fn balancer(word: BalancerWord) -> Balancer {
    match word {
        BalancerWord::Random => Balancer::Random,
        BalancerWord::RoundRobin => Balancer::RoundRobin,
        BalancerWord::ByClient => Balancer::ByClient,
    }
}
