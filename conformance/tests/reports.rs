//! What a report says in each form, whatever is in it: nothing in a text is taken for markup, a command or a path.

use serde_json::{Value, json};
use sesscheck::render::{github, junit, markdown, sarif};
use sesscheck::report::{Report, SubjectReport, merge};

/// Text that means something to every form.
const NASTY: &str = "a|b <b>&amp; *x* _y_ [z](u) `c` \\ \"q\" 'r' 100% ::error::\r\n~~~~ ]]>";

fn divergence(said: &str, file: &str) -> Value {
    json!({
        "parted": {
            "clause": "flush.boundary", "kind": "member missing", "op": "flush_sessions", "place": "step 2",
            "index": 1, "ruled": said, "seen": said,
        },
        "statement": said, "trace": said, "steps": [2, 9], "replay": said,
        "origin": {"scenario": {"file": file, "line": 7}},
    })
}

/// A report of one subject with this divergence.
fn report(said: &str, file: &str) -> Report {
    let none = json!({"conforms": 3, "diverges_known": 2, "accepted": 0, "diverges": 1, "not_run": 1});
    let subject = json!({
        "subject": said, "about": said, "profile": "manual", "verdict": "diverges", "gates": true, "scenarios": none,
        "traces": 5, "ops": 100, "handshakes": 7, "latitudes": 2, "clauses": {"flush.boundary": 4}, "outcomes": {"x": 1},
        "not_run": [{"what": "1 trace", "why": said}], "known": [], "divergences": [divergence(said, file)],
        "diverged": 1, "unstable": [], "ended_early": null, "asked": [{"lane": "direct", "count": 10}],
        "carried_through": true, "cut": 1,
    });
    let whole = json!({
        "schema": "sesscheck-report-1", "seed": 1, "subjects": [subject],
        "manual": {"scenarios": 6, "digest": "d", "unmet": [{
            "place": format!("{file}:3:4"), "edition": "3.3", "stated": said, "ruled": said,
        }]},
    });
    serde_json::from_value(whole).expect("it is a report")
}

#[test]
fn nothing_in_a_markdown_report_is_markup_but_its_own() {
    let report = markdown(&report(NASTY, "s/a.yaml"));
    // Without the blocks that a longer fence holds.
    let (mut plain, mut fence) = (String::new(), None);
    for line in report.lines() {
        match &fence {
            None if line.starts_with("~~~") => fence = Some(line.trim_end_matches(char::is_alphabetic).to_owned()),
            None => plain += &format!("{line}\n"),
            Some(end) if line == end => fence = None,
            Some(_) => {}
        }
    }
    assert_eq!(fence, None, "each block ends: {report}");
    assert!(!plain.contains("<b>") && !plain.contains("&amp; *"), "{plain}");
    let bare = ["*x*", "_y_", "[z]"];
    let cells = plain.replace("\\*", "").replace("\\_", "").replace("\\[", "");
    let outside: Vec<_> =
        cells.split("<code>").map(|part| part.split_once("</code>").map_or(part, |(_, p)| p)).collect();
    let outside: Vec<_> =
        outside.iter().flat_map(|part| part.lines()).filter(|line| !line.contains("<summary>")).collect();
    for word in bare {
        assert!(!outside.iter().any(|line| line.contains(word)), "{word} in {outside:#?}");
    }
    let rows: Vec<_> = plain.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 8), "{rows:#?}");
}

#[test]
fn a_sarif_report_has_its_texts_as_they_are_and_its_paths_as_uris() {
    let text = sarif(&report(NASTY, "s/ä b%#?.yaml"));
    let read: Value = serde_json::from_str(&text).expect("it is JSON");
    let results = read["runs"][0]["results"].as_array().expect("it has results");
    let place = |n: usize| &results[n]["locations"][0]["physicalLocation"];
    for n in [0, 1] {
        assert_eq!(place(n)["artifactLocation"]["uri"], "s/%C3%A4%20b%25%23%3F.yaml");
        assert!(results[n]["message"]["text"].as_str().is_some_and(|text| text.contains(NASTY)), "{}", results[n]);
    }
    assert_eq!((&place(0)["region"]["startLine"], &place(0)["region"]["startColumn"]), (&json!(3), &json!(4)));
    assert_eq!(place(1)["region"]["startLine"], 7);
}

#[test]
fn a_junit_report_names_its_cases_and_is_xml() {
    let xml = junit(&report(NASTY, "s/a.yaml"));
    for name in [
        "<testsuite name=\"manual\"",
        "<testcase name=\"s/a.yaml:3:4\"",
        "<testcase name=\"6 scenarios and 100 random ops\"",
        "<testcase name=\"flush.boundary flush_sessions member missing\"",
        "<testcase name=\"not run, 1: ",
    ] {
        assert!(xml.contains(name), "{name}: {xml}");
    }
    // Markup of its own alone: each `<` begins one of these.
    let own = ["testsuites", "testsuite", "testcase", "failure", "skipped", "error", "?xml"];
    for tag in xml.split('<').skip(1) {
        assert!(own.iter().any(|own| tag.trim_start_matches('/').starts_with(own)), "<{tag}");
    }
    assert!(xml.contains("&lt;b&gt;&amp;amp;"), "{xml}");
}

#[test]
fn a_github_report_has_one_line_for_each_annotation() {
    let log = github(&report(NASTY, "s/a,b:c.yaml"));
    let (annotations, text) = log.split_once("::stop-commands::").expect("the text has no commands");
    assert_eq!(annotations.lines().count(), 2, "{annotations}");
    assert!(annotations.lines().all(|line| line.starts_with("::error file=s/a%2Cb%3Ac.yaml,line=")), "{annotations}");
    assert!(annotations.contains("100%25 ::error::%0D%0A~~~~"), "{annotations}");
    assert!(text.contains("100% ::error::"), "{text}");
}

#[test]
fn a_merged_report_has_the_counts_of_its_shards_together() {
    let shard = |part: u64| {
        let mut shard = report("x", &format!("s/{part}.yaml"));
        shard.shard = format!("{part}/3").parse().expect("it is a shard");
        (format!("{part}.json"), shard)
    };
    let mut shards: Vec<_> = (1..=3).map(shard).collect();
    for (_, one) in &mut shards {
        one.manual.unmet.clear();
    }
    let three = |count: fn(&SubjectReport) -> u64| 3 * count(&shards[0].1.subjects[0]);
    let counts: [fn(&SubjectReport) -> u64; 11] = [
        |one| one.traces,
        |one| one.cut,
        |one| one.ops,
        |one| one.handshakes,
        |one| one.latitudes,
        |one| one.diverged,
        |one| one.clauses["flush.boundary"],
        |one| one.outcomes["x"],
        |one| one.scenarios.conforms as u64,
        |one| one.scenarios.diverges_known as u64,
        |one| (one.scenarios.diverges + one.scenarios.not_run + one.divergences.len()) as u64,
    ];
    let sums: Vec<_> = counts.iter().map(|count| three(*count)).collect();
    let merged = merge(shards.clone()).expect("they are of one check");
    assert_eq!(counts.map(|count| count(&merged.subjects[0])).to_vec(), sums);
    // What is asked for, and the scenarios as claims, are those of the whole in each of them.
    assert_eq!((merged.manual.scenarios, merged.subjects[0].asked[0].count), (6, 10));

    shards[1].1.subjects[0].ledger = "another".to_owned();
    let why = merge(shards).expect_err("the second was held to another ledger").0;
    assert_eq!(why, "2.json: another ledger than of 1.json");
}
