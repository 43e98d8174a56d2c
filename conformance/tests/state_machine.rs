//! The model and the cache as two state machines that proptest drives side by side: after each op both have shown the
//! same, and in the last phase too.
//!
//! The ops are those of the one generator, drawn from proptest's bytes. A failure is shrunk by leaving ops out, which
//! any trace allows, then by making the bytes simpler that the setup is drawn from. What is left is printed as a test
//! function for this file, as `sesscheck convert --to proptest` writes one, and can be converted further.

use std::fmt::{self, Debug};
use std::marker::PhantomData;
use std::sync::Arc;

use arbitrary::Unstructured;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestError, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use sesscheck::convert::case;
use sesscheck::driver::{Driver, Library};
use sesscheck::op::Op;
use sesscheck::profiles;
use sesscheck::scenario::Header;
use sesscheck::source::{Lane, generate};
use sesscheck::subjects::model::Model;
use sesscheck::subjects::optimised::Optimised;
use sesscheck::trace::{Setup, Shown, Trace};
use sesscheck::transcript::Transcript;
use sesscheck::worker::trace_of_text;
use session_model::Profile;
use session_model::clause::{Clause, FLUSH_BOUNDARY};

/// How many ops a case has, at most.
const LENGTH: usize = 300;

/// As many cases each time, the same ones.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(42),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

fn profile() -> Profile {
    profiles::by_name("optimised").expect("a shipped profile").profile
}

/// A library after some ops, and what it showed of the last.
#[derive(Clone)]
struct Side<L> {
    driver: Driver<L>,
    shown: Transcript,
}

impl<L: Library> Side<L> {
    fn new(library: L, setup: &Setup) -> Self {
        Self { driver: Driver::new(library, setup, Shown::Steps), shown: Transcript::default() }
    }

    fn step(&mut self, op: &Op) {
        self.shown.clear();
        self.driver.step(op, &mut self.shown);
    }
}

/// The model, the ops that are drawn for it, and those that it was given.
#[derive(Clone)]
struct Reference {
    drawn: Arc<[Op]>,
    given: Trace,
    model: Side<Model>,
}

impl Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.given.setup.fmt(f)
    }
}

impl Reference {
    fn new(trace: Trace) -> Self {
        let mut drawn: Vec<Op> = trace.executed().map(|(_, op)| op.into_owned()).collect();
        drawn.truncate(drawn.len() - trace.last_phase().len());
        let model = Side::new(Model::new(profile()), &trace.setup);
        Self { drawn: drawn.into(), given: Trace { ops: Vec::new(), ..trace }, model }
    }
}

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = Op;

    fn init_state() -> BoxedStrategy<Self> {
        let lane = select(vec![Lane::Direct, Lane::Handshakes, Lane::Mixed]);
        let bytes = prop::collection::vec(any::<u8>(), 0..8 * LENGTH);
        (lane, bytes).prop_map(|(lane, bytes)| Self::new(generate(&mut Unstructured::new(&bytes), lane))).boxed()
    }

    /// The next op that was drawn; when there are no more, any of them again.
    fn transitions(state: &Self) -> BoxedStrategy<Op> {
        match state.drawn.get(state.given.ops.len()) {
            Some(op) => Just(op.clone()).boxed(),
            None if state.drawn.is_empty() => Just(Op::Probe).boxed(),
            None => select(state.drawn.to_vec()).boxed(),
        }
    }

    fn apply(mut state: Self, op: &Op) -> Self {
        state.given.ops.push(op.clone());
        state.model.step(op);
        state
    }
}

/// What stands beside the model.
trait Beside: 'static {
    type Library: Library;
    fn fresh() -> Self::Library;
}

struct Compared<B>(PhantomData<B>);

impl<B: Beside> StateMachineTest for Compared<B> {
    type SystemUnderTest = Side<B::Library>;
    type Reference = Reference;

    fn init_test(reference: &Reference) -> Self::SystemUnderTest {
        Side::new(B::fresh(), &reference.given.setup)
    }

    fn apply(mut side: Self::SystemUnderTest, reference: &Reference, op: Op) -> Self::SystemUnderTest {
        side.step(&op);
        assert_eq!(side.shown, reference.model.shown, "{op:?}");
        side
    }

    fn teardown(mut side: Self::SystemUnderTest, mut reference: Reference) {
        for op in reference.given.last_phase() {
            reference.model.step(&op);
            side.step(&op);
            assert_eq!(side.shown, reference.model.shown, "{op:?}");
        }
    }
}

struct Cache;

impl Beside for Cache {
    type Library = Optimised;

    fn fresh() -> Optimised {
        Optimised::default()
    }
}

/// The model with a clause that it does not keep.
struct Planted;

impl Planted {
    const CLAUSE: Clause = FLUSH_BOUNDARY;
}

impl Beside for Planted {
    type Library = Model;

    fn fresh() -> Model {
        Model::new(Profile { broken: Some(Self::CLAUSE), ..profile() })
    }
}

type Failed = TestError<Trace>;

fn run<B: Beside>() -> Result<(), Box<Failed>> {
    let cases = Reference::sequential_strategy(1..LENGTH);
    let result = TestRunner::new(config()).run(&cases, |(reference, ops, seen)| {
        Compared::<B>::test_sequential(config(), reference, ops, seen);
        Ok(())
    });
    result.map_err(|error| {
        Box::new(match error {
            TestError::Fail(why, (reference, ops, _)) => TestError::Fail(why, Trace { ops, ..reference.given }),
            TestError::Abort(why) => TestError::Abort(why),
        })
    })
}

/// The case as a test function for this file.
fn written(case: &Trace) -> String {
    case::written(case, &Header { title: "a case that proptest found".to_owned(), ..Header::default() })
        .expect("no lane that is drawn here has hazards")
}

/// A case that is given, as a scenario, and not drawn.
fn given<B: Beside>(text: &str) {
    let reference = Reference::new(trace_of_text(text).unwrap_or_else(|mistake| panic!("{mistake}")));
    let ops = reference.drawn.to_vec();
    Compared::<B>::test_sequential(config(), reference, ops, None);
}

#[test]
fn the_cache_shows_what_the_model_shows() {
    match run::<Cache>().map_err(|failed| *failed) {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n{}", written(&case)),
        Err(aborted) => panic!("{aborted}"),
    }
}

#[test]
fn a_planted_fault_is_found_and_shrunk() {
    let Err(TestError::Fail(why, case)) = run::<Planted>().map_err(|failed| *failed) else {
        panic!("the model without {} is not told from the model", Planted::CLAUSE);
    };
    let Trace { ops, .. } = &case;
    assert!(ops.len() <= 5, "{} ops are left: {ops:?}\n{why}", ops.len());
    // What is printed of it shows it again, and nothing where there is no fault.
    let function = written(&case);
    let text = case::text(&function).expect("a case holds its scenario");
    assert!(std::panic::catch_unwind(|| given::<Planted>(text)).is_err(), "{function}");
    given::<Cache>(text);
}

#[test]
fn the_very_same_session_added_again_changes_nothing() {
    given::<Cache>(
        r#"
scenario: the very same session added again changes nothing
clauses: [add.identical-is-noop]
contexts: {server: {}}
sessions: {a: {id: "01", timeout: 300}}
steps:
  - add_session: a
  - add_session: a
"#,
    );
}
