//! Our cache against the model on random traces with fixed seeds; and what makes such a run worth anything.

use sesscheck::check::{Verdict, check, check_with};
use sesscheck::fuzzing::structure_holds;
use sesscheck::profiles;
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::subject::{Driven, Subject};
use sesscheck::subjects::optimised::{Optimised, in_steps, optimised};
use sesscheck::tally::{Outcome, Tally};
use sesscheck::transcript::Transcript;

fn run(lane: Lane, seed: u64, count: u64) -> Tally {
    run_on(&mut optimised(), "optimised", lane, seed, count)
}

fn run_on(subject: &mut Driven<Optimised>, profile: &str, lane: Lane, seed: u64, count: u64) -> Tally {
    let profile = profiles::by_name(profile).expect("it is shipped").profile;
    let (mut tally, mut seen, mut ruled) = (Tally::default(), Transcript::default(), Transcript::default());
    for number in 0..count {
        let trace = trace_of(Seed(seed), number, lane);
        subject.run(&trace, &mut seen);
        let verdict = check_with(&trace, &profile, &seen, &mut tally, &mut ruled);
        assert_eq!(verdict, Verdict::Conforms, "seed {seed}, lane {lane:?}, number {number}");
    }
    tally
}

#[test]
fn our_cache_agrees_on_direct_calls() {
    let tally = run(Lane::Direct, 11, 150);
    for outcome in [
        Outcome::AddNew,
        Outcome::AddIdentical,
        Outcome::AddReplacing,
        Outcome::AddOverSize,
        Outcome::RemoveFound,
        Outcome::RemoveAbsent,
        Outcome::FlushRemoved,
        Outcome::FlushNothing,
    ] {
        assert!(
            tally.outcomes[outcome as usize] > 100,
            "{outcome:?} came up {} times",
            tally.outcomes[outcome as usize]
        );
    }
}

#[test]
fn our_cache_agrees_on_handshakes() {
    let tally = run(Lane::Handshakes, 12, 1500);
    for outcome in [
        Outcome::LookupHit,
        Outcome::LookupExpired,
        Outcome::LookupOtherContext,
        Outcome::LookupExternal,
        Outcome::LookupMiss,
        Outcome::AutoFlush,
    ] {
        assert!(
            tally.outcomes[outcome as usize] > 10,
            "{outcome:?} came up {} times",
            tally.outcomes[outcome as usize]
        );
    }
}

#[test]
fn our_cache_agrees_when_its_automatic_flush_goes_in_steps() {
    for (lane, count) in [(Lane::Handshakes, 1500), (Lane::Tickets, 1500), (Lane::Mixed, 600)] {
        run_on(&mut in_steps(), "optimised-in-steps", lane, 12, count);
        // Where a flush is cut short, and only there, it shows another transcript than our cache without steps.
        let [(mut steps, mut of_steps), (mut whole, mut of_whole)] =
            [in_steps(), optimised()].map(|subject| (subject, Transcript::default()));
        let other = |number: &u64| {
            let trace = trace_of(Seed(12), *number, lane);
            steps.run(&trace, &mut of_steps);
            whole.run(&trace, &mut of_whole);
            of_steps != of_whole
        };
        let others = (0..count).filter(other).count();
        assert!(others >= 3, "{lane:?}: {others}");
    }
}

#[test]
fn a_trace_run_alone_and_after_a_thousand_others_is_the_same_to_the_byte() {
    let trace = trace_of(Seed(13), 5000, Lane::Mixed);
    let (mut alone, mut after) = (Transcript::default(), Transcript::default());
    optimised().run(&trace, &mut alone);
    let mut subject = optimised();
    for number in 0..1000 {
        subject.run(&trace_of(Seed(13), number, Lane::Handshakes), &mut after);
    }
    subject.run(&trace, &mut after);
    assert_eq!(alone, after);
}

#[test]
fn the_structure_of_our_cache_is_whole_after_every_op() {
    for (lane, count) in [(Lane::Direct, 15), (Lane::Handshakes, 60), (Lane::Mixed, 20)] {
        for number in 0..count {
            structure_holds(&trace_of(Seed(15), number, lane));
        }
    }
}

#[test]
fn a_transcript_that_ends_too_soon_never_conforms() {
    let trace = trace_of(Seed(14), 3, Lane::Direct);
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    let mut transcript = Transcript::default();
    optimised().run(&trace, &mut transcript);
    transcript.steps.pop();
    assert!(matches!(check(&trace, &profile, &transcript, &mut Tally::default()), Verdict::Diverges(_)));
}
