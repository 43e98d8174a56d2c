//! Hazards: how they are written, that they are off unless asked for, and that every end of a subject is told.

use std::process::Command;

use sesscheck::driver::Driver;
use sesscheck::finding::{Came, Parted};
use sesscheck::hazards::{AnyId, Campaign, Hazard, dangers};
use sesscheck::op::{Name, Op};
use sesscheck::scenario::{self, Header};
use sesscheck::source::{Lane, Seed, is_core, trace_of};
use sesscheck::subject::Subject;
use sesscheck::subjects::Spec;
use sesscheck::subjects::model::Model;
use sesscheck::subjects::optimised::optimised;
use sesscheck::suite;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::{Answer, Ending, Transcript};
use sesscheck::worker::Held;
use session_model::{Edition, Profile};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

fn parse(text: &str) -> Result<Trace, Vec<String>> {
    scenario::parse("t.yaml", text, &suite::vocabulary())
        .map(|scenario| scenario.trace)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn mistakes(text: &str) -> Vec<String> {
    parse(text).expect_err("it has a mistake")
}

/// A trace with a far flush, the hazard that the misbehaving subjects go down at, and more than it takes.
const FAR_FLUSH: &str = "\
scenario: s
clauses: []
hazards: true
sessions: {a: {id: \"01\"}, b: {id: \"02\"}}
steps:
  - add_session: a
  - add_session: b
  - advance: 5
  - flush_sessions: -1
  - remove_session: a
";

fn held(fault: &str) -> Held {
    Held::start_guarded(PROGRAM.into(), Spec::Faulty(fault.to_owned())).expect("a fault is always there")
}

fn went_down(fault: &str) -> Parted {
    let mut held = held(fault);
    let trace = parse(FAR_FLUSH).expect("it is a scenario");
    let Came::WentDown(parted) = held.endure(&trace).expect("the worker starts again") else {
        panic!("{fault} does not show");
    };
    let harmless = parse(&FAR_FLUSH.replace("-1", "now")).expect("it is a scenario");
    assert_eq!(held.endure(&harmless).expect("the worker is there"), Came::Completed, "{fault}");
    assert_eq!(parted.clause, "hazard: far time");
    parted
}

#[track_caller]
fn ends_at_the_flush(fault: &str, kind: &str) {
    let parted = went_down(fault);
    assert_eq!((parted.kind.as_str(), parted.op.as_str(), parted.index), (kind, "flush_sessions", 3));
}

#[test]
fn a_crash_is_told_with_its_step() {
    ends_at_the_flush("aborts-at-hazard", "crashed");
}

#[test]
fn a_call_that_sleeps_for_ever_is_a_hang() {
    ends_at_the_flush("sleeps-at-hazard", "hung");
}

#[test]
fn a_call_that_computes_for_ever_is_a_hang() {
    ends_at_the_flush("spins-at-hazard", "hung");
}

#[test]
fn a_call_that_takes_memory_without_end_is_stopped_and_told() {
    ends_at_the_flush("grows-at-hazard", "grew");
}

#[test]
fn a_trace_that_leaks_is_told_at_its_last_step() {
    let parted = went_down("leaks-at-hazard");
    assert_eq!((parted.kind.as_str(), parted.op.as_str()), ("grew", "ctx_free"));
}

#[test]
fn what_goes_down_at_random_is_reduced_to_one_cause() {
    let fault = "aborts-at-hazard";
    let (mut held, mut campaign) = (held(fault), Campaign::default());
    let spec = Spec::Faulty(fault.to_owned());
    campaign.random(&mut held, &spec, (1, 400), 5, &mut |_| true).expect("the worker starts again");
    let report = &campaign.report;
    assert!(report.random.crashed > 0 && report.random.not_run > 0, "{:?}", report.random);
    assert_eq!(report.found.len(), 1, "{:?}", report.found);
    let found = &report.found[0];
    assert_eq!((found.steps.0, found.parted.op.as_str()), (1, "flush_sessions"));
    let trace = parse(&found.trace).expect("a finding is a scenario");
    assert!(trace.setup.hazards);
}

#[test]
fn a_trace_of_the_lane_is_written_and_read_back() {
    for number in 0..600 {
        let trace = trace_of(Seed(5), number, Lane::Hazards);
        let text = scenario::write(&trace, &Header { title: "t".to_owned(), ..Header::default() }, &[], &[]);
        let read = parse(&text).unwrap_or_else(|mistakes| panic!("{number}: {mistakes:?}\n{text}"));
        assert_eq!((&read.setup, &read.ops), (&trace.setup, &trace.ops), "{number}\n{text}");
        assert!(!is_core(&trace) && trace.setup.hazards);
    }
}

#[test]
fn the_lane_reaches_every_hazard() {
    let mut found: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
    for number in 0..3000 {
        for danger in dangers(&trace_of(Seed(2), number, Lane::Hazards)) {
            *found.entry(danger.to_string()).or_default() += 1;
        }
    }
    let calls = ["add_session", "remove_session", "flush_sessions", "read", "free_unowned"];
    let calls = ["new", "get", "remove"].into_iter().flat_map(|back| calls.map(|call| format!("{back} calls {call}")));
    let others = ["another context", "changed id", "empty id", "far time", "context freed in use"];
    let others = others.into_iter().chain(["unowned reference freed"]).map(str::to_owned);
    for danger in calls.chain(others) {
        assert!(found.get(&danger).is_some_and(|times| *times >= 10), "{danger}: {found:?}");
    }
}

#[test]
fn a_hazard_in_a_scenario_that_asks_for_none_is_a_mistake() {
    let text = "\
scenario: s
clauses: []
contexts: {server: {callbacks: {remove: {calls: [{flush_sessions: now}]}}}}
sessions: {a: {id: \"01\", timeout: -1}}
steps:
  - set_id: {session: a, id: \"\"}
  - repeat: {times: 2, steps: [{free_unowned: a}]}
  - set_clock: 1000000001
";
    let note = "is a hazard";
    let told = mistakes(text);
    let places = ["t.yaml:3:20", "t.yaml:4:15", "t.yaml:6:5", "t.yaml:7:32", "t.yaml:8:5"];
    assert_eq!(told.len(), places.len(), "{told:?}");
    for (told, place) in told.iter().zip(places) {
        assert!(told.starts_with(place) && told.contains(note), "{told} is not at {place}");
    }
    parse(&text.replace("clauses: []", "clauses: []\nhazards: true")).expect("now it asks for them");
}

/// As of the other lanes: what is not asked for is not run beside scenarios that are named.
#[test]
fn beside_scenarios_that_are_named_random_hazards_run_only_when_asked_for() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/hazards/free-once-too-often.yaml");
    for (lane, count) in [(&[][..], 0), (&["--lane", "hazards:7"][..], 7)] {
        let named = ["check", "--hazards", "--subject", "model", "--format", "json", "--scenarios", file];
        let output = Command::new(PROGRAM).args(named).args(lane).output().expect("it can be started");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        let random = report["subjects"][0]["hazards"]["random"].as_object().expect("there were hazards");
        assert_eq!(random.values().filter_map(serde_json::Value::as_u64).sum::<u64>(), count, "{random:?}");
    }
}

#[test]
fn under_hazards_nothing_is_stated() {
    let told = mistakes(&FAR_FLUSH.replace("- add_session: a\n", "- add_session: a\n    returns: 1\n"));
    assert_eq!(told, ["t.yaml:6:5: under `hazards: true` nothing is stated"]);
}

#[test]
fn a_call_names_a_session_and_is_one_thing() {
    let calls = |calls: &str| {
        let contexts = format!("contexts: {{server: {{callbacks: {{get: {{calls: [{calls}]}}}}}}}}\nsessions:");
        FAR_FLUSH.replacen("sessions:", &contexts, 1)
    };
    assert!(mistakes(&calls("{add_session: c}"))[0].contains("`c` is not a session of this scenario"));
    assert!(mistakes(&calls("{add_session: a, read: counters}"))[0].contains("a call is one of"));
    parse(&calls("{add_session: a}, {remove_session: this}, {read: counters}")).expect("it is a scenario");
}

#[test]
fn a_hazard_is_absent_unless_the_trace_asks_for_it() {
    let mut trace = parse(&FAR_FLUSH.replace("-1", "now").replace("hazards: true\n", "")).expect("it is a scenario");
    let id = AnyId::new(&[3]).expect("one byte");
    for op in [Op::Hazard(Hazard::SetId(Name(0), id)), Op::Hazard(Hazard::FreeUnowned(Name(0)))] {
        let (mut driver, mut out) = (Driver::new(model(), &trace.setup, Shown::Steps), Transcript::default());
        driver.step(&op, &mut out);
        assert_eq!(out.steps[0].answer, Answer::Absent);
    }
    trace.setup.hazards = true;
    trace.ops = vec![Op::Hazard(Hazard::SetId(Name(0), id))];
    let mut out = Transcript::default();
    sesscheck::subjects::model::subject("model", manual()).run(&trace, &mut out);
    assert!(matches!(&out.ending, Ending::Refused(why) if why.contains("changed id")), "{:?}", out.ending);
}

fn manual() -> Profile {
    Profile::manual(Edition::V3_3)
}

fn model() -> Model {
    Model::new(manual())
}

#[test]
fn our_cache_survives_whatever_can_be_said_to_it() {
    let (mut subject, mut out) = (optimised(), Transcript::default());
    let (mut completed, mut refused) = (0, 0);
    for number in 0..4000 {
        let trace = trace_of(Seed(11), number, Lane::Hazards);
        subject.run(&trace, &mut out);
        match &out.ending {
            Ending::Completed => completed += 1,
            Ending::Refused(why) => {
                assert!(why.starts_with("session-cache cannot say it"), "{why}");
                refused += 1;
            }
            ending => panic!("trace {number}: {ending:?}"),
        }
    }
    assert!(completed > 1200 && refused > 500, "{completed} completed, {refused} refused");
}

#[test]
fn without_hazards_the_lanes_draw_what_they_always_drew() {
    // FNV-1a of the first traces of each lane, as text.
    let digest = |lane| {
        let texts = (0..40).map(|number| {
            let trace = trace_of(Seed(1), number, lane);
            scenario::write(&trace, &Header { title: "t".to_owned(), ..Header::default() }, &[], &[])
        });
        texts.fold(0xcbf2_9ce4_8422_2325_u64, |hash, text| {
            text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        })
    };
    let drawn = [Lane::Direct, Lane::Handshakes, Lane::Mixed].map(digest);
    assert_eq!(drawn, [15_180_340_923_529_816_884, 12_484_174_523_047_204_190, 11_491_178_057_587_184_567]);
}
