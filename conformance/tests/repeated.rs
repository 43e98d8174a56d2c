//! A transcript is a function of subject and trace: the machine's libssl shows the same to the byte in each process.
//! Where there is none, the test says so and claims nothing.

use sesscheck::recording::write_transcript;
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::subjects::Spec;
use sesscheck::subjects::libssl::locate;
use sesscheck::trace::Shown;
use sesscheck::worker::{Care, Held, Recorded};

/// What a fresh worker shows of some random traces, the last first where it is asked for.
fn shown(backwards: bool) -> Vec<String> {
    let program = env!("CARGO_BIN_EXE_sesscheck");
    let mut held = Held::start(program.into(), Spec::Libssl(None)).expect("the machine's libssl can be loaded");
    let mut traces: Vec<_> = [(Lane::Tickets, 12), (Lane::Handshakes, 12), (Lane::Mixed, 6)]
        .map(|(lane, count)| (0..count).map(move |number| trace_of(Seed(77), number, lane)))
        .into_iter()
        .flatten()
        .collect();
    if backwards {
        traces.reverse();
    }
    let record = |mut trace: sesscheck::trace::Trace| {
        trace.shown = Shown::Everything;
        match held.record(&trace, Care::Confirm).expect("the worker starts again") {
            Recorded::Shown(transcript) => write_transcript(&transcript, true),
            other => format!("{other:?}"),
        }
    };
    let mut shown: Vec<String> = traces.into_iter().map(record).collect();
    if backwards {
        shown.reverse();
    }
    shown
}

#[test]
fn a_trace_shows_the_same_in_each_process_whatever_ran_before() {
    if locate().is_none() {
        return eprintln!("not run: no libssl found");
    }
    let first = shown(false);
    assert!(first.iter().all(|text| text.lines().count() > 1), "there is something to compare");
    assert!(first == shown(false), "another process shows something else");
    assert!(first == shown(true), "what ran before makes a difference");
}
