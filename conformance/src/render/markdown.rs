//! The report as Markdown for the summary of a job: a table of the subjects, then each finding folded.

use std::fmt::Write;

use crate::report::{Change, Report, SubjectReport, alike};

/// The report as Markdown, as GitHub and GitLab read it.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = String::from("# sesscheck\n\n");
    let (scenarios, unmet) = (report.manual.scenarios, report.manual.unmet.len());
    put(&mut out, format_args!("{scenarios} scenarios, {unmet} claims not borne out by the model.\n"));
    put(&mut out, format_args!("| subject | verdict | profile | scenarios | random ops | known | unexplained |"));
    put(&mut out, format_args!("|---|---|---|---|---|---|---|"));
    for subject in &report.subjects {
        row(&mut out, subject);
    }
    out.push('\n');
    for claim in &report.manual.unmet {
        put(&mut out, format_args!("- {}: claims {}", code(&claim.place), cell(&claim.stated)));
        let clause = if claim.clause.is_empty() { String::new() } else { format!(" {}", code(&claim.clause)) };
        put(&mut out, format_args!("  but the model rules: {}{clause}", cell(&claim.ruled)));
        if !claim.excerpt.is_empty() {
            put(&mut out, format_args!("\n{}", fenced("text", &super::below(claim))));
        }
    }
    if let Some(baseline) = &report.baseline {
        let [new, gone, changed] = baseline.counts();
        put(&mut out, format_args!("## Since {}\n", code(&baseline.file)));
        put(&mut out, format_args!("{new} new, {gone} gone, {changed} changed.\n"));
        for difference in &baseline.differences {
            let word = match difference.change() {
                Change::New => "new",
                Change::Gone => "gone",
                Change::Changed => "changed",
            };
            let said = difference.is.as_ref().or(difference.was.as_ref()).map_or("", String::as_str);
            put(&mut out, format_args!("- {word}: {} {}", cell(&difference.what), cell(said)));
        }
        out.push('\n');
    }
    for subject in &report.subjects {
        details(&mut out, subject);
    }
    if let Some(power) = &report.power {
        put(&mut out, format_args!("Power: {}", cell(&power.to_string())));
    }
    out
}

fn row(out: &mut String, subject: &SubjectReport) {
    let counts = subject.scenarios;
    let scenarios = format!(
        "{} as the pages, {} otherwise as known, {} accepted, {} unexplained, {} not run",
        counts.conforms, counts.diverges_known, counts.accepted, counts.diverges, counts.not_run
    );
    put(
        out,
        format_args!(
            "| {} | {}{} | {} | {scenarios} | {} | {} | {} |",
            code(&subject.subject),
            subject.verdict,
            if subject.gates { "" } else { " (does not gate)" },
            code(&subject.profile),
            subject.ops,
            subject.known.len(),
            subject.divergences.len()
        ),
    );
}

fn details(out: &mut String, subject: &SubjectReport) {
    let name = &subject.subject;
    let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
    for group in alike(subject.divergences.iter().chain(gone)) {
        let found = group.shortest;
        put(out, format_args!("<details><summary>{}</summary>\n", one_line(&html(&found.headline(name)))));
        if !found.statement.is_empty() {
            put(out, format_args!("{}: {}\n", code(&found.parted.clause), cell(&found.statement)));
        }
        put(out, format_args!("{}", fenced("yaml", &found.trace)));
        put(out, format_args!("{}", fenced("sh", &found.replay)));
        put(out, format_args!("</details>\n"));
        if let Some(others) = group.others() {
            put(out, format_args!("{}\n", cell(&others)));
        }
    }
    let lists = [("stale", &subject.stale), ("unstable", &subject.unstable)];
    for (word, list) in lists {
        for one in list {
            put(out, format_args!("- {}, {word}: {}: {}", code(name), cell(&one.what), cell(&one.why)));
        }
    }
    for (why, times) in subject.reasons() {
        put(out, format_args!("- {}, not run, {times}: {}", code(name), cell(why)));
    }
    if let Some(early) = &subject.ended_early {
        put(out, format_args!("- {}: ended early {}", code(name), cell(early)));
    }
}

/// A block that nothing in the text ends.
pub(super) fn fenced(of: &str, text: &str) -> String {
    let longest = text.split(|c| c != '~').map(str::len).max().unwrap_or(0);
    let fence = "~".repeat(longest.max(2) + 1);
    format!("{fence}{of}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Text that begins no markup and ends no cell.
pub(super) fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in html(text).chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '|' | '*' | '_' | '[' | ']' | '\\' => out.extend(['\\', c]),
            // What was between back quotes stays it.
            _ => out.push(c),
        }
    }
    out
}

/// Text as it is, on one line: Markdown is read within inline HTML too, so what means something to it stands by number.
pub(super) fn code(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(&html(text)).chars() {
        if "|*_[]\\`~".contains(c) {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    format!("<code>{out}</code>")
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
