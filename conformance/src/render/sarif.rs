//! The report as SARIF 2.1.0 (OASIS): a run with the clauses as rules, and a result for each thing that is wrong.

use serde_json::{Value, json};
use session_model::Clause;

use crate::report::{Aspect, Found, NotRun, Report, Standing, SubjectReport};

/// The report as SARIF.
///
/// # Panics
///
/// Never: its keys are strings.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let mut results: Vec<Value> = report.manual.unmet.iter().map(|one| claim(report, one)).collect();
    for subject in &report.subjects {
        of_subject(&mut results, report, subject);
    }
    let mut rules: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<_> = rules.into_iter().map(rule).collect();
    let ran = report.subjects.iter().all(|subject| subject.verdict != Standing::NotRun || !subject.gates);
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "sesscheck",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{"executionSuccessful": ran}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&sarif).expect("its keys are strings");
    text.push('\n');
    text
}

fn rule(id: &str) -> Value {
    let statement = Clause::by_id(id).map(|clause| clause.entry().statement);
    let other = match id {
        "claim" => "A claim of a scenario that the model does not bear out.",
        "unstable" => "What came once and not when it was run again.",
        "stale" => "An entry of a ledger that does not hold any more.",
        "not-run" => "A subject that could not be run.",
        _ => "What the pages forbid or never mention takes the subject down.",
    };
    json!({"id": id, "shortDescription": {"text": statement.unwrap_or(other)}})
}

fn claim(report: &Report, claim: &crate::report::UnmetClaim) -> Value {
    let mut place = claim.place.rsplitn(3, ':');
    let (column, line, file) = (place.next(), place.next(), place.next());
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok());
    let said = super::with_clause(claim);
    let level = if report.counts("manual", Aspect::Claim, &claim.place) { "error" } else { "warning" };
    let mut result = result("claim", level, &said, &[&claim.place, &claim.stated]);
    if claim.built_in {
        result["locations"] = built_in(&claim.place);
    } else if let (Some(file), Some(line)) = (file, number(line)) {
        result["locations"] = location(file, json!({"startLine": line, "startColumn": number(column).unwrap_or(1)}));
    }
    result
}

fn of_subject(results: &mut Vec<Value>, report: &Report, subject: &SubjectReport) {
    let (name, usual) = (&subject.subject, if subject.gates { "error" } else { "warning" });
    // What the earlier report has as well does not decide then.
    let level = |aspect, what: &str| if report.counts(name, aspect, what) { usual } else { "warning" };
    let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
    for found in subject.divergences.iter().chain(gone) {
        results.push(divergence(found, name, level(Aspect::Divergence, &found.known_by())));
    }
    let lists = [("stale", Aspect::Stale, &subject.stale), ("unstable", Aspect::Unstable, &subject.unstable)];
    for (rule, aspect, list) in lists {
        for NotRun { what, why } in list {
            let said = format!("{name}: {what}: {why}");
            results.push(result(rule, level(aspect, what), &said, &[name, what]));
        }
    }
    if subject.verdict == Standing::NotRun {
        let why = subject.not_run.last().map_or("nothing to run", |not_run| not_run.why.as_str());
        results.push(result("not-run", usual, &format!("{name} was not run: {why}"), &[name]));
    }
}

fn divergence(found: &Found, name: &str, level: &str) -> Value {
    let said = format!("{}\nreplay: {}", found.headline(name), found.replay);
    let clause = &found.parted.clause;
    let rule = if clause.starts_with("hazard: ") { "hazard" } else { clause };
    let mut result = result(rule, level, &said, &[name, &found.parted.name(), &found.known_by()]);
    if let Some((file, line)) = found.origin.on_disk() {
        result["locations"] = location(file, json!({"startLine": line}));
    }
    if let Some(name) = found.origin.built_in() {
        result["locations"] = built_in(&name);
    }
    result["properties"] = json!({"trace": found.trace, "replay": found.replay});
    result
}

/// A result that is the same one in the next run when what it is known by is.
fn result(rule: &str, level: &str, said: &str, known_by: &[&str]) -> Value {
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": said},
        "partialFingerprints": {"finding/v1": known_by.join(" | ")},
    })
}

/// A byte of a path as a URI has it.
fn encoded(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

fn location(file: &str, region: Value) -> Value {
    let uri: String = file.bytes().map(encoded).collect();
    json!([{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}])
}

/// A place that is in no file of the repository.
fn built_in(name: &str) -> Value {
    let logical = json!([{"fullyQualifiedName": name, "kind": "resource"}]);
    json!([{"logicalLocations": logical, "message": {"text": format!("the built-in scenario {name}")}}])
}
