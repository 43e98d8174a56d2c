//! A calibration, as people and machines read it: how far each simulated hit rate is from its formula, and whether the
//! mistakes that were planted in the predictions were noticed. A renderer takes a [`Calibration`] and nothing else.

mod html;

#[cfg(test)]
mod tests;

pub use html::html;

use std::fmt::Write as _;

use super::simulation::wrapped;
use crate::simulate::calibration::{Calibrated, Calibration, SIGMAS};

/// How a hit rate is printed: in per cent, with two decimals.
fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// How far it is from what was predicted, with its sign.
fn difference(case: &Calibrated) -> String {
    format!("{:+.2} %", 100.0 * case.difference())
}

fn verdict(case: &Calibrated) -> &'static str {
    match (case.holds, case.is_well()) {
        (false, _) => "DOES NOT HOLD",
        (true, false) => "holds, as would a mistake",
        (true, true) => "holds",
    }
}

/// What the whole came to, in a sentence.
fn sum(calibration: &Calibration) -> String {
    let cases = &calibration.cases;
    let hold = cases.iter().filter(|case| case.holds).count();
    let planted = cases.iter().flat_map(|case| &case.planted);
    let (all, noticed) = (planted.clone().count(), planted.filter(|planted| planted.noticed).count());
    format!("{hold} of {} cases hold; {noticed} of {all} planted mistakes are noticed", cases.len())
}

/// What is allowed, and what is planted, in a paragraph.
fn about() -> String {
    format!(
        "Each case is a service so simple that a formula says what share of its connections is resumed. What is \
         simulated may be off by {SIGMAS} standard errors, taken from about 32 batches of the run, and by what the \
         formula itself may be. A planted mistake is a prediction for another service; it has to be further off, or the \
         case would say nothing."
    )
}

/// A calibration as text, within 100 columns.
#[must_use]
pub fn text(calibration: &Calibration) -> String {
    let mut out = String::new();
    wrapped(&mut out, "calibration ", &format!("{}; seed {}", sum(calibration), calibration.seed));
    wrapped(&mut out, "again       ", &calibration.again);
    out.push('\n');
    wrapped(&mut out, "", &about());
    let heads = ["case", "connections", "predicted", "simulated", "difference", "allowed"];
    let [case, rest @ ..] = heads;
    let rest = rest.map(|head| format!("{head:>12}")).concat();
    put(&mut out, format_args!("\n{case:<22}{rest}"));
    for case in &calibration.cases {
        row(&mut out, case);
    }
    super::page::plain(&out)
}

fn row(out: &mut String, case: &Calibrated) {
    let numbers = [
        case.connections.to_string(),
        percent(case.predicted),
        percent(case.simulated),
        difference(case),
        percent(case.allowed),
    ];
    let numbers = numbers.map(|number| format!("{number:>12}")).concat();
    put(out, format_args!("\n{:<22}{numbers}  {}", case.name, verdict(case)));
    wrapped(out, "  ", case.about);
    wrapped(out, "  ", &format!("{}  [{}]", case.formula, case.source));
    for planted in &case.planted {
        let noticed = if planted.noticed { "noticed" } else { "NOT NOTICED" };
        put(out, format_args!("    {:<58}{:>12}  {noticed}", planted.what, percent(planted.predicted)));
    }
}

/// A calibration as Markdown.
#[must_use]
pub fn markdown(calibration: &Calibration) -> String {
    let mut out = String::new();
    put(&mut out, format_args!("# Calibration of the simulator\n\n{}.\n\n{}\n", sum(calibration), about()));
    put(&mut out, format_args!("Again: `{}`\n", calibration.again));
    put(&mut out, format_args!("| case | connections | predicted | simulated | difference | allowed | |"));
    put(&mut out, format_args!("|---|--:|--:|--:|--:|--:|---|"));
    for case in &calibration.cases {
        put(
            &mut out,
            format_args!(
                "| {} | {} | {} | {} | {} | {} | {} |",
                case.name,
                case.connections,
                percent(case.predicted),
                percent(case.simulated),
                difference(case),
                percent(case.allowed),
                verdict(case)
            ),
        );
    }
    for case in &calibration.cases {
        put(&mut out, format_args!("\n## {}\n\n{}.\n", case.name, case.about));
        put(&mut out, format_args!("`{}` ({}).\n", case.formula, case.source));
        for planted in &case.planted {
            let noticed = if planted.noticed { "noticed" } else { "**not noticed**" };
            put(&mut out, format_args!("- {}: {}, {noticed}", planted.what, percent(planted.predicted)));
        }
        put(&mut out, format_args!("\n```yaml\n{}```", case.workload));
    }
    super::page::plain(&out)
}

/// A calibration as versioned JSON, with a newline at the end.
///
/// # Panics
///
/// Never: all keys are strings.
#[must_use]
pub fn json(calibration: &Calibration) -> String {
    let mut text = serde_json::to_string_pretty(calibration).expect("all keys are strings");
    text.push('\n');
    text
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
