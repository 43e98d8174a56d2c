//! The run does not do what the trace says: an op is left out, done twice, done elsewhere, or time does not pass as it
//! should. What calls answer is told as if it had been done.

use std::collections::BTreeSet;

use sesscheck::driver::Driver;
use sesscheck::op::{Name, Op};
use sesscheck::subjects::optimised::Optimised;
use sesscheck::trace::Trace;
use sesscheck::transcript::Transcript;
use session_model::ContextRef;

use crate::Sabotage;
use crate::honest::{SHOWN, kind};

pub(crate) const ALL: &[Sabotage] = &[
    ("each op as the trace has it is the honest run", honest),
    ("an op is dropped", dropped),
    ("an op is done twice", twice),
    ("an op is done in another context", elsewhere),
    ("an op is done to another session", to_another),
    ("the clock is frozen", || red(&|run, op| run.instead(if is_clock(op) { &Op::Advance(0) } else { op }))),
    ("the clock goes a second too far", || {
        red(&|run, op| match op {
            Op::Advance(seconds) => run.instead(&Op::Advance(seconds + 1)),
            _ => run.instead(op),
        });
    }),
    ("the clock jumps a second with each op", || {
        red(&|run, op| {
            run.unseen(&Op::Advance(1));
            run.instead(op);
        });
    }),
    ("the clock never goes back", || {
        red(&|run, op| match op {
            Op::SetClock(time) if *time < run.driver.clock() => run.instead(&Op::Advance(0)),
            _ => run.instead(op),
        });
    }),
    ("connections are never closed", || {
        red(&|run, op| {
            run.instead(if matches!(op, Op::Close(..)) { &Op::Advance(0) } else { op });
        });
    }),
    ("a world goes on from one run to the next", not_renewed),
];

/// A run in the making.
struct Run<'r> {
    driver: Driver<Optimised>,
    out: &'r mut Transcript,
}

impl Run<'_> {
    /// Does this where the trace has something, and shows it as the step.
    fn instead(&mut self, op: &Op) {
        self.driver.step(op, self.out);
    }

    /// Does this, and shows it nowhere.
    fn unseen(&mut self, op: &Op) {
        self.driver.step(op, &mut Transcript::default());
    }
}

type Does<'d> = &'d dyn Fn(&mut Run<'_>, &Op);

fn run(trace: &Trace, honest: &Transcript, does: Does<'_>) -> Transcript {
    let mut out = Transcript::default();
    let driver = Driver::new(Optimised::default(), &trace.setup, trace.shown);
    let mut run = Run { driver, out: &mut out };
    for (_, op) in trace.executed() {
        does(&mut run, &op);
    }
    for (step, truth) in out.steps.iter_mut().zip(&honest.steps) {
        step.answer = truth.answer;
    }
    out
}

/// Whether a trace is red when the run does this.
fn is_red(does: Does<'_>) -> bool {
    SHOWN.iter().any(|shown| kind(&shown.trace, &run(&shown.trace, &shown.transcript, does)).is_some())
}

fn red(does: Does<'_>) {
    assert!(is_red(does), "no scenario sees it");
}

fn honest() {
    for shown in SHOWN.iter() {
        assert_eq!(run(&shown.trace, &shown.transcript, &|run, op| run.instead(op)), shown.transcript);
    }
}

/// The words of all ops that are run.
fn verbs() -> BTreeSet<&'static str> {
    SHOWN.iter().flat_map(|shown| shown.trace.executed().map(|(_, op)| op.verb()).collect::<Vec<_>>()).collect()
}

/// Ops that only ask: nothing but their answer is missing when they are not done.
const ASK: [&str; 6] =
    ["get_session_cache_mode", "get_time", "get_timeout", "is_resumable", "probe", "sess_get_cache_size"];

fn dropped() {
    let unseen: Vec<_> = verbs()
        .into_iter()
        .filter(|verb| !is_red(&|run, op| run.instead(if op.verb() == *verb { &Op::Advance(0) } else { op })))
        .collect();
    assert_eq!(unseen, ASK);
}

/// Ops of which a second one does something.
const TWICE: [&str; 4] = ["up_ref", "free", "advance", "handshake"];

fn twice() {
    for verb in TWICE {
        red(&|run, op| {
            run.instead(op);
            if op.verb() == verb {
                run.unseen(op);
            }
        });
    }
}

fn elsewhere() {
    let other = |context: ContextRef| ContextRef(context.0 ^ 1);
    for verb in ["flush_sessions", "set_session_cache_mode", "sess_set_cache_size", "remove_session", "add_session"] {
        red(&|run, op| match *op {
            _ if op.verb() != verb => run.instead(op),
            Op::FlushSessions { context, at, synonym } => {
                run.instead(&Op::FlushSessions { context: other(context), at, synonym });
            }
            Op::SetSessionCacheMode(context, mode) => run.instead(&Op::SetSessionCacheMode(other(context), mode)),
            Op::SessSetCacheSize(context, size) => run.instead(&Op::SessSetCacheSize(other(context), size)),
            Op::RemoveSession { context, session, synonym } => {
                run.instead(&Op::RemoveSession { context: other(context), session, synonym });
            }
            Op::AddSession { context, session, synonym } => {
                run.instead(&Op::AddSession { context: other(context), session, synonym });
            }
            _ => unreachable!("{verb}"),
        });
    }
}

fn to_another() {
    red(&|run, op| match *op {
        Op::AddSession { context, session, synonym } => {
            run.instead(&Op::AddSession { context, session: Name(session.0 ^ 1), synonym });
        }
        _ => run.instead(op),
    });
    red(&|run, op| match *op {
        Op::RemoveSession { context, session, synonym } => {
            run.instead(&Op::RemoveSession { context, session: Name(session.0 ^ 1), synonym });
        }
        _ => run.instead(op),
    });
}

fn is_clock(op: &Op) -> bool {
    matches!(op, Op::Advance(_) | Op::SetClock(_))
}

fn not_renewed() {
    for shown in SHOWN.iter() {
        let mut out = Transcript::default();
        let mut driver = Driver::new(Optimised::default(), &shown.trace.setup, shown.trace.shown);
        for wanted in [false, true] {
            let mut unwanted = Transcript::default();
            for (_, op) in shown.trace.executed() {
                driver.step(&op, if wanted { &mut out } else { &mut unwanted });
            }
            assert_eq!(
                kind(&shown.trace, if wanted { &out } else { &unwanted }).is_some(),
                wanted,
                "{:?}",
                shown.trace
            );
        }
    }
}
