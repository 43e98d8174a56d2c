//! The gate in somebody else's repository: a project file, a ledger, an earlier report, shards, and each form of the
//! report. The folder of each test has nothing but what the test puts there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sesscheck::report::{Aspect, Change, Report, Standing};
use sesscheck::suite;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

/// A repository of its own, gone when the test is.
struct Repository(PathBuf);

impl Repository {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sesscheck-gate-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        Self(folder)
    }

    fn with(self, file: &str, text: &str) -> Self {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
        self
    }

    fn sesscheck(&self, arguments: &[&str]) -> Output {
        Command::new(PROGRAM).args(arguments).current_dir(&self.0).env("CI", "true").output().expect("it runs")
    }

    fn report(&self, arguments: &[&str]) -> Report {
        let out = self.sesscheck(&[arguments, &["--format", "json"]].concat());
        serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&out.stderr)))
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

fn built_in(name: &str) -> String {
    let files = suite::embedded().expect("the built-in scenarios are read");
    files.into_iter().find(|file| file.path.ends_with(name)).expect("it is built in").text
}

const BOUNDARY: &str = "- scenario: known/boundary.yaml\n  clause: flush.boundary\n  reason: ours is a second early\n";

/// A repository that checks a cache that flushes a second early, with one scenario of its own.
fn early_by_a_second(name: &str, ledger: &str) -> Repository {
    let project = "seed = 5\nscenarios = [\"own\"]\n\n[[subject]]\nname = \"faulty:flush.boundary\"\n\
                   ledger = \"known.yaml\"\nlanes = { direct = 5 }\n";
    Repository::new(name)
        .with("sesscheck.toml", project)
        .with("own/remove.yaml", &built_in("add_session/add-remove-add.yaml"))
        .with("known/boundary.yaml", &built_in("flush_sessions/last-second.yaml"))
        .with("known.yaml", ledger)
}

#[test]
fn a_project_file_says_what_is_checked_and_its_ledger_what_is_accepted() {
    let repository = early_by_a_second("project", BOUNDARY);
    for arguments in [&[][..], &["check"], &["check", "--project", "sesscheck.toml"]] {
        let out = repository.sesscheck(arguments);
        let told = text(&out.stdout);
        assert_eq!(out.status.code(), Some(0), "{arguments:?}: {told}{}", text(&out.stderr));
        assert!(told.contains("diverges only as its ledger accepts under profile optimised"), "{told}");
        assert!(
            told.contains("accepted: flush.boundary flush_sessions member missing: ours is a second early"),
            "{told}"
        );
        assert!(told.contains("random traces go no further than what the ledger accepts"), "{told}");
    }
    let report = repository.report(&[]);
    let subject = &report.subjects[0];
    assert_eq!((report.seed, report.manual.scenarios, subject.verdict), (5, 1, Standing::Accepted));
    assert!(subject.diverged > 0 && subject.diverged == subject.diverged_accepted);
    // What is typed goes before what the file says, and a subject that is named is alone.
    assert_eq!(repository.report(&["--seed", "6"]).seed, 6);
    let named = repository.report(&["check", "--subject", "optimised", "--lane", "direct:1"]);
    assert_eq!((named.subjects[0].subject.as_str(), named.subjects.len()), ("optimised", 1));
    // What would be ignored is refused.
    for arguments in [
        &["check", "--profile", "manual"][..],
        &["check", "--ledger", "known.yaml"],
        &["check", "--project", "sesscheck.toml", "--subject", "optimised"],
        &["--seed", "4", "check"],
    ] {
        assert_eq!(repository.sesscheck(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_folder_that_is_named_is_run_alone_unless_lanes_are_named_too() {
    let repository = Repository::new("alone").with("own/a.yaml", &built_in("add_session/add-remove-add.yaml"));
    let traces = |arguments: &[&str]| {
        let report = repository.report(&[&["check", "--scenarios", "own"], arguments].concat());
        report.subjects.iter().map(|subject| (subject.scenarios.conforms, subject.traces)).collect::<Vec<_>>()
    };
    assert_eq!(traces(&[]), [(1, 0)]);
    assert_eq!(traces(&["--require", "model"]), [(1, 0), (1, 0)]);
    assert_eq!(traces(&["--lane", "direct:2"]), [(1, 2)]);
    let alone = repository.sesscheck(&["check", "--scenarios", "own"]);
    assert!(!text(&alone.stdout).contains("random:"), "{}", text(&alone.stdout));
    // A project names its lanes.
    let repository = repository.with(
        "sesscheck.toml",
        "[[subject]]\nname = \"optimised\"\nlanes = { direct = 3 }\n[[subject]]\nname = \"model\"\n",
    );
    let report = repository.report(&["--scenarios", "own"]);
    assert_eq!(report.subjects.iter().map(|subject| subject.traces).collect::<Vec<_>>(), [3, 0]);
}

#[test]
fn what_no_entry_accepts_is_red_and_so_is_an_entry_that_does_not_hold() {
    let cases = [
        (
            "none",
            "- scenario: own/remove.yaml\n  clause: flush.boundary\n  reason: r\n",
            "conforms: strike the entry out",
        ),
        ("other", &BOUNDARY.replace("clause: flush.boundary", "clause: add.adds"), "breaks `flush.boundary` now"),
        (
            "seen",
            &format!("{BOUNDARY}  seen: it is blue\n"),
            "accepted is that it is blue, and what is seen now: `a` is",
        ),
    ];
    for (name, ledger, why) in cases {
        let out = early_by_a_second(name, ledger).sesscheck(&[]);
        assert_eq!(out.status.code(), Some(1), "{name}");
        assert!(text(&out.stdout).contains(why), "{name}: {}", text(&out.stdout));
    }
    // That a subject goes down is not what an entry accepts that says another thing of it.
    let down = early_by_a_second("down", BOUNDARY);
    let of_one = ["check", "--ledger", "known.yaml", "--scenarios", "own", "--lane", "direct:1", "--subject"];
    let out = down.sesscheck(&[&of_one[..], &["faulty:aborts-at-flush"]].concat());
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stdout).contains("stale: known/boundary.yaml"), "{}", text(&out.stdout));
    // A cache that keeps the clause again: the entry is stale, though nothing diverges.
    let mended = early_by_a_second("mended", BOUNDARY);
    let out = mended.sesscheck(&["check", "--subject", "optimised", "--ledger", "known.yaml", "--lane", "direct:1"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stdout).contains("stale: known/boundary.yaml"), "{}", text(&out.stdout));
}

#[test]
fn an_entry_names_one_choice_of_a_file_that_is_several_scenarios() {
    let file = "scenario: flushed $late seconds late\nclauses: [flush.boundary]\nfor: {late: [0, 1]}\n\
                sessions: {a: {id: \"01\", timeout: 10}}\nsteps:\n  - add_session: a\n  - flush_sessions: now + 10 + $late\n";
    for (named, status, said) in [
        ("known/flush.yaml [late = 0]", 0, "accepted: flush.boundary"),
        ("known/flush.yaml [late = 1]", 1, "conforms: strike the entry out"),
        ("known/flush.yaml [late = 2]", 2, "there is no such scenario; there is `known/flush.yaml [late = 0]`"),
        ("known/flush.yaml", 2, "is several scenarios: an entry has one"),
    ] {
        let repository = early_by_a_second("choice", &BOUNDARY.replace("known/boundary.yaml", &format!("\"{named}\"")));
        let out = repository.with("known/flush.yaml", file).sesscheck(&[]);
        let told = format!("{}{}", text(&out.stdout), text(&out.stderr));
        assert_eq!(out.status.code(), Some(status), "{named}: {told}");
        assert!(told.contains(said), "{named}: {told}");
    }
}

#[test]
fn an_entry_accepts_each_kind_that_it_lists() {
    let entry = "- scenario: call.yaml\n  clause: remove.absent-fails\n  reason: r\n  kind: ";
    let repository = Repository::new("kinds")
        .with("call.yaml", &built_in("add_session/remove-of-a-stranger-fails.yaml"))
        .with("own/mark.yaml", &built_in("add_session/remove-through-a-twin-marks-both.yaml"))
        .with("own/call.yaml", &built_in("add_session/remove-of-a-stranger-fails.yaml"));
    for (kinds, accepted, stale) in [
        ("[callback extra, mark]", 2, None),
        ("[callback extra]", 1, None),
        ("callback extra", 1, None),
        ("[mark, answer]", 0, Some("accepted is: mark, answer; and the kind of difference is now: callback extra")),
    ] {
        std::fs::write(repository.0.join("known.yaml"), format!("{entry}{kinds}\n")).expect("it can be written");
        let check = ["check", "--subject", "faulty:remove-absent-acts", "--scenarios", "own", "--ledger", "known.yaml"];
        let report = repository.report(&check);
        let subject = &report.subjects[0];
        assert_eq!(subject.scenarios.accepted, accepted, "{kinds}");
        assert_eq!(subject.stale.first().map(|stale| stale.why.as_str()), stale, "{kinds}");
    }
}

#[test]
fn mistakes_in_a_project_or_a_ledger_are_told_by_place() {
    let good = early_by_a_second("mistakes", BOUNDARY);
    let project = |text: &str| Repository::new("wrong").with("sesscheck.toml", text).sesscheck(&["check"]);
    for (wrong, told) in [
        ("[[subject]]\nname = \"optimized\"\n", "did you mean `optimised`?"),
        ("[[subject]]\nname = \"optimised\"\nlane = {}\n", "unknown field `lane`"),
        ("[[subject]]\nname = \"optimised\"\nlanes = { directly = 3 }\n", "there is no lane `directly` here"),
        ("[[subject]]\nname = \"optimised\"\nlanes = { direct = 0 }\n", "nonzero"),
        ("for = \"9 days\"\n[[subject]]\nname = \"optimised\"\n", "such as 90s"),
        ("seed = 1\n", "missing field `subject`"),
        ("subject = []\n", "there is no `[[subject]]` to check"),
        ("[[subject]]\nname = \"optimised\"\n[[subject]]\nname = \"optimised\"\n", "stands there twice"),
    ] {
        let out = project(wrong);
        let seen = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{wrong}");
        assert!(seen.contains(told) && seen.contains("sesscheck.toml"), "{wrong}: {seen}");
    }
    for (wrong, told) in [
        ("- {scenario: own/remove.yaml, clause: flush.boundery, reason: r}\n", "known.yaml:1:39: there is no clause"),
        ("- {scenario: own/remove.yaml, clause: add.adds}\n", "missing field `reason`"),
        ("- {scenario: own/remove.yaml, clause: add.adds, reason: ' '}\n", "without a reason"),
        (
            "- {scenario: own/remove.yaml, clause: add.adds, kind: [answer, mark, answr], reason: r}\n",
            "known.yaml:1:70: there is no kind of difference `answr`; did you mean `answer`?",
        ),
        ("- {scenario: own/remove.yaml, clause: add.adds, kind: [], reason: r}\n", "in no kind of difference"),
        ("- {scenario: own/none.yaml, clause: add.adds, reason: r}\n", "own/none.yaml"),
        ("- {scenario: own, clause: add.adds, reason: r}\n- 3\n", "known.yaml:2:3"),
        ("[]\n", "it accepts nothing"),
    ] {
        std::fs::write(good.0.join("known.yaml"), wrong).expect("it can be written");
        let out = good.sesscheck(&[]);
        assert_eq!(out.status.code(), Some(2), "{wrong}");
        assert!(text(&out.stderr).contains(told), "{wrong}: {}", text(&out.stderr));
    }
}

const FAULT: [&str; 9] =
    ["check", "--subject", "faulty:flush.boundary", "--lane", "direct:12", "--lane", "handshakes:6", "--most", "100"];

#[test]
fn the_shards_of_a_check_come_together_to_the_very_report_of_the_whole() {
    let repository = Repository::new("shards")
        .with("l.yaml", "- scenario: known.yaml\n  clause: flush.boundary\n  reason: a second early\n")
        .with("known.yaml", &built_in("flush_sessions/last-second.yaml"));
    let whole = repository.sesscheck(&[&FAULT[..], &["--format", "json"]].concat());
    for part in ["1/3", "2/3", "3/3"] {
        let file = format!("json:{}.json", &part[..1]);
        let out = repository.sesscheck(&[&FAULT[..], &["--shard", part, "--also", &file]].concat());
        assert!(text(&out.stdout).contains(&format!("shard       {part} of the scenarios")), "{}", text(&out.stdout));
    }
    let merge = |files: &[&str]| repository.sesscheck(&[&["merge"], files, &["--format", "json"]].concat());
    let merged = merge(&["3.json", "1.json", "2.json"]);
    assert_eq!(merged.status.code(), Some(1));
    assert!(merged.stdout == whole.stdout, "the merged report is another");

    let other =
        repository.sesscheck(&[&FAULT[..], &["--seed", "2", "--shard", "2/3", "--also", "json:o.json"]].concat());
    assert_eq!(other.status.code(), Some(1));
    repository.sesscheck(&[&FAULT[..], &["--ledger", "l.yaml", "--shard", "2/3", "--also", "json:l.json"]].concat());
    for (files, why) in [
        (&["1.json", "3.json"][..], "shard 2/3 is missing"),
        (&["1.json", "2.json"], "shard 3/3 is missing"),
        (&["1.json", "1.json", "2.json"], "shard 1/3 was given before"),
        (&["1.json", "o.json", "3.json"], "o.json: another seed than of 1.json"),
        (&["1.json", "l.json", "3.json"], "l.json: another ledger than of 1.json"),
        (&["none.json"], "none.json: "),
    ] {
        let out = merge(files);
        assert_eq!(out.status.code(), Some(2), "{files:?}");
        assert!(text(&out.stderr).contains(why), "{files:?}: {}", text(&out.stderr));
    }
}

#[test]
fn an_earlier_report_tells_what_is_new_gone_and_changed() {
    let repository = Repository::new("baseline")
        .with("scenarios/a.yaml", &built_in("flush_sessions/last-second.yaml"))
        .with("scenarios/b.yaml", &built_in("add_session/add-remove-add.yaml"));
    let check = |subject: &str, more: &[&str]| {
        let arguments = ["check", "--subject", subject, "--scenarios", "scenarios", "--lane", "direct:1"];
        repository.sesscheck(&[&arguments[..], more].concat())
    };
    assert_eq!(check("faulty:flush.boundary", &["--also", "json:then.json"]).status.code(), Some(1));
    let since = ["--baseline", "then.json"];
    let (same, only_new) = (
        check("faulty:flush.boundary", &since),
        check("faulty:flush.boundary", &[&since[..], &["--only-new"]].concat()),
    );
    assert!(text(&same.stdout).contains("baseline    0 new, 0 gone, 0 changed since then.json"));
    assert_eq!((same.status.code(), only_new.status.code()), (Some(1), Some(0)), "old is red, unless only new counts");
    // Each form says what the exit status says.
    for (form, red) in [("junit", "<failure"), ("sarif", "\"level\": \"error\""), ("github", "::error ")] {
        let told = |more: &[&str]| {
            let out = check("faulty:flush.boundary", &[&since[..], &["--format", form], more].concat());
            text(&out.stdout).contains(red)
        };
        assert_eq!((told(&[]), told(&["--only-new"])), (true, false), "{form}");
    }

    // The divergence of the scenario goes when the cache is mended,
    let mut then: Report = serde_json::from_slice(&std::fs::read(repository.0.join("then.json")).expect("it is there"))
        .expect("a report reads back");
    let now = repository.report(&["check", "--scenarios", "scenarios", "--lane", "direct:1"]);
    then.subjects[0].subject = "optimised".to_owned();
    let differences = sesscheck::report::compare(&then, &now);
    let of = |aspect| differences.iter().filter(move |difference| difference.aspect == aspect);
    assert!(of(Aspect::Divergence).any(|one| one.what == "scenarios/a.yaml" && one.change() == Change::Gone));
    assert_eq!(
        of(Aspect::Verdict).map(|one| one.is.as_deref()).collect::<Vec<_>>(),
        [Some("conforms under profile optimised")]
    );
    // and is new on the way back.
    let back = sesscheck::report::compare(&now, &then);
    assert!(back.iter().any(|one| one.what == "scenarios/a.yaml" && one.change() == Change::New && one.is_worse()));
    // Another thing seen at the same place is a change.
    then.subjects[0].subject = "faulty:flush.boundary".to_owned();
    then.subjects[0].divergences[0].parted.seen = "something else".to_owned();
    let changed = serde_json::to_string(&then).expect("a report is JSON");
    std::fs::write(repository.0.join("then.json"), changed).expect("it can be written");
    let out = check("faulty:flush.boundary", &[&since[..], &["--only-new"]].concat());
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stdout).contains("seen: something else"), "{}", text(&out.stdout));
}

#[test]
fn what_is_new_is_an_error_also_where_its_folder_begins_with_a_number() {
    let repository = Repository::new("numbered").with("1 own/a.yaml", &built_in("flush_sessions/last-second.yaml"));
    let check = |subject: &str, more: &[&str]| {
        let arguments = ["check", "--subject", subject, "--scenarios", "1 own", "--lane", "direct:1"];
        repository.sesscheck(&[&arguments[..], more].concat())
    };
    // The earlier report is of a cache that conforms, told as one of the other.
    assert_eq!(check("optimised", &["--also", "json:then.json"]).status.code(), Some(0));
    let then = std::fs::read_to_string(repository.0.join("then.json")).expect("it was written");
    let then = then.replace("\"subject\": \"optimised\"", "\"subject\": \"faulty:flush.boundary\"");
    std::fs::write(repository.0.join("then.json"), then).expect("it can be written");
    for (form, red) in
        [("github", "::error file=1 own/a.yaml,line=10"), ("sarif", "\"level\": \"error\""), ("junit", "<failure")]
    {
        let out = check("faulty:flush.boundary", &["--baseline", "then.json", "--only-new", "--format", form]);
        assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
        assert!(text(&out.stdout).contains(red), "{form}: {}", text(&out.stdout));
    }
}

#[test]
fn a_failure_is_told_at_file_and_line_in_each_form() {
    let repository = Repository::new("forms").with("s/a.yaml", &built_in("flush_sessions/last-second.yaml"));
    let check = ["check", "--subject", "faulty:flush.boundary", "--scenarios", "s", "--lane", "direct:1"];
    let also = ["--also", "sarif:r.sarif", "--also", "markdown:r.md", "--also", "junit:r.xml", "--format", "github"];
    let out = repository.sesscheck(&[&check[..], &also].concat());
    assert_eq!(out.status.code(), Some(1));
    let annotation = "::error file=s/a.yaml,line=10,title=faulty%3Aflush.boundary%3A flush.boundary::faulty:flush.boundary \
                      diverges at step 3";
    assert!(text(&out.stdout).starts_with(annotation), "{}", text(&out.stdout));
    let first = text(&out.stdout).lines().next().expect("there is one");
    assert!(first.contains("%0Areplay: sesscheck replay --subject faulty:flush.boundary s/a.yaml"), "{first}");

    let log =
        text(&out.stdout).split_once("::stop-commands::the-report-as-text\n").expect("the text has no commands").1;
    assert!(log.ends_with("::the-report-as-text::\n"), "{log}");

    let read = |file: &str| std::fs::read_to_string(repository.0.join(file)).expect("it was written");
    let sarif: serde_json::Value = serde_json::from_str(&read("r.sarif")).expect("it is JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((sarif["version"].as_str(), result["ruleId"].as_str()), (Some("2.1.0"), Some("flush.boundary")));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "s/a.yaml");
    assert_eq!(place["region"]["startLine"], 10);
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("there are rules");
    assert!(rules.iter().any(|rule| rule["id"] == "flush.boundary"), "each result has its rule");
    assert!(read("r.md").contains("| <code>faulty:flush.boundary</code> | diverges |"), "{}", read("r.md"));
    assert!(read("r.xml").contains("flush.boundary flush_sessions member missing"), "{}", read("r.xml"));
}

/// The built-in scenarios under a fault that many of them show.
const BUILT_IN: [&str; 7] = ["check", "--subject", "faulty:flush.boundary", "--lane", "direct:1", "--most", "40"];

#[test]
fn a_built_in_scenario_is_told_by_its_name_and_at_no_file() {
    let repository = Repository::new("built-in");
    let out = repository.sesscheck(&[&BUILT_IN[..], &["--format", "github", "--also", "sarif:r.sarif"]].concat());
    let errors: Vec<_> = text(&out.stdout).lines().filter(|line| line.starts_with("::error ")).collect();
    let named = errors.iter().filter(|line| line.contains("::built-in scenario scenarios/")).count();
    assert!(named > 1 && !errors.iter().any(|line| line.contains("file=")), "{errors:?}");
    let sarif = std::fs::read_to_string(repository.0.join("r.sarif")).expect("it was written");
    assert!(!sarif.contains("physicalLocation"), "{sarif}");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("it is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("there are results");
    let logical = results
        .iter()
        .filter_map(|result| result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].as_str());
    assert_eq!(logical.filter(|name| name.starts_with("scenarios/") && name.contains(".yaml:")).count(), named);
}

#[test]
fn findings_that_are_alike_are_told_once_with_the_shortest_and_how_many_there_are() {
    let repository = Repository::new("alike");
    let report = repository.report(&BUILT_IN);
    let all = &report.subjects[0].divergences;
    let keys: std::collections::BTreeSet<_> = all.iter().map(|found| found.parted.key()).collect();
    assert!(keys.len() > 1 && all.len() > keys.len(), "{}", all.len());
    let out = repository.sesscheck(&[&BUILT_IN[..], &["--also", "markdown:r.md"]].concat());
    let (told, page) = (text(&out.stdout), std::fs::read_to_string(repository.0.join("r.md")).expect("it was written"));
    assert_eq!(told.matches(" diverges at ").count(), keys.len(), "{told}");
    assert_eq!(page.matches("<details>").count(), keys.len(), "{page}");
    for key in keys {
        let group: Vec<_> = all.iter().filter(|found| found.parted.key() == key).collect();
        let shortest = group.iter().min_by_key(|found| found.steps.0).expect("it is of some");
        assert!(told.contains(&shortest.replay) && page.contains(&shortest.replay), "{}", shortest.replay);
        if group.len() > 1 {
            let others = format!("alike, {} more: ", group.len() - 1);
            assert!(told.contains(&others) && page.contains(&others), "{others}");
        }
    }
}

#[test]
fn what_was_not_run_is_told_by_its_reason_with_a_count() {
    let repository = Repository::new("not-run");
    let check = ["check", "--lane", "direct:1", "--also", "junit:r.xml", "--also", "markdown:r.md"];
    let report = repository.report(&check);
    let not_run = &report.subjects[0].not_run;
    assert!(not_run.len() > 1 && not_run.iter().all(|one| one.why == not_run[0].why), "one reason: {not_run:?}");
    let read = |file: &str| std::fs::read_to_string(repository.0.join(file)).expect("it was written");
    let told = format!("not run, {}: {}", not_run.len(), not_run[0].why);
    for text in [read("r.xml"), read("r.md")] {
        assert_eq!(text.matches(told.as_str()).count(), 1, "{text}");
        assert!(!text.contains(&not_run[0].what), "{text}");
    }
}

#[test]
fn a_claim_that_is_not_borne_out_is_told_with_its_line_and_the_clause_that_decides() {
    let wrong = "scenario: s\nclauses: []\nsessions: {a: {id: \"01\"}}\nsteps:\n  - add_session: a\n    returns: 0\n  - probe: ~\n    members: []\n";
    let repository = Repository::new("claim").with("a.yaml", wrong);
    let told = "\
        a.yaml:6:14: claims returns 0; the model of 3.3 rules: returns 1 [add.returns]\n    |\n  6 |     returns: 0\n    |              ^\n  \
        add.returns: add and remove return 1";
    // The second one is decided two steps before.
    let later = "\
        a.yaml:8:14: claims members []; the model of 3.3 rules: members [a] [add.adds]\n    |\n  8 |     members: []\n    |              ^^\n";
    for arguments in [&["check", "--scenarios", "a.yaml"][..], &["lint", "a.yaml"], &["replay", "a.yaml"]] {
        let out = repository.sesscheck(arguments);
        assert!(text(&out.stdout).contains(told) && text(&out.stdout).contains(later), "{}", text(&out.stdout));
    }
    let markdown = repository.sesscheck(&["check", "--scenarios", "a.yaml", "--format", "markdown"]);
    assert!(
        text(&markdown.stdout).contains("  8 |     members: []\n    |              ^^\n  add.adds: "),
        "{}",
        text(&markdown.stdout)
    );
}

#[test]
fn the_command_needs_nothing_else_on_the_disk() {
    let nowhere = Repository::new("nowhere");
    let here = |arguments: &[&str]| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Command::new(PROGRAM).args(arguments).current_dir(root).output().expect("it runs").stdout
    };
    for arguments in [
        &["check", "--lane", "direct:3", "--format", "json"][..],
        &["atlas"],
        &["drills", "--subject", "optimised"],
        &["clauses"],
        &["schema"],
        &["subject", "--list"],
        &["explain", "scenarios/add_session/add-remove-add.yaml"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["completions", "fish"],
        &["man"],
    ] {
        let out = nowhere.sesscheck(arguments);
        assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out.stderr));
        assert!(!out.stdout.is_empty() && out.stdout == here(arguments), "{arguments:?}");
    }
    let man = nowhere.sesscheck(&["man", "pages"]);
    assert_eq!(man.status.code(), Some(0), "{}", text(&man.stderr));
    for page in ["sesscheck.1", "sesscheck-check.1", "sesscheck-merge.1"] {
        assert!(nowhere.0.join("pages").join(page).is_file(), "{page}");
    }
}

/// The fenced block of README that begins with this line, and what is in it.
fn in_readme(begins: &str) -> String {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once(&format!("\n{begins}")).unwrap_or_else(|| panic!("README has {begins}"));
    let block = format!("{begins}{rest}");
    block.split_once("\n```").expect("the block ends").0.to_owned()
}

#[test]
fn a_file_of_several_scenarios_is_told_by_the_choice_that_fails() {
    let repository = Repository::new("several").with("s/each.yaml", &in_readme("scenario: a session of $timeout"));
    let out = repository.sesscheck(&["check", "--scenarios", "s", "--lane", "direct:1"]);
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    assert!(text(&out.stdout).contains("manual      3 scenarios, every claim"), "{}", text(&out.stdout));
    let faulty = ["check", "--subject", "faulty:flush.boundary", "--scenarios", "s", "--lane", "direct:1"];
    let out = repository.sesscheck(&[&faulty[..], &["--format", "github"]].concat());
    let told = text(&out.stdout);
    assert_eq!(told.matches("::error file=s/each.yaml,line=7,").count(), 3, "{told}");
    let replay = "replay --subject faulty:flush.boundary 's/each.yaml [timeout = 300]'";
    assert!(told.contains(replay), "{told}");
    let again = ["replay", "--subject", "faulty:flush.boundary", "s/each.yaml [timeout = 300]"];
    let again = repository.sesscheck(&again);
    assert_eq!(again.status.code(), Some(1), "{}", text(&again.stderr));
    for (file, why) in
        [("s/each.yaml", "3 scenarios there; name one, such as"), ("s/each.yaml [timeout = 2]", "no such scenario")]
    {
        let out = repository.sesscheck(&["replay", file]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains(why), "{}", text(&out.stderr));
    }
}

/// The commands of README's workflow for GitHub and job for GitLab, as their shells run them, the installation apart;
/// with README's project file, ledger and all, in a repository that has what they name.
#[test]
fn what_the_readme_puts_into_a_workflow_runs() {
    let repository = Repository::new("readme")
        .with("sesscheck.toml", &in_readme("seed = 1"))
        .with("known.yaml", &in_readme("- scenario: known/"))
        .with("scenarios/own.yaml", &built_in("add_session/add-remove-add.yaml"))
        .with("known/last-second.yaml", &built_in("flush_sessions/last-second.yaml"));
    let project = std::fs::read_to_string(repository.0.join("sesscheck.toml")).expect("it was written");
    // In place of a cache of one's own, one that we have.
    let project = project
        .replace("exec:python3 cache.py", "faulty:flush.boundary")
        .replace("built_in = true ", "built_in = false");
    std::fs::write(repository.0.join("sesscheck.toml"), project).expect("it can be written");
    let github: serde_yaml::Value = serde_yaml::from_str(&in_readme("name: session cache")).expect("it is YAML");
    let gitlab: serde_yaml::Value = serde_yaml::from_str(&in_readme("session cache:")).expect("it is YAML");
    let steps = github["jobs"]["sesscheck"]["steps"].as_sequence().expect("it has steps");
    let mut commands: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    commands
        .extend(gitlab["session cache"]["script"].as_sequence().expect("a script").iter().filter_map(|c| c.as_str()));
    let (install, run): (Vec<_>, Vec<_>) = commands.into_iter().partition(|c| c.starts_with("cargo install "));
    assert_eq!((install.len(), run.len()), (2, 2));
    let bin = Path::new(PROGRAM).parent().expect("it is in a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    for command in run {
        let out = Command::new("sh")
            .args(["-ec", command])
            .current_dir(&repository.0)
            .env("PATH", &path)
            .env("GITHUB_STEP_SUMMARY", repository.0.join("summary.md"))
            .output()
            .expect("there is a shell");
        assert_eq!(out.status.code(), Some(0), "{command}: {}{}", text(&out.stdout), text(&out.stderr));
    }
    for file in ["summary.md", "sesscheck.sarif", "sesscheck.xml", "sesscheck.json"] {
        assert!(std::fs::metadata(repository.0.join(file)).is_ok_and(|file| file.len() > 0), "{file}");
    }
}
