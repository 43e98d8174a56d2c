//! Answers as versioned JSON: what was counted, with the two hit rates beside it.

use serde::Serialize;

use crate::simulate::answers::{Answers, Handshakes, SCHEMA};
use crate::simulate::sweep::{self, Swept};

/// A document: the answers, under their schema.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    hit_rate: Rates,
    answers: &'a Answers,
}

/// Both hit rates; nothing where there is nothing to be a share of.
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
    answers: &'a Answers,
}

impl Rates {
    fn of(handshakes: &Handshakes) -> Self {
        Self { of_proposed: handshakes.rate_of_proposed(), of_connections: handshakes.rate_of_all() }
    }
}

/// The answers as JSON, with a newline at the end.
#[must_use]
pub fn json(answers: &Answers) -> String {
    written(&Document { schema: SCHEMA, hit_rate: Rates::of(&answers.counts.handshakes), answers })
}

/// A sweep as JSON.
#[must_use]
pub fn sweep_json(swept: &Swept) -> String {
    let setting = |run: &'_ sweep::Run| -> Rates { Rates::of(&run.answers.counts.handshakes) };
    let settings = swept.settings.iter();
    let settings = settings.map(|run| Setting { setting: &run.setting, hit_rate: setting(run), answers: &run.answers });
    written(&Sweep { schema: sweep::SCHEMA, again: &swept.again, settings: settings.collect() })
}

fn written(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string(document).expect("all keys are strings");
    text.push('\n');
    text
}
