//! A diagnosis for a terminal: what is new comes first, then the profile, entry by entry, then how sure it is.

use std::fmt::Write;

use super::diagnosis::{Diagnosis, Explained, Outcome};
use crate::render;

impl Diagnosis {
    /// The diagnosis as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for new in &self.new {
            put(&mut out, format_args!("NEW: no reading and no known departure explains this"));
            out.push_str(&render::found(&self.subject, new));
        }
        for clause in &self.suspects {
            put(&mut out, format_args!("All that is new is as if this clause were not kept: {clause}\n"));
        }
        self.entries.iter().for_each(|entry| explained(&mut out, entry));
        put(&mut out, format_args!("profile:\n"));
        for line in self.yaml().lines() {
            put(&mut out, format_args!("    {line}"));
        }
        out.push('\n');
        self.open(&mut out);
        self.summary(&mut out);
        out
    }

    fn open(&self, out: &mut String) {
        for latitude in &self.latitudes {
            let values = match latitude.agrees_with.as_slice() {
                [] => "no one value".to_owned(),
                values => values.join(", "),
            };
            let axis = &latitude.axis;
            put(out, format_args!("latitude {axis}: left to the subject; what was seen agrees with {values}"));
        }
        for open in &self.open {
            put(out, format_args!("open: {}: {}", open.what, open.why));
        }
        for unstable in &self.unstable {
            put(out, format_args!("unstable: {}: {}", unstable.why, unstable.what));
        }
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for not_run in &self.not_run {
            match reasons.iter_mut().find(|(why, _)| *why == not_run.why) {
                Some((_, times)) => *times += 1,
                None => reasons.push((&not_run.why, 1)),
            }
        }
        for (why, times) in reasons {
            put(out, format_args!("not run, {times}: {why}"));
        }
    }

    fn summary(&self, out: &mut String) {
        let departures = self.entries.iter().filter(|entry| !entry.name.contains(": ")).count();
        let readings = self.entries.len() - departures;
        let verdict = match self.outcome {
            Outcome::Conforms => "conforms with the pure manual".to_owned(),
            Outcome::Explained => format!("explained by {readings} readings and {departures} departures"),
            Outcome::New => format!(
                "{} new, {} unstable, beside {readings} readings and {departures} departures",
                self.new.len(),
                self.unstable.len()
            ),
            Outcome::NotConfirmed => "not confirmed: time was up".to_owned(),
        };
        put(out, format_args!("{}: {verdict}   {}", self.subject, self.about));
        let sure = &self.assurance;
        let seeds = sure.seeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let else_ = if self.new.is_empty() { "nothing else" } else { "nothing else that was not like what is new" };
        put(
            out,
            format_args!(
                "  {else_} in {} ops and {} handshakes (seeds {seeds}), {} scenarios, {} pieces of evidence in all",
                sure.ops, sure.handshakes, sure.scenarios, sure.evidence
            ),
        );
        if sure.alike > 0 {
            put(out, format_args!("  {} random traces came to what is new, and were followed no further", sure.alike));
        }
        if sure.latitudes > 0 {
            put(out, format_args!("  {} choices were left to the subject", sure.latitudes));
        }
        if !sure.whole {
            put(out, format_args!("  ended early: the time limit, or no round of the whole budget came to its end"));
        }
    }
}

fn explained(out: &mut String, entry: &Explained) {
    put(out, format_args!("{} [{}]", entry.name, entry.clause));
    put(out, format_args!("  the page: {}", entry.statement));
    put(out, format_args!("  instead:  {}", entry.instead));
    match &entry.scenario {
        Some(scenario) => {
            out.push('\n');
            // The line for editors says nothing here.
            for line in scenario.lines().filter(|line| !line.starts_with('#')) {
                put(out, format_args!("    {line}"));
            }
        }
        None => put(out, format_args!("  no scenario: a latitude that is pinned")),
    }
    out.push('\n');
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
