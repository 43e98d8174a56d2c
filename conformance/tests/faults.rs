//! Each fault of the model is caught by a bounded random run or by a scenario, and what is caught is made short.

use sesscheck::check::{Verdict, check};
use sesscheck::divergence::Divergence;
use sesscheck::faults::{self, Made};
use sesscheck::profiles;
use sesscheck::reduce::reduce;
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::subject::Subject;
use sesscheck::subjects::Spec;
use sesscheck::suite;
use sesscheck::tally::Tally;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::Transcript;
use session_model::Profile;
use session_model::clause::Kind;

fn diverges(subject: &mut dyn Subject, trace: &Trace, profile: &Profile) -> Option<Box<Divergence>> {
    let trace = Trace { shown: Shown::Everything, ..trace.clone() };
    let mut transcript = Transcript::default();
    subject.run(&trace, &mut transcript);
    match check(&trace, profile, &transcript, &mut Tally::default()) {
        Verdict::Diverges(divergence) => Some(divergence),
        Verdict::Conforms | Verdict::NotRun(_) => None,
    }
}

fn caught(name: &str) -> Option<(Trace, Box<Divergence>)> {
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    let mut subject = Spec::Faulty(name.to_owned()).open().expect("a fault is always there").subject;
    let random = [(Lane::Handshakes, 120), (Lane::Direct, 25), (Lane::Mixed, 40)];
    let mut traces = random.into_iter().flat_map(|(lane, count)| (0..count).map(move |n| trace_of(Seed(21), n, lane)));
    traces.find_map(|trace| diverges(subject.as_mut(), &trace, &profile).map(|divergence| (trace, divergence)))
}

#[test]
fn every_fault_in_a_rule_is_caught_by_random_traces_or_by_a_scenario() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let mut survivors = Vec::new();
    let switches = faults::all().iter().filter(|fault| fault.made != Made::Structure && fault.family != "readings");
    for fault in switches.filter(|fault| fault.clause.entry().kind == Kind::Rule) {
        let by_scenario = || files.iter().any(|file| file.bites(fault.clause));
        if caught(fault.name).is_none() && !by_scenario() {
            survivors.push(fault.name);
        }
    }
    assert_eq!(survivors, Vec::<&str>::new());
}

/// The faults that the issue of detection starts from; the 255th connection and the expiry second are among them.
const DOZEN: [&str; 14] = [
    "mode.auto-255-connections",
    "auto-flush-every-256",
    "flush.boundary",
    "add.identical-is-noop",
    "add.up-ref",
    "size-holds-one-less",
    "remove-absent-acts",
    "new-cb.zero-removes",
    "id-context.mismatch-full",
    "mode.no-internal-lookup",
    "mode.update-time",
    "mode.external-copied-in",
    "unclean.not-resumable",
    "flush-zero-empties",
];

#[test]
fn a_dozen_faults_are_caught_at_random_and_reduced_to_a_few_steps() {
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    for name in DOZEN {
        let (trace, divergence) = caught(name).unwrap_or_else(|| panic!("{name} is not caught at random"));
        let mut subject = Spec::Faulty(name.to_owned()).open().expect("a fault is always there").subject;
        let mut same = |candidate: &Trace| {
            diverges(subject.as_mut(), candidate, &profile)
                .is_some_and(|other| (other.clause, other.kind) == (divergence.clause, divergence.kind))
        };
        let reduced = reduce(&trace, &mut same, 4000).trace;
        assert!(reduced.ops.len() <= 8, "{name}: {} steps are left:\n{:?}", reduced.ops.len(), reduced.ops);
    }
}

/// Of what is no decision on the session that is missing or answered for: fault, scenario, and the clause that is named.
const LAID_TO: [(&str, &str, &str); 12] = [
    ("equals-drop-the-newest", "add_session/identical-add-keeps-its-place-among-equals", "size.drops-from-end"),
    ("victim=first_added", "add_session/identical-add-keeps-its-place-as-first-added", "size.drops-from-end"),
    ("newcomer-may-be-dropped", "sess_set_cache_size/the-newcomer-stays", "size.drops-from-end"),
    ("third-add-is-refused", "sess_number/cache-full-counts-each-dropped-session", "add.adds"),
    ("size-holds-one-less", "add_session/identical-add-keeps-its-place-among-equals", "flush.collects"),
    ("shrinking-drops-at-once", "add_session/identical-add-drops-nothing-for-size", "size.smaller-at-next-add"),
    ("add.same-id-replaces", "add_session/another-object-with-the-id-replaces", "add.same-id-replaces"),
    ("removal-reaches-twin", "add_session/remove-belongs-to-one-context", "mode.per-context"),
    ("auto-flush-once", "programs/nginx/builtin-flushes-every-255-connections", "mode.auto-255-connections"),
    (
        "auto-flush-skips-the-last",
        "programs/library-default/expired-sessions-go-by-themselves",
        "timeout.flush-removes-expired",
    ),
    ("mode.no-auto-clear", "programs/freeradius/more-than-max-entries", "mode.no-auto-clear"),
    ("id-context-prefix", "set_session_id_context/a-prefix-is-another-context", "id-context.mismatch-full"),
];

#[test]
fn a_difference_is_laid_to_what_the_pages_say_of_its_cause() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    for (fault, scenario, clause) in LAID_TO {
        let path = format!("scenarios/{scenario}.yaml");
        let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path} is built in"));
        let mut subject = Spec::Faulty(fault.to_owned()).open().expect("a fault is always there").subject;
        let divergence = diverges(subject.as_mut(), &file.scenario.trace, &profile);
        let named = divergence.map(|divergence| divergence.clause.id());
        assert_eq!(named, Some(clause), "{fault} in {path}");
    }
}
