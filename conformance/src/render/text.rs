//! The report for a terminal: the first line of a divergence is enough, the rest is there to act on.

use std::fmt::Write;

use crate::campaign::Shard;
use crate::report::{
    Aspect, Compared, Difference, Found, HazardCounts, HazardReport, Report, ScenarioCounts, Standing, SubjectReport,
    alike,
};

/// The report as text.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for claim in &report.manual.unmet {
        put(&mut out, format_args!("{}: {}", claim.place, super::with_clause(claim)));
        out.push_str(&super::below(claim));
    }
    for subject in &report.subjects {
        divergences(&mut out, subject);
    }
    let (scenarios, unmet) = (report.manual.scenarios, report.manual.unmet.len());
    if unmet == 0 {
        put(&mut out, format_args!("manual      {scenarios} scenarios, every claim borne out by the model"));
    } else {
        put(&mut out, format_args!("manual      {scenarios} scenarios, {unmet} claims not borne out by the model"));
    }
    for subject in &report.subjects {
        summary(&mut out, subject);
    }
    if report.shard != Shard::WHOLE {
        put(&mut out, format_args!("shard       {} of the scenarios and random traces", report.shard));
    }
    if let Some(baseline) = &report.baseline {
        compared(&mut out, baseline);
    }
    if let Some(power) = &report.power {
        put(&mut out, format_args!("power       {power}"));
    }
    out
}

/// What is another than in an earlier report.
fn compared(out: &mut String, baseline: &Compared) {
    let [new, gone, changed] = baseline.counts();
    put(out, format_args!("baseline    {new} new, {gone} gone, {changed} changed since {}", baseline.file));
    for Difference { subject, aspect, what, was, is } in &baseline.differences {
        let what = if what.is_empty() { String::new() } else { format!(" {what}") };
        let aspect = match aspect {
            Aspect::Verdict => "verdict",
            Aspect::Claim => "claim",
            Aspect::Divergence => "divergence",
            Aspect::Unstable => "unstable",
            Aspect::Stale => "stale entry",
            Aspect::NotRun => "not run",
            Aspect::Accepted => "accepted",
            Aspect::Known => "known",
        };
        let words = match (was, is) {
            (None, Some(is)) => format!("new: {is}"),
            (Some(was), None) => format!("gone: {was}"),
            (was, is) => format!(
                "was: {}\n                now: {}",
                was.as_deref().unwrap_or_default(),
                is.as_deref().unwrap_or_default()
            ),
        };
        put(out, format_args!("            {subject}, {aspect}{what}: {words}"));
    }
}

/// One divergence in full.
#[must_use]
pub fn found(subject: &str, found: &Found) -> String {
    let mut out = String::new();
    put(&mut out, format_args!("{}", found.headline(subject)));
    if !found.statement.is_empty() {
        put(&mut out, format_args!("  {}: {}", found.parted.clause, found.statement));
    }
    match found.steps {
        (now, before) if now < before => put(&mut out, format_args!("  reduced from {before} steps to {now}:")),
        _ => put(&mut out, format_args!("  the trace:")),
    }
    out.push('\n');
    for line in found.trace.lines() {
        put(&mut out, format_args!("    {line}"));
    }
    out.push('\n');
    if let Some(hung) = found.hung {
        put(&mut out, format_args!("  not reduced further: {hung} shorter traces hung"));
    }
    put(&mut out, format_args!("  replay: {}", found.replay));
    out.push('\n');
    out
}

fn divergences(out: &mut String, subject: &SubjectReport) {
    let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
    for group in alike(subject.divergences.iter().chain(gone)) {
        out.push_str(&found(&subject.subject, group.shortest));
        if let Some(others) = group.others() {
            put(out, format_args!("  {others}\n"));
        }
    }
}

fn summary(out: &mut String, subject: &SubjectReport) {
    let name = &subject.subject;
    if subject.verdict == Standing::NotRun {
        let why = subject.not_run.last().map_or("nothing to run", |not_run| not_run.why.as_str());
        put(out, format_args!("{name:<11} not run: {why}"));
        return;
    }
    let verdict = subject.verdict;
    let under = match subject.verdict {
        Standing::GoesDown | Standing::Survives => "hazards".to_owned(),
        _ => format!("profile {}", subject.profile),
    };
    put(out, format_args!("{name:<11} {verdict} under {under}   {}", subject.about));
    if let Some(report) = &subject.hazards {
        hazards(out, report);
    }
    if let Some(other) = &subject.other_library {
        put(out, format_args!("            profile {} was {other}", subject.profile));
    }
    let counts = subject.scenarios;
    if subject.hazards.is_some() && counts == ScenarioCounts::default() && subject.traces == 0 {
        return not_run(out, subject);
    }
    put(
        out,
        format_args!(
            "            scenarios: {} as the pages, {} otherwise as known, {}{} unexplained, {} not run",
            counts.conforms,
            counts.diverges_known,
            if counts.accepted > 0 { format!("{} accepted, ", counts.accepted) } else { String::new() },
            counts.diverges,
            counts.not_run
        ),
    );
    let random = subject.traces > 0 || subject.diverged > 0 || !subject.asked.is_empty();
    if random {
        put(
            out,
            format_args!(
                "            random: {} traces, {} ops, {} handshakes, {} latitudes",
                subject.traces, subject.ops, subject.handshakes, subject.latitudes
            ),
        );
    }
    if subject.cut > 0 {
        let cut = subject.cut;
        put(out, format_args!("            {cut} of these traces end where a known divergence damages the library"));
    }
    if !subject.known.is_empty() || !subject.divergences.is_empty() {
        let departures = subject.known.iter().filter(|known| !known.name.contains(": ")).count();
        let readings = subject.known.len() - departures;
        let unexplained = subject.divergences.len();
        put(
            out,
            format_args!(
                "            {departures} known divergences, {readings} readings of its own, {unexplained} unexplained"
            ),
        );
    }
    if subject.diverged_accepted > 0 {
        let ended = subject.diverged_accepted;
        put(out, format_args!("            {ended} random traces go no further than what the ledger accepts"));
    }
    for accepted in &subject.accepted {
        let (name, reason) = (accepted.parted.name(), &accepted.reason);
        put(out, format_args!("            accepted: {name}: {reason}"));
    }
    for stale in &subject.stale {
        put(out, format_args!("            stale: {}: {}", stale.what, stale.why));
    }
    for unstable in &subject.unstable {
        put(out, format_args!("            unstable: {}: {}", unstable.why, unstable.what));
    }
    if let Some(early) = &subject.ended_early {
        put(out, format_args!("            ended early {early}"));
    }
    not_run(out, subject);
}

/// What hazards did to a subject.
fn hazards(out: &mut String, report: &HazardReport) {
    let counts = |counts: HazardCounts| {
        let HazardCounts { completed, crashed, hung, grew, not_run } = counts;
        format!("{completed} completed, {crashed} crashed, {hung} hung, {grew} grew, {not_run} not run")
    };
    put(out, format_args!("            hazards, scenarios: {}", counts(report.scenarios)));
    put(out, format_args!("            hazards, random: {}, {} ops", counts(report.random), report.ops));
    let (found, unreduced) = (report.found.len(), report.unreduced);
    if found > 0 || unreduced > 0 {
        put(out, format_args!("            {found} causes reduced, {unreduced} findings not reduced"));
    }
    if report.unstable > 0 {
        put(out, format_args!("            unstable: {} went down and not when run again", report.unstable));
    }
    if report.random.not_run > 0 {
        put(out, format_args!("            not run, such as: {}", report.why_not));
    }
}

fn not_run(out: &mut String, subject: &SubjectReport) {
    for (why, times) in subject.reasons() {
        put(out, format_args!("            not run, {times}: {why}"));
    }
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
