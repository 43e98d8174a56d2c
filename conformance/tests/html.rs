//! The report as a page for a browser: nothing from outside, nothing unescaped, a cell for each clause and subject that
//! says what the JSON of the same run says, and a picture that names the step where a subject parts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use sesscheck::atlas::{self, Atlas};
use sesscheck::gate;
use sesscheck::render;
use sesscheck::report::{Ended, Report, Standing};
use sesscheck::suite;
use session_model::Clause;

/// A run on a subject that conforms, one that does not, one that is held to the pure manual, and one that is not there.
static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let out = run("report", &["--format", "json"]);
    serde_json::from_slice(&out).expect("it is a report")
});

const PROJECT: &str = r#"seed = 5
scenarios = ["own"]

[[subject]]
name = "optimised"
lanes = { direct = 3 }

[[subject]]
name = "faulty:flush.boundary"
lanes = { direct = 3 }

[[subject]]
name = "faulty:add.identical-is-noop"
profile = "manual"
lanes = { direct = 3 }

[[subject]]
name = "libssl:/there/is/none.so"
"#;

const SCENARIOS: [&str; 5] = [
    "scenarios/flush_sessions/last-second.yaml",
    "scenarios/add_session/add-remove-add.yaml",
    "scenarios/add_session/another-object-with-the-id-replaces.yaml",
    "scenarios/add_session/old-synonym-of-add.yaml",
    "scenarios/add_session/remove-through-a-twin-by-id.yaml",
];

/// What a run prints, in a folder of its own.
fn run(name: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = std::env::temp_dir().join(format!("sesscheck-html-{name}-{}", std::process::id()));
    let write = |path: PathBuf, text: &str| {
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    let files = suite::embedded().expect("the built-in scenarios are read");
    for scenario in SCENARIOS {
        let file = files.iter().find(|file| file.path == scenario).expect("it is built in");
        write(folder.join("own").join(scenario.rsplit('/').next().expect("a name")), &file.text);
    }
    write(folder.join("sesscheck.toml"), PROJECT);
    let program = env!("CARGO_BIN_EXE_sesscheck");
    let out = Command::new(program).args(arguments).current_dir(&folder).env("CI", "true").output().expect("it runs");
    let _ = std::fs::remove_dir_all(&folder);
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// A page with an atlas of no row: another test has the whole one.
fn page(report: &Report) -> String {
    let schema = atlas::SCHEMA.to_owned();
    let (rows, upgrades, notes) = (Vec::new(), Vec::new(), Vec::new());
    let none = Atlas { schema, releases: Vec::new(), compared: None, rows, upgrades, beyond: Vec::new(), notes };
    render::html(report, &gate::recorded(), &none)
}

/// A tag: its name, and its attributes.
type Tag = (String, BTreeMap<String, String>);

/// Opening tags as a browser reads them, attributes in double quotes.
fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "!/".contains(*c)).collect();
        rest = &rest[name.len()..];
        let mut attributes = BTreeMap::new();
        while !rest.starts_with('>') {
            let end = rest.find(['=', '>']).expect("a tag ends");
            let attribute = rest[..end].trim().to_owned();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let end = quoted.find('"').expect("a value ends");
                quoted[..end].clone_into(&mut value);
                rest = &quoted[end + 1..];
            }
            assert!(attributes.insert(attribute.clone(), value).is_none(), "`{attribute}` stands twice in {name}");
        }
        if name == "style" {
            rest = &rest[rest.find("</style>").expect("a style ends")..];
        }
        if !name.starts_with('/') {
            tags.push((name, attributes));
        }
    }
    tags
}

fn ids(tags: &[Tag]) -> Vec<&str> {
    tags.iter().filter_map(|(_, attributes)| attributes.get("id")).map(String::as_str).collect()
}

#[test]
fn the_page_asks_for_nothing_from_outside_and_all_its_links_lead_somewhere() {
    let page = page(&REPORT);
    for outside in ["http:", "https:", "//", "src=", "@import", "url(", "<script", "<link", "<iframe", "javascript:"] {
        // What subjects and scenarios say is text, and may say so.
        let quoted = ["$schema=", "</code>"];
        let lines = page.lines().filter(|line| line.contains(outside) && !quoted.iter().any(|q| line.contains(q)));
        assert_eq!(lines.collect::<Vec<_>>(), Vec::<&str>::new(), "{outside}");
    }
    let tags = tags(&page);
    let policy = tags.iter().find(|(_, of)| of.get("http-equiv").is_some_and(|it| it == "Content-Security-Policy"));
    assert!(policy.expect("there is a policy").1["content"].starts_with("default-src 'none'; "));
    let ids = ids(&tags);
    let once: BTreeSet<_> = ids.iter().collect();
    assert_eq!(once.len(), ids.len(), "an id stands twice");
    for (name, attributes) in &tags {
        for (attribute, value) in attributes {
            assert!(!attribute.starts_with("on") && attribute != "style", "{name} {attribute}");
            if attribute == "href" {
                let place = value.strip_prefix('#').unwrap_or_else(|| panic!("{value} leads away"));
                assert!(once.contains(&place), "nothing is at {value}");
            }
        }
    }
}

const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&</style></title>`<b>`\u{202e}\u{0}\r--><!--";

/// The report with every text hostile that may be any.
fn hostile(report: &Report) -> Report {
    let mut value = serde_json::to_value(report).expect("it is JSON");
    let whole = value.clone();
    spoil(&mut value, &mut Vec::new(), &whole);
    serde_json::from_value(value).expect("only free text was changed")
}

fn spoil(value: &mut Value, path: &mut Vec<String>, whole: &Value) {
    // Words that mean something are not free: with another one the report is none.
    let is_free = |path: &[String]| {
        let mut changed = whole.clone();
        let place = path.iter().fold(&mut changed, |at, key| match at {
            Value::Array(all) => &mut all[key.parse::<usize>().expect("a number")],
            other => &mut other[key.as_str()],
        });
        *place = HOSTILE.into();
        serde_json::from_value::<Report>(changed).is_ok()
    };
    match value {
        Value::String(text) => {
            // A clause that nothing has would not be shown.
            let clause = Clause::by_id(text).is_some() && !path.iter().any(|key| key == "divergences");
            if !clause && is_free(path) {
                *text = HOSTILE.to_owned();
            }
        }
        Value::Array(all) => {
            for (n, one) in all.iter_mut().enumerate() {
                path.push(n.to_string());
                spoil(one, path, whole);
                path.pop();
            }
        }
        Value::Object(fields) => {
            for (key, one) in fields.iter_mut() {
                path.push(key.clone());
                spoil(one, path, whole);
                path.pop();
            }
            if path.last().is_some_and(|key| key == "ended" || key == "clauses" && path.len() == 2) {
                let keys: Vec<_> = fields.keys().cloned().collect();
                for key in keys {
                    let one = fields.remove(&key).expect("it is there");
                    fields.insert(format!("{key}{HOSTILE}"), one);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn what_subjects_and_scenarios_say_is_text_whatever_it_says() {
    let hostile = hostile(&REPORT);
    assert!(hostile.subjects[1].divergences.iter().all(|found| found.trace == HOSTILE && found.replay == HOSTILE));
    let page = page(&hostile);
    assert!(page.matches("&lt;img src=x onerror=alert(1)&gt;").count() > 100, "it is shown");
    assert!(!page.contains(['\u{202e}', '\u{0}', '\r']));
    let names = |page: &str| -> BTreeSet<(String, String)> {
        let of = tags(page).into_iter();
        let pairs = of.flat_map(|(name, attributes)| {
            attributes.into_keys().chain([String::new()]).map(move |attribute| (name.clone(), attribute))
        });
        pairs.collect()
    };
    let honest = names(&self::page(&REPORT));
    let strange: Vec<_> = names(&page).difference(&honest).cloned().collect();
    assert_eq!(strange, [], "tags and attributes that an honest report has not");
}

/// What a cell of the page says, without its sign.
fn cell(page: &str, clause: Clause, subject: usize) -> &str {
    let link = format!("<a href=\"#clause-{clause}-by-{}\">", subject + 1);
    let mut cells = page.match_indices(&link);
    let (at, _) = cells.next().unwrap_or_else(|| panic!("no cell for {clause} and subject {subject}"));
    assert!(cells.next().is_none(), "two cells for {clause} and subject {subject}");
    let text = &page[at + link.len()..];
    text[..text.find("</a>").expect("a link ends")].split_once(' ').expect("a sign and a word").1
}

#[test]
fn each_clause_has_a_row_and_each_subject_a_column_that_says_what_the_json_says() {
    let (report, page) = (&*REPORT, page(&REPORT));
    let mut said = BTreeSet::new();
    for (n, subject) in report.subjects.iter().enumerate() {
        assert_eq!(page.matches(&format!("<th scope=\"col\">{}</th>", subject.subject)).count(), 1);
        for clause in Clause::all() {
            let id = clause.id();
            let parts = subject.divergences.iter().any(|found| found.parted.clause == id)
                || subject.ended.values().any(|ended| *ended == Ended::Diverges(id.to_owned()))
                || subject.unreduced.contains(id);
            let known: Vec<_> = subject.known.iter().filter(|known| known.clause == id).collect();
            let lists = |scenario: &str| report.manual.clauses[scenario].iter().any(|listed| listed == id);
            let came_to = |wanted: &Ended| subject.ended.iter().any(|(by, ended)| lists(by) && ended == wanted);
            let agrees = subject.clauses.contains_key(id) || came_to(&Ended::Conforms);
            let expected = if parts {
                "new"
            } else if !agrees && !came_to(&Ended::DivergesKnown) {
                "not run"
            } else if known.iter().any(|known| !known.name.contains(": ")) {
                "known"
            } else if !known.is_empty() {
                "reading"
            } else if !agrees {
                "known elsewhere"
            } else {
                "conforms"
            };
            assert_eq!(cell(&page, clause, n), expected, "{} and {id}", subject.subject);
            said.insert(expected);
        }
    }
    assert_eq!(said.into_iter().collect::<Vec<_>>(), ["conforms", "known elsewhere", "new", "not run", "reading"]);
    assert_eq!(report.subjects[3].verdict, Standing::NotRun);
}

#[test]
fn what_a_profile_knows_is_neither_new_nor_conforms() {
    let mut report = REPORT.clone();
    let known = serde_json::from_value(serde_json::json!(
        {"name": "identical_add_moves", "clause": "add.adds", "instead": "it moves"}
    ));
    report.subjects[0].known.push(known.expect("it is one"));
    let adds = Clause::by_id("add.adds").expect("there is one");
    assert_eq!(cell(&page(&report), adds, 0), "known");
    assert_eq!(cell(&page(&REPORT), adds, 0), "conforms");
    // Nor is it known of a subject that was not run, or where nothing that was run shows it.
    report.subjects[0].clauses.remove("add.adds");
    report.subjects[0].ended.values_mut().for_each(|ended| *ended = Ended::NotRun);
    assert_eq!(cell(&page(&report), adds, 0), "not run");
}

#[test]
fn a_clause_conforms_only_where_something_that_shows_it_came_out_as_the_pages() {
    // One scenario lists `remove.twin`, and each cache here compares by id, which the pure manual does not settle so.
    // Of the scenario that lists `add.adds`, the last one parts in `add.returns`.
    let page = page(&REPORT);
    for (clause, subject, expected) in [
        ("remove.twin", 0, "known elsewhere"),
        ("remove.twin", 1, "known elsewhere"),
        ("remove.twin", 2, "known elsewhere"),
        ("remove.twin", 3, "not run"),
        ("flush.boundary", 0, "conforms"),
        ("flush.boundary", 1, "new"),
        ("flush.boundary", 2, "conforms"),
        ("add.adds", 0, "conforms"),
        ("add.adds", 2, "not run"),
        ("add.returns", 2, "new"),
        ("synonyms", 0, "not run"),
    ] {
        let of = Clause::by_id(clause).expect("there is one");
        assert_eq!(cell(&page, of, subject), expected, "{clause} and subject {subject}");
    }
}

/// The report with this in the place of that JSON pointer.
fn with(report: &Report, place: &str, value: Value) -> Report {
    let mut json = serde_json::to_value(report).expect("it is JSON");
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    json.pointer_mut(parent).expect("it is there")[key] = value;
    serde_json::from_value(json).expect("it is a report")
}

#[test]
fn a_random_trace_that_is_unstable_makes_its_clause_so() {
    let report = with(&REPORT, "/subjects/0/unstable_clauses", serde_json::json!(["add.adds"]));
    let adds = Clause::by_id("add.adds").expect("there is one");
    assert_eq!(cell(&page(&report), adds, 0), "unstable");
}

#[test]
fn a_report_that_does_not_tell_what_scenarios_came_to_has_no_cell_that_conforms() {
    let silent = "This report does not tell what each scenario came to";
    assert!(!page(&REPORT).contains(silent));
    let mut listed = REPORT.clone();
    listed.manual.clauses.clear();
    let mut ended = REPORT.clone();
    ended.subjects.iter_mut().for_each(|subject| subject.ended.clear());
    for report in [listed, ended] {
        let page = page(&report);
        assert!(page.contains(silent));
        for (n, clause) in (0..4).flat_map(|n| Clause::all().map(move |clause| (n, clause))) {
            assert_ne!(cell(&page, clause, n), "conforms", "{clause} and subject {n}");
        }
    }
}

#[test]
fn what_was_not_run_is_counted_by_its_own_number_and_apart_from_what_was_not_told() {
    let mut report = REPORT.clone();
    report.subjects.truncate(1);
    let all = "Everything that was asked for was run.";
    report.subjects[0].not_run.clear();
    assert!(page(&report).contains(all));
    let of_hazards = serde_json::json!([{"what": "own/h.yaml", "why": "no"}]);
    report.subjects[0].hazards = Some(sesscheck::report::HazardReport {
        not_run: serde_json::from_value(of_hazards).expect("it is one"),
        ..Default::default()
    });
    assert!(!page(&report).contains(all));
    let not_run = serde_json::json!([
        {"what": "12 random direct traces", "why": "it cannot"},
        {"what": "own/a.yaml", "why": "it cannot"},
        {"what": "the divergence in own/b.yaml", "why": "findings enough to tell; it diverges all the same"}
    ]);
    let page = page(&with(&report, "/subjects/0/not_run", not_run));
    assert!(page.contains("optimised, 13 not run: it cannot"), "{page}");
    assert!(page.contains("optimised, 1 diverged and not told or reduced: findings enough to tell"), "{page}");
}

#[test]
fn the_title_says_what_the_exit_status_says() {
    let title = |report: &Report| {
        let page = page(report);
        let text = page.split("<title>").nth(1).expect("there is a title");
        text[..text.find("</title>").expect("it ends")].to_owned()
    };
    assert_eq!(title(&REPORT), "sesscheck: 2 of 4 subjects diverge");
    let only_new = serde_json::json!({"file": "then.json", "only_new": true, "differences": []});
    assert_eq!(title(&with(&REPORT, "/baseline", only_new)), "sesscheck: nothing new beside then.json");
    let accepted = with(&REPORT, "/subjects/0/verdict", "accepted".into());
    let only = Report { subjects: accepted.subjects[..1].to_vec(), ..accepted.clone() };
    assert_eq!(title(&only), "sesscheck: optimised diverges only as its ledger accepts");
    let mut two = Report { subjects: accepted.subjects[..2].to_vec(), ..accepted };
    two.subjects[1].verdict = Standing::Conforms;
    assert_eq!(title(&two), "sesscheck: none of 2 subjects diverges beyond what is accepted");
    let down = with(&REPORT, "/subjects/0/verdict", "goes_down".into());
    let only = Report { subjects: down.subjects[..1].to_vec(), ..down };
    assert_eq!(title(&only), "sesscheck: optimised goes down");
}

#[test]
fn links_to_divergences_that_read_alike_say_where_each_comes_from() {
    let mut report = REPORT.clone();
    let found = report.subjects[1].divergences[0].clone();
    report.subjects[1].divergences = vec![found.clone(), found];
    report.subjects[1].divergences[1].origin =
        serde_json::from_value(serde_json::json!({"random": {"lane": "direct", "number": 7}})).expect("it is one");
    let page = page(&report);
    let list = page.split("<ol class=\"contents\">").nth(1).expect("there is a list");
    let list = &list[..list.find("</ol>").expect("it ends")];
    assert!(list.contains(", own/last-second.yaml</a>") && list.contains(", direct 7</a>"), "{list}");
}

#[test]
fn a_hazards_scenario_is_told_as_completed_or_gone_down() {
    let mut report = REPORT.clone();
    report.subjects.truncate(1);
    let mut went_down = REPORT.subjects[1].divergences[0].clone();
    went_down.origin = serde_json::from_value(serde_json::json!({"scenario": {"file": "own/down.yaml", "line": 3}}))
        .expect("it is one");
    let hazards = sesscheck::report::HazardReport { known: vec![went_down], ..Default::default() };
    report.subjects[0].hazards = Some(hazards);
    report.subjects[0].hazards.as_mut().expect("it was put there").scenarios.completed = 1;
    for scenario in ["own/down.yaml", "own/completed.yaml"] {
        report.manual.clauses.insert(scenario.to_owned(), vec!["synonyms".to_owned()]);
    }
    let page = page(&report);
    for (outcome, scenario) in
        [("went down under hazards", "own/down.yaml"), ("completed under hazards", "own/completed.yaml")]
    {
        let listed = page.split(&format!("1 scenario, {outcome}:")).nth(1).unwrap_or_else(|| panic!("no {outcome}"));
        assert!(listed[..listed.find("</ul>").expect("it ends")].contains(scenario), "{outcome}");
    }
}

#[test]
fn a_step_that_could_not_be_shown_is_not_one_that_the_subject_did_not_get_through() {
    let went_down = "The subject did not get through that step.";
    let mut report = REPORT.clone();
    report.subjects.truncate(2);
    report.subjects[1].divergences.truncate(1);
    assert!(!page(&report).contains(went_down));
    let found = &mut report.subjects[1].divergences[0];
    let course = found.course.as_mut().expect("it has one");
    (course.instead, course.not_shown) = (None, Some("run again, it does not part".to_owned()));
    let not_shown = page(&report);
    assert!(not_shown.contains("could not be shown: ") && !not_shown.contains("did not get through"));
    report.subjects[1].divergences[0].course.as_mut().expect("it has one").not_shown = None;
    let page = page(&report);
    assert!(page.contains(went_down) && !page.contains("could not be shown: "));
}

#[test]
fn a_picture_names_the_step_where_a_subject_parts_and_shows_who_is_there_by_whom() {
    let report = &*REPORT;
    let subject = &report.subjects[1];
    let at = subject.divergences.iter().position(|found| found.replay.ends_with(" own/last-second.yaml"));
    let at = at.expect("the scenario shows it");
    let course = subject.divergences[at].course.as_ref().expect("it has one");
    // Until the last step both do the same; in it one of them loses the session.
    let steps: Vec<_> = course.beats.iter().map(|beat| (beat.place.as_str(), beat.ruled.members.len())).collect();
    assert_eq!(steps, [("step 1", 1), ("step 2", 1), ("step 3", 1)]);
    assert_eq!(course.instead.as_ref().expect("it got there").members.len(), 0);
    let page = page(report);
    let article = page.split("<article ").find(|text| text.starts_with(&format!("id=\"divergence-2-{}\"", at + 1)));
    let article = article.expect("it is on the page");
    for said in [
        "They part at <strong>step 3</strong>, <code>flush_sessions: 1300</code>",
        "✗ parts",
        "aria-label=\"The cache over 3 steps; at step 3 (flush_sessions) the manual rules: ",
        "<th scope=\"row\">step 3, the manual</th>",
        "<th scope=\"row\">step 3, faulty:flush.boundary</th>",
        "sesscheck replay --subject faulty:flush.boundary own/last-second.yaml",
        "- flush_sessions: 1300\n",
    ] {
        assert!(article.contains(said), "no `{said}` in {article}");
    }
    // By the manual it is there over all steps, by the subject until the last one.
    let width = |class: &str| {
        let bar = article.find(&format!("<rect class=\"{class}\"")).expect("there is a bar");
        let width = article[bar..].split("width=\"").nth(1).expect("it is so wide");
        width[..width.find('"').expect("it ends")].parse::<usize>().expect("a number")
    };
    assert_eq!((width("ruled-bar"), width("seen-bar")), (3 * 64 - 6, 2 * 64 - 6));
}

#[test]
fn now_is_the_last_clock_also_where_it_was_set_back() {
    let mut report = REPORT.clone();
    report.subjects.truncate(2);
    report.subjects[1].divergences.truncate(1);
    let course = report.subjects[1].divergences[0].course.as_mut().expect("it has one");
    course.clock = 1000;
    for (beat, clock) in course.beats.iter_mut().zip([1000, 2000, 1500]) {
        beat.clock = clock;
    }
    // From 1000 to 2000 the axis is 420 pixels long, and begins 52 pixels from the left.
    let page = page(&report);
    let now = "text-anchor=\"middle\">now</text>";
    let label = page.lines().find_map(|line| line.split_once(now)).expect("it is on the axis").0;
    assert!(label.rsplit("<text").next().is_some_and(|text| text.contains("x=\"262\"")), "{label}");
}

#[test]
fn two_reports_of_one_run_are_the_same_to_the_byte_with_the_table_of_the_releases() {
    let [one, other] = ["one", "other"].map(|name| run(name, &["--format", "html"]));
    assert!(one == other, "two runs, two pages");
    let page = String::from_utf8(one).expect("it is text");
    assert!(page.contains("<th scope=\"col\">3.0.22</th>") && page.contains(">remove.match</a>"));
    let record: serde_json::Value = serde_json::from_str(include_str!("../power/gate.json")).expect("it is JSON");
    let found = record["scenarios"].as_object().expect("by fault").len();
    assert!(page.contains(&format!("<td class=\"number\">{found}</td><td class=\"number\">329</td>")), "{found}");
}
