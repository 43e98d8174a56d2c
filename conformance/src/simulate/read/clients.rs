//! The clients and attackers of a workload.

use serde_yaml::Value;
use session_model::{Mechanism, Protocol};

use super::super::event::Moment;
use super::super::workload::{Arrivals, Clients, Come, Crowd, DAY, Daily, Flood, Floods, Who};
use super::document::{
    ArrivalWords, ClientWords, CrowdWords, DailyWords, FloodWords, LawWords, ProtocolWords, WhoWords,
};
use super::limits::{MOST_CLIENTS, MOST_CROWDS};
use super::lower::Lowering;
use super::scalars::{Number, Rate, Share, Span};
use crate::scenario::{Brief, Count, Ordered, child};

/// How long a connection stays open when that is not said, in microseconds.
const STAYS: u64 = 1_000_000;
/// How long after its begin a handshake is finished when that is not said, in microseconds.
const ROUND_TRIP: u64 = 50_000;

/// The least that a client thinks, in the mean and in microseconds.
const LEAST_THOUGHT: u64 = 1_000;

/// How far shares may be from 1 in all: what rounding makes of thirds written with three digits.
const ROUNDED: f64 = 0.001;

impl Lowering<'_> {
    pub(super) fn all_clients(&mut self, groups: Ordered<Value>) -> Vec<Clients> {
        self.each(groups, "/clients", |lowering, name, value, pointer| {
            let words = lowering.part(value, pointer)?;
            lowering.clients(name, words, pointer)
        })
    }

    fn clients(&mut self, name: String, words: ClientWords, pointer: &str) -> Option<Clients> {
        let Count(number) = words.number;
        if !(1..=MOST_CLIENTS).contains(&number) {
            let message = format!("{number} clients; a group has 1 to {MOST_CLIENTS}");
            self.reader.at_value(&child(pointer, "number"), message);
        }
        let come = match (words.arrivals, words.thinks) {
            (Some(arrivals), None) => self.open(arrivals, &child(pointer, "arrivals")),
            (None, Some(thinks)) => self.closed(thinks, &child(pointer, "thinks")),
            (None, None) => {
                self.reader.at_key(pointer, "clients that never come: say `arrivals:` or `thinks:`");
                None
            }
            (Some(_), Some(_)) => {
                let message = "clients come by `arrivals:` or each by what it `thinks:`, not by both";
                self.reader.at_key(&child(pointer, "thinks"), message);
                None
            }
        };
        let keeps = words.keeps.map(|Span(keeps)| keeps);
        if keeps == Some(0) {
            self.reader.at_value(&child(pointer, "keeps"), "clients that keep nothing never have a session resumed");
        }
        let mechanisms = self.mechanisms(words.protocols, &child(pointer, "protocols"));
        let single_use = words.single_use.unwrap_or(false);
        if single_use && !mechanisms.is_empty() && mechanisms.iter().all(|(of, _)| of.protocol() == Protocol::Tls12) {
            let message = "sessions of TLSv1.3 are used once, and these clients have none: see `protocols:`";
            self.reader.at_key(&child(pointer, "single_use"), message);
        }
        Some(Clients {
            name,
            number,
            stays: self.law_or(words.lasts, &child(pointer, "lasts"), STAYS),
            round_trip: self.law_or(words.round_trip, &child(pointer, "round_trip"), ROUND_TRIP),
            mechanisms,
            unclean: words.unclean.map_or(0.0, |Share(share)| share),
            aborts: words.aborts.map_or(0.0, |Share(share)| share),
            keeps,
            single_use,
            servers: self.named_servers(words.goes_to, &child(pointer, "goes_to")),
            come: come?,
        })
    }

    /// Whoever thinks for no time comes again at the same moment where a handshake fails or is over at once.
    fn closed(&mut self, thinks: LawWords, pointer: &str) -> Option<Come> {
        let thinks = self.law(thinks, pointer)?;
        if thinks.mean() < LEAST_THOUGHT as f64 {
            let message = "clients that come again at once: they think for 1ms or longer in the mean";
            self.reader.at_value(pointer, message);
        }
        Some(Come::Closed { thinks })
    }

    fn open(&mut self, value: Value, pointer: &str) -> Option<Come> {
        let words: ArrivalWords = self.part(value, pointer)?;
        let Rate(rate) = words.rate;
        if rate == 0.0 {
            self.reader.at_value(&child(pointer, "rate"), "clients that never come");
        }
        let daily = match (words.daily, words.by_hour) {
            (None, None) => Some(Daily::Even),
            (Some(daily), None) => self.sine(&daily, &child(pointer, "daily")),
            (None, Some(weights)) => self.hours(&weights, &child(pointer, "by_hour")),
            (Some(_), Some(_)) => {
                let message = "a day is a sine, `daily:`, or a table, `by_hour:`, not both";
                self.reader.at_key(&child(pointer, "by_hour"), message);
                None
            }
        };
        let crowds = self.crowds(words.crowds.unwrap_or_default(), &child(pointer, "crowds"));
        let who = match words.who {
            None | Some(Brief::Short(_)) => Who::Evenly,
            Some(Brief::Full(WhoWords { zipf: Number(exponent) })) => {
                if exponent > 10.0 {
                    let message = "the exponent of a Zipf law is from 0 to 10";
                    self.reader.at_value(&child(&child(pointer, "who"), "zipf"), message);
                }
                Who::Zipf(exponent)
            }
        };
        Some(Come::Open { arrivals: Arrivals { rate, daily: daily?, crowds }, who })
    }

    fn sine(&mut self, words: &DailyWords, pointer: &str) -> Option<Daily> {
        let Span(peak) = words.peak;
        if peak >= DAY {
            self.reader.at_value(&child(pointer, "peak"), "the peak is an hour of the day: `0h` to below `24h`");
            return None;
        }
        Some(Daily::Sine { swing: words.swing.0, peak })
    }

    fn hours(&mut self, weights: &[Number], pointer: &str) -> Option<Daily> {
        let Ok(weights) = <[Number; 24]>::try_from(weights) else {
            self.reader.at_value(pointer, format!("{} weights; a day has 24 hours", weights.len()));
            return None;
        };
        let mean = weights.iter().map(|Number(weight)| weight).sum::<f64>() / 24.0;
        if mean == 0.0 {
            self.reader.at_value(pointer, "a day on which nobody comes");
            return None;
        }
        Some(Daily::Hours(Box::new(weights.map(|Number(weight)| weight / mean))))
    }

    fn crowds(&mut self, words: Vec<CrowdWords>, pointer: &str) -> Vec<Crowd> {
        if !self.are_few(words.len(), MOST_CROWDS, "crowds of one group", pointer) {
            return Vec::new();
        }
        let mut crowds = Vec::new();
        for (n, words) in words.into_iter().enumerate() {
            let (from, to) = self.window(words.at, words.lasts, &child(pointer, n), "a crowd comes");
            crowds.push(Crowd { from, to, times: words.times.0 });
        }
        crowds
    }

    /// How a group's connections have sessions resumed.
    fn mechanisms(&mut self, values: Option<Vec<Value>>, pointer: &str) -> Vec<(Mechanism, f64)> {
        let Some(values) = values else { return vec![(Mechanism::Ids, 1.0)] };
        let (mut mechanisms, mut rest) = (Vec::new(), None);
        for (n, value) in values.into_iter().enumerate() {
            if self.reader.is_full() {
                return Vec::new();
            }
            let at = child(pointer, n);
            let Some(words) = self.part::<ProtocolWords>(value, &at) else { return Vec::new() };
            let mechanism = self.reader.mechanism(Some(words.protocol), words.tickets, words.num_tickets, &at);
            let Some(mechanism) = mechanism else { return Vec::new() };
            if mechanisms.iter().any(|(other, _)| *other == mechanism) {
                self.reader.at_value(&at, "the same as above: add the shares up");
            }
            if words.share.is_none() && rest.replace(n).is_some() {
                self.reader.at_value(&at, "a second one without `share:`, which is what the others leave");
            }
            mechanisms.push((mechanism, words.share.map_or(0.0, |Share(share)| share)));
        }
        self.shared(mechanisms, rest, pointer)
    }

    /// The shares are 1 in all.
    fn shared(
        &mut self,
        mut mechanisms: Vec<(Mechanism, f64)>,
        rest: Option<usize>,
        pointer: &str,
    ) -> Vec<(Mechanism, f64)> {
        let all: f64 = mechanisms.iter().map(|(_, share)| share).sum();
        if mechanisms.is_empty() {
            self.reader.at_value(pointer, "a list of no protocols: without the key, it is TLSv1.2 with session ids");
        } else if all > 1.0 + ROUNDED {
            self.reader.at_key(pointer, format!("shares of {all:.3} in all; they are 1"));
        } else if let Some(rest) = rest {
            mechanisms[rest].1 = (1.0 - all).max(0.0);
        } else if all < 1.0 - ROUNDED {
            let message = format!("shares of {all:.3} in all; they are 1, or one of them is left out");
            self.reader.at_key(pointer, message);
        }
        mechanisms
    }

    pub(super) fn all_floods(&mut self, floods: Ordered<Value>) -> Vec<Flood> {
        self.each(floods, "/floods", |lowering, name, value, pointer| {
            let words = lowering.part(value, pointer)?;
            lowering.flood(name, words, pointer)
        })
    }

    fn flood(&mut self, name: String, words: FloodWords, pointer: &str) -> Option<Flood> {
        let (does, key, Rate(rate)) = match (words.unknown_ids, words.handshakes) {
            (Some(rate), None) => (Floods::UnknownIds, "unknown_ids", rate),
            (None, Some(rate)) => (Floods::Handshakes, "handshakes", rate),
            _ => {
                self.reader.at_key(pointer, "a flood is one of `unknown_ids:` and `handshakes:`, with a rate");
                return None;
            }
        };
        if rate == 0.0 {
            self.reader.at_value(&child(pointer, key), "a flood of nothing");
        }
        let at = words.at.unwrap_or(Span(0));
        let lasts = words.lasts.unwrap_or(Span(self.lasts.saturating_sub(at.0).max(1)));
        let (from, to): (Moment, Moment) = self.window(at, lasts, pointer, "a flood begins");
        let mechanism = match words.protocol {
            None if words.tickets.is_none() && words.num_tickets.is_none() => Some(Mechanism::Ids),
            protocol => self.reader.mechanism(protocol, words.tickets, words.num_tickets, pointer),
        };
        if does == Floods::UnknownIds && mechanism.is_some_and(Mechanism::is_stateless) {
            self.reader.at_key(&child(pointer, "tickets"), "with stateless tickets, no id is looked up");
        }
        Some(Flood {
            name,
            does,
            rate,
            from,
            to,
            mechanism: mechanism?,
            round_trip: self.law_or(words.round_trip, &child(pointer, "round_trip"), ROUND_TRIP),
            servers: self.named_servers(words.goes_to, &child(pointer, "goes_to")),
        })
    }
}
