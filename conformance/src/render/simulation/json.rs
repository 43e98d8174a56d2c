//! Answers as versioned JSON: what was counted, with the two hit rates beside it.

use serde::Serialize;

use crate::simulate::answers::{Answers, Handshakes, SCHEMA};
use crate::simulate::sweep::{self, Swept};

/// A document: the answers, under their schema.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    hit_rate: Rates,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_rate_of_attackers: Option<Rates>,
    answers: &'a Answers,
}

/// Both hit rates of clients or of attackers; nothing where there is nothing to be a share of.
#[derive(Serialize)]
struct Rates {
    of_proposed: Option<f64>,
    of_connections: Option<f64>,
}

#[derive(Serialize)]
struct Sweep<'a> {
    schema: &'static str,
    again: &'a str,
    settings: Vec<Setting<'a>>,
}

#[derive(Serialize)]
struct Setting<'a> {
    setting: &'a str,
    hit_rate: Rates,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_rate_of_attackers: Option<Rates>,
    answers: &'a Answers,
}

impl Rates {
    fn of(handshakes: &Handshakes) -> Self {
        Self { of_proposed: handshakes.rate_of_proposed(), of_connections: handshakes.rate_of_all() }
    }

    fn of_attackers(answers: &Answers) -> Option<Self> {
        (answers.facts.attackers > 0).then(|| Self::of(&answers.of_attackers()))
    }
}

/// The answers as JSON, with a newline at the end.
#[must_use]
pub fn json(answers: &Answers) -> String {
    let (hit_rate, hit_rate_of_attackers) = (Rates::of(&answers.of_clients()), Rates::of_attackers(answers));
    written(&Document { schema: SCHEMA, hit_rate, hit_rate_of_attackers, answers })
}

/// A sweep as JSON.
#[must_use]
pub fn sweep_json(swept: &Swept) -> String {
    let settings = swept.settings.iter().map(|sweep::Run { setting, answers }| Setting {
        setting,
        hit_rate: Rates::of(&answers.of_clients()),
        hit_rate_of_attackers: Rates::of_attackers(answers),
        answers,
    });
    written(&Sweep { schema: sweep::SCHEMA, again: &swept.again, settings: settings.collect() })
}

fn written(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string(document).expect("all keys are strings");
    text.push('\n');
    text
}
