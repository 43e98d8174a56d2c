//! Subjects that are against us: each ends in a verdict of its own, and harms no other.
//!
//! They are scripts of `sh`, which every machine has.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use sesscheck::check::{Verdict, check};
use sesscheck::finding::Came;
use sesscheck::profiles;
use sesscheck::subject::Subject;
use sesscheck::subjects::Spec;
use sesscheck::subjects::exec::Exec;
use sesscheck::subjects::exec::calls::{Asked, calls_of, converse, transcript_of};
use sesscheck::subjects::exec::wire::{Call, Gives, Said};
use sesscheck::tally::Tally;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::{Ending, Transcript};
use sesscheck::worker::{Held, trace_of_text};
use session_model::SessionRef;

use super::{LONG, PROGRAM, one_add, sesscheck, trace};

const HELLO: &str = r#"{"hello":{"protocol":1,"subject":"hostile","capabilities":["external"]}}"#;

/// The hello of one that claims handshakes, and all that comes with them.
const HANDSHAKES: &str =
    r#"{"hello":{"protocol":2,"subject":"hostile","capabilities":["handshakes","renegotiation"]}}"#;

/// A command that does this in `sh`.
fn script(does: &str) -> String {
    assert!(!does.contains('\''), "it is quoted");
    format!("sh -c '{does}'")
}

/// One that says hello as it should, and then, with each message that it is sent, does this.
fn after_hello(does: &str) -> String {
    script(&format!(r#"read line; echo "{}"; while read line; do {does}; done"#, HELLO.replace('"', "\\\"")))
}

/// One that claims handshakes, and does the first of these with the first message of a trace, the next with the next.
fn in_pieces(does: &[String]) -> String {
    let all: Vec<_> = does.iter().map(|does| format!("read line; {does}; ")).collect();
    script(&format!("read line; {}; {}exit 0", say(HANDSHAKES), all.concat()))
}

/// Right answers to these steps of the first trace, as long as nothing is returned or cached.
fn rights(steps: std::ops::Range<u32>) -> String {
    let all: Vec<_> = steps.map(right).collect();
    all.join("; ")
}

/// The words by which a line is printed.
fn say(line: &str) -> String {
    format!("echo \"{}\"", line.replace('"', "\\\""))
}

/// A right answer to this step of the first trace, whatever it was asked, as long as nothing is returned or cached.
fn right(step: u32) -> String {
    say(&format!(r#"{{"trace":1,"step":{step},"members":[]}}"#))
}

/// Why the command is no subject at all.
fn refused(command: &str, patience: Duration) -> String {
    match Exec::start(command, patience) {
        Ok(_) => panic!("`{command}` is taken for a subject"),
        Err(why) => why,
    }
}

/// How a run of this trace ends, and after how many steps.
fn run(command: &str, trace: &Trace) -> (Ending, usize) {
    let mut subject = Exec::start(command, LONG).expect("its hello is right");
    let mut out = Transcript::default();
    subject.run(trace, &mut out);
    (out.ending, out.steps.len())
}

/// In what words the command breaks the protocol.
fn breaks(command: &str, trace: &Trace) -> String {
    match run(command, trace) {
        (Ending::Broke(why), 0) => why,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn has(what: &str, words: &[&str]) {
    for word in words {
        assert!(what.contains(word), "no `{word}` in: {what}");
    }
}

#[test]
fn garbage_instead_of_a_hello_is_quoted() {
    let why = refused(&script("echo hello, world"), LONG);
    has(&why, &["it says what is no hello: ", "; the line: `hello, world`"]);
}

#[test]
fn silence_instead_of_a_hello_is_told_from_an_end() {
    let hangs = script("echo starting >&2; while read line; do :; done; while :; do sleep 9; done");
    has(&refused(&hangs, Duration::from_millis(300)), &["it is silent: no answer to the hello in 0.3 s"]);
    has(
        &refused(&script("echo no cache >&2; exit 3"), LONG),
        &["it ends before its hello: exit status: 3", "standard error ends: `no cache`"],
    );
    has(&refused("/nowhere/subject", LONG), &["`/nowhere/subject`: No such file"]);
}

#[test]
fn a_hello_of_another_version_or_of_what_is_not_there_is_no_hello() {
    for version in ["0", "3"] {
        let other = HELLO.replace("\"protocol\":1", &format!("\"protocol\":{version}"));
        let why = refused(&script(&say(&other)), LONG);
        has(&why, &[&format!("it speaks version {version} of the protocol, and the harness versions 1 to 2")]);
    }
    let why = refused(&script(&say(&HANDSHAKES.replace("\"protocol\":2", "\"protocol\":1"))), LONG);
    has(&why, &["it has `handshakes`, which came with version 2, and speaks 1"]);
    let why = refused(&script(&say(&HANDSHAKES.replace("\"handshakes\",", ""))), LONG);
    has(&why, &["it has `renegotiation` without `handshakes`"]);
    let why = refused(&script(&say(&HELLO.replace("external", "telepathy"))), LONG);
    has(&why, &["unknown variant `telepathy`"]);
    let why = refused(&script(&say(&HELLO.replace("\"external\"", "\"external\",\"external\""))), LONG);
    has(&why, &["it says twice that it has `external`"]);
}

#[test]
fn garbage_for_an_answer_is_quoted_and_cut_short() {
    let why = breaks(&after_hello(r#"printf "%0400d\n" 7"#), &one_add());
    has(&why, &["it says a line that is no ", "; the line: `0000", "…`"]);
    assert!(why.len() < 400, "{why}");
    let bytes = breaks(&after_hello(r#"printf "\377\n""#), &one_add());
    has(&bytes, &["a line that is no text"]);
}

#[test]
fn one_that_dies_has_crashed_at_its_step_and_its_last_words_are_shown() {
    let dies = after_hello(&format!("{}; {}; {}; echo so long >&2; kill -SEGV $$", right(0), right(1), right(2)));
    let (ending, steps) = run(&dies, &trace("  - advance: 1\n  - add_session: a\n"));
    assert_eq!(ending, Ending::Crashed("signal 11; standard error ends: `so long`".to_owned()));
    assert_eq!(steps, 0, "the first step has the setup and the clock: its last call was not answered");
    let (ending, _) = run(&after_hello("exit 7"), &one_add());
    assert_eq!(ending, Ending::Crashed("exit status: 7".to_owned()));
}

#[test]
fn a_line_without_end_is_not_waited_for() {
    let floods = after_hello("exec tr \"\\\\0\" x </dev/zero");
    has(&breaks(&floods, &one_add()), &["a line of more than 4194304 bytes: `xxxx"]);
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
    // A wrong answer of so many bytes; the limit is read as a line, and found to be no answer.
    let line = |more: usize| after_hello(&format!("head -c {} /dev/zero | tr \"\\0\" x; echo", 4_194_304 - 1 + more));
    has(&breaks(&line(0), &one_add()), &["a line that is no JSON"]);
    has(&breaks(&line(2), &one_add()), &["a line of more than 4194304 bytes: `xxxx"]);
}

/// Children that hold standard output open: one in the process group of the subject, and one that is out of reach.
#[test]
fn who_is_silent_is_not_waited_for_though_its_children_live() {
    for child in ["sleep 30 &", "setsid sleep 30 &"] {
        let silent = script(&format!("{child} read line; sleep 30"));
        has(&refused(&silent, LONG / 10), &["it is silent: no answer to the hello"]);
    }
}

/// Two references are given up in the last phase, and the object is said to be destroyed with the first of them; what
/// is asked for next, of another object, is answered by its own line.
#[test]
fn who_says_too_early_that_something_is_destroyed_diverges_there() {
    let text = "scenario: a trace\nclauses: [add.adds]\nsessions: {a: {id: \"01\"}, b: {id: \"02\", timeout: 7}}\nsteps:\n  \
                - up_ref: a\n";
    let mut trace = trace_of_text(text).expect("it is a scenario");
    trace.shown = Shown::Everything;
    let calls = calls_of(&trace);
    let mut told = false;
    let answers = calls.steps.iter().map(|step| {
        let mut said = Said { members: Some(Vec::new()), ..Said::default() };
        match &step.op {
            Call::SessionFree { session: 0 } if !std::mem::replace(&mut told, true) => said.destroyed.push(0),
            Call::ShowSession { session } => {
                let timeout = if *session == 1 { 7 } else { 300 };
                (said.time, said.timeout, said.resumable) = (Some(1000), Some(timeout), Some(true));
            }
            op if op.gives() == Gives::Value => said.returns = Some(1),
            _ => {}
        }
        said
    });
    let (answers, mut out) = (answers.collect(), Transcript::default());
    transcript_of(&trace, Asked { calls, answers, ending: Ending::Completed }, &mut out);
    assert_eq!(out.destroyed, [SessionRef(0)]);
    let profile = profiles::by_name("manual").expect("it is shipped").profile;
    match check(&trace, &profile, &out, &mut Tally::default()) {
        Verdict::Diverges(divergence) => assert!(divergence.seen == "it returns 1", "{divergence:?}"),
        other => panic!("{other:?}"),
    }
}

/// Numbers near the ends of 64 bits: they are compared, and not reckoned with.
#[test]
fn who_answers_with_numbers_at_their_ends_diverges() {
    for number in [i64::MAX, i64::MIN] {
        let two = "scenario: two\nclauses: [add.adds]\ncontexts: {one: {}, other: {}}\nsteps:\n  - probe: ~\n";
        let trace = trace_of_text(two).expect("it is a scenario");
        let counters = [0, 1].map(|context| format!(r#"{{"context":{context},"number":{number}}}"#)).join(",");
        let answer = |step: u32| {
            let counters = if step == 3 { format!(r#","counters":[{counters}]"#) } else { String::new() };
            say(&format!(r#"{{"trace":1,"step":{step},"members":[]{counters}}}"#))
        };
        let steps = calls_of(&trace).steps.len();
        let done = say(&format!(r#"{{"trace":1,"done":{steps}}}"#));
        let all: Vec<_> = (0..u32::try_from(steps).expect("they are few")).map(answer).chain([done]).collect();
        let mut subject = Exec::start(&after_hello(&all.join("; ")), LONG).expect("its hello is right");
        let mut out = Transcript::default();
        subject.run(&trace, &mut out);
        assert_eq!(out.ending, Ending::Completed);
        let profile = profiles::by_name("manual").expect("it is shipped").profile;
        let verdict = check(&trace, &profile, &out, &mut Tally::default());
        assert!(matches!(verdict, Verdict::Diverges(_)), "{verdict:?}");
    }
}

#[test]
fn a_flood_of_answers_ends_with_the_first_that_is_wrong() {
    let floods = after_hello(&format!("while :; do {}; done", right(0)));
    has(&breaks(&floods, &one_add()), &["an answer to step 0, out of order: step 1 (`ctx_new`) is the next"]);
}

#[test]
fn a_flood_of_standard_error_stops_nobody_and_its_end_is_kept() {
    let floods = after_hello("head -c 3000000 /dev/zero >&2; echo >&2; echo the end >&2; exit 1");
    let (Ending::Crashed(how), _) = run(&floods, &one_add()) else { panic!("it ends") };
    has(&how, &["exit status: 1; standard error ends: `", "`the end`"]);
    assert!(how.len() < 600, "{how}");
}

#[test]
fn answers_out_of_order_and_for_another_trace_are_told_apart() {
    let later = say(r#"{"trace":1,"step":1,"members":[]}"#);
    has(&breaks(&after_hello(&later), &one_add()), &["an answer to step 1, out of order: step 0 (`set_clock`)"]);
    let other = say(r#"{"trace":99,"step":0,"members":[]}"#);
    has(&breaks(&after_hello(&other), &one_add()), &["an answer for trace 99, while trace 1 runs"]);
}

#[test]
fn too_few_answers_are_too_few() {
    let done = say(r#"{"trace":1,"done":1}"#);
    let why = breaks(&after_hello(&format!("{}; {done}", right(0))), &one_add());
    has(&why, &["`done` with 1, after 1 answers to the 8 steps of the trace"]);
}

#[test]
fn who_claims_a_capability_and_refuses_its_op_has_lied() {
    let no = say(r#"{"trace":1,"step":2,"refused":"not today"}"#);
    let lies = after_hello(&format!("{}; {}; {no}", right(0), right(1)));
    let why = breaks(&lies, &trace("  - external_store: a\n"));
    has(&why, &["it refuses `external_policy`, and it says that it has `external`", "`not today`"]);
    let no = say(r#"{"trace":1,"step":0,"refused":"no clock"}"#);
    has(&breaks(&after_hello(&no), &one_add()), &["it refuses `set_clock`, and the op is of the core"]);
}

#[test]
fn who_does_not_claim_a_capability_is_not_asked_and_does_not_conform() {
    let (ending, _) =
        run(&after_hello("exit 1"), &trace("  - set_session_id_context: {context: server, id_context: \"01\"}\n"));
    let Ending::Refused(why) = ending else { panic!("{ending:?}") };
    assert_eq!(why, "the subject does not have `id_context`");
}

#[test]
fn who_speaks_version_1_is_not_asked_for_handshakes() {
    let (ending, _) = run(&after_hello("exit 1"), &trace("  - handshake: {context: server}\n"));
    let Ending::Refused(why) = ending else { panic!("{ending:?}") };
    assert_eq!(why, "handshakes: not in version 1 of the protocol");
    let (ending, _) = run(&in_pieces(&[]), &trace("  - handshake: {context: server, id_context: \"b\"}\n"));
    let Ending::Refused(why) = ending else { panic!("{ending:?}") };
    assert_eq!(why, "the subject does not have `id_context`");
}

/// A client proposes the id of a session that was made by hand and that no cache has.
#[test]
fn who_resumes_a_session_that_is_not_there_breaks_the_protocol() {
    let proposes = trace("  - handshake: {context: server, propose: a}\n");
    let begun = |with: &str| {
        let answer = format!(r#"{{"trace":1,"step":3,"returns":1{with},"members":[]}}"#);
        breaks(&in_pieces(&[format!("{}; {}", rights(0..3), say(&answer))]), &proposes)
    };
    let at = "step 3 (`accept_begin`): ";
    has(&begun(r#","session":7"#), &[at, "it resumes session 7, which the trace has not made"]);
    // The one that this handshake may make.
    has(&begun(r#","session":1"#), &["it resumes session 1, which the trace has not made"]);
    has(&begun(""), &[at, "no `session`"]);
    let gone = r#"{"trace":1,"step":2,"destroyed":[0],"members":[]}"#;
    let resumes = r#"{"trace":1,"step":3,"returns":1,"session":0,"members":[]}"#;
    let after_its_end = in_pieces(&[format!("{}; {}; {}", rights(0..2), say(gone), say(resumes))]);
    has(&breaks(&after_its_end, &proposes), &["it resumes session 0, which it has said to be destroyed"]);
    let resumes = in_pieces(&[format!("{}; {}", rights(0..3), say(resumes))]);
    let other = trace("  - handshake: {context: server, propose: {id: \"02\"}}\n");
    has(&breaks(&resumes, &other), &["it resumes session 0, whose id is 01; proposed is 02"]);
    let nothing = trace("  - handshake: {context: server}\n");
    has(&breaks(&resumes, &nothing), &["it resumes session 0, and the client has proposed nothing"]);
}

/// One that is there, has the id, and is in no cache: that is for the pages to say.
#[test]
fn who_resumes_a_session_that_no_cache_has_diverges() {
    let proposes = trace("  - handshake: {context: server, propose: a}\n");
    let resumes = say(r#"{"trace":1,"step":3,"returns":1,"session":0,"members":[]}"#);
    let finishes = say(r#"{"trace":1,"step":4,"returns":1,"members":[]}"#);
    let all = [rights(0..3), resumes, finishes, right(5)].join("; ");
    let mut subject = Exec::start(&in_pieces(&[all]), LONG).expect("its hello is right");
    let mut out = Transcript::default();
    subject.run(&proposes, &mut out);
    let profile = profiles::by_name("manual").expect("it is shipped").profile;
    match check(&proposes, &profile, &out, &mut Tally::default()) {
        Verdict::Diverges(divergence) => assert_eq!((divergence.index, divergence.seen.as_str()), (0, "it returns 1")),
        other => panic!("{other:?}"),
    }
}

/// Two handshakes, of which the second proposes what the first has made. The first piece of the trace is up to the end
/// of the first, in five steps; then come a reference, the end of the connection, and the second.
fn two_handshakes() -> Trace {
    trace("  - handshake: {context: server, as: b}\n  - handshake: {context: server, propose: b}\n")
}

/// Right answers to the first piece of that.
fn first_piece(made: &str) -> String {
    let begun = say(r#"{"trace":1,"step":3,"returns":0,"members":[]}"#);
    let finished = say(&format!(r#"{{"trace":1,"step":4,"returns":0,"made":[{made}],"members":[]}}"#));
    [rights(0..3), begun, finished].join("; ")
}

/// Right answers to the first two steps of the second piece, which are the last of the first handshake.
fn second_piece() -> String {
    let up_ref = say(r#"{"trace":1,"step":5,"returns":1,"members":[]}"#);
    format!("{up_ref}; {}", right(6))
}

#[test]
fn what_is_wrong_in_a_later_piece_is_of_its_step() {
    let broke = |second: &str| match run(
        &in_pieces(&[first_piece("1"), format!("{}; {second}", second_piece())]),
        &two_handshakes(),
    ) {
        (Ending::Broke(why), 1) => why,
        other => panic!("{other:?}"),
    };
    has(
        &broke(&say(r#"{"trace":99,"step":7,"members":[]}"#)),
        &["an answer for trace 99, while trace 1 runs; the line: `"],
    );
    has(&broke(&right(0)), &["an answer to step 0, out of order: step 7 (`accept_begin`) is the next"]);
    has(
        &broke(&say(r#"{"trace":1,"step":7,"returns":7,"members":[]}"#)),
        &["step 7 (`accept_begin`): `returns` is 7, and a handshake returns 1, 0 or −1"],
    );
    let event = r#"{"callback":"get","context":0,"id":"0g","session":null}"#;
    let answer = format!(r#"{{"trace":1,"step":7,"returns":0,"events":[{event}],"members":[]}}"#);
    has(&broke(&say(&answer)), &["`id` of a callback is `0g`, which is no session id"]);
}

#[test]
fn a_piece_ends_with_its_last_answer_and_has_made_what_it_may() {
    let done = say(r#"{"trace":1,"done":5}"#);
    let ends_there = in_pieces(&[first_piece("1"), done]);
    has(&breaks(&ends_there, &two_handshakes()), &["`done` with 5, after 5 answers to the"]);
    let early = in_pieces(&[format!("{}; {}", rights(0..3), say(r#"{"trace":1,"done":3}"#))]);
    has(&breaks(&early, &two_handshakes()), &["`done` with 3, and the trace goes on after its first 5 steps"]);
    let failed = say(r#"{"trace":1,"step":3,"returns":-1,"members":[]}"#);
    let goes_on = say(r#"{"trace":1,"step":4,"returns":0,"made":[1],"members":[]}"#);
    let goes_on = in_pieces(&[[rights(0..3), failed, goes_on].join("; ")]);
    has(&breaks(&goes_on, &two_handshakes()), &["`returns` is not −1, and the connection has failed"]);
    let made = breaks(&in_pieces(&[first_piece("0")]), &two_handshakes());
    has(&made, &["step 4 (`accept_finish`): `made` has session 0, which this op does not make"]);
}

/// In the middle of the second piece, so in the second handshake.
#[test]
fn who_hangs_in_the_middle_of_a_piece_is_hung_at_that_step() {
    let hangs = in_pieces(&[first_piece("1"), format!("{}; while :; do sleep 9; done", second_piece())]);
    let mut held = Held::start(PROGRAM.into(), Spec::Exec(hangs)).expect("its hello is right");
    held.set_silence(Duration::from_millis(400));
    let profile = profiles::by_name("manual").expect("it is shipped");
    match held.check(&two_handshakes(), &profile).expect("the worker starts again") {
        Came::Diverges(parted) => assert_eq!((parted.kind.as_str(), parted.index), ("hung", 1)),
        other => panic!("{other:?}"),
    }
}

/// A connection that is begun in one step and finished in the next, and then this.
fn in_steps(then: &str) -> Trace {
    trace(&format!("  - accept_begin: {{connection: k}}\n  - accept_finish: k\n{then}"))
}

/// Each of the two is a piece: the second has no answer at all.
#[test]
fn who_hangs_at_the_beginning_of_a_later_piece_is_hung_at_its_step() {
    let begun = say(r#"{"trace":1,"step":3,"returns":0,"members":[]}"#);
    let hangs = in_pieces(&[format!("{}; {begun}", rights(0..3)), "while :; do sleep 9; done".to_owned()]);
    let mut held = Held::start(PROGRAM.into(), Spec::Exec(hangs)).expect("its hello is right");
    held.set_silence(Duration::from_millis(400));
    let profile = profiles::by_name("manual").expect("it is shipped");
    match held.check(&in_steps(""), &profile).expect("the worker starts again") {
        Came::Diverges(parted) => assert_eq!((parted.kind.as_str(), parted.index), ("hung", 1)),
        other => panic!("{other:?}"),
    }
}

/// The client has no context: what it has of the first handshake is what the server says to have made.
#[test]
fn what_was_not_made_is_not_proposed_again() {
    for (made, proposes) in [(vec![1], true), (vec![], false)] {
        let mut asked = Vec::new();
        converse(&in_steps("  - renegotiate: {connection: k, by: server}\n"), &mut |piece, answers| {
            for step in piece.steps {
                asked.push(step.op.clone());
                let made = if matches!(step.op, Call::AcceptFinish { .. }) { made.clone() } else { Vec::new() };
                answers.push(Said { returns: Some(0), made, ..Said::default() });
            }
            Ending::Completed
        });
        let again = asked.iter().find_map(|call| if let Call::Renegotiate(again) = call { Some(again) } else { None });
        let again = again.expect("it is asked for");
        assert_eq!(again.propose_id.is_some(), proposes, "made {made:?}: {again:?}");
    }
}

#[test]
fn who_resumes_where_a_new_session_was_asked_for_breaks_the_protocol() {
    let begun = say(r#"{"trace":1,"step":3,"returns":0,"members":[]}"#);
    let finished = say(r#"{"trace":1,"step":4,"returns":0,"made":[1],"members":[]}"#);
    let again = say(r#"{"trace":1,"step":5,"returns":1,"session":1,"members":[]}"#);
    let resumes = in_pieces(&[format!("{}; {begun}", rights(0..3)), finished, again]);
    let why = match run(&resumes, &in_steps("  - renegotiate: {connection: k}\n")) {
        (Ending::Broke(why), 2) => why,
        other => panic!("{other:?}"),
    };
    has(&why, &["step 5 (`renegotiate`): it resumes session 1, and a `renegotiate` of kind `new` resumes none"]);
}

/// Whatever a sentence has of the subject's words, it has their beginning.
#[test]
fn long_words_within_a_sentence_are_cut_short() {
    let long = "x".repeat(5000);
    let answer = |with: &str| after_hello(&say(&format!(r#"{{"trace":1,"step":0,"members":[],{with}}}"#)));
    let event = format!(r#""events":[{{"callback":"get","context":0,"id":"{long}","session":null}}]"#);
    let of_the_context = say(&format!(r#"{{"trace":1,"step":1,"members":[],{event}}}"#));
    let all = [
        (answer(&format!(r#""refused":"{long}""#)), "it gives as the reason: `xxxx"),
        (answer(&format!(r#""{long}":1"#)), "unknown field `xxxx"),
        (after_hello(&format!("{}; {of_the_context}", right(0))), "`id` of a callback is `xxxx"),
    ];
    for (says, words) in all {
        let why = breaks(&says, &one_add());
        has(&why, &[words, "…", "; the line: `"]);
        assert!(why.len() < 800, "{why}");
    }
    let why = refused(&script(&say(&format!(r#"{{"{long}":1}}"#))), LONG);
    has(&why, &["it says what is no hello: unknown field `xxxx", "…"]);
    assert!(why.len() < 800, "{why}");
    // It has another name each time.
    let hello = HELLO.replace("hostile", &format!("$$ {long}"));
    let mut subject =
        Exec::start(&script(&format!("read line; {}; read line", say(&hello))), LONG).expect("its hello is right");
    let mut out = Transcript::default();
    subject.run(&one_add(), &mut out);
    subject.run(&one_add(), &mut out);
    let Ending::Broke(why) = out.ending else { panic!("{:?}", out.ending) };
    has(&why, &["it does not start again: it says that it is Greeted", "…, and said Greeted"]);
    assert!(why.len() < 800, "{why}");
}

#[test]
fn who_shows_more_members_than_there_can_be_breaks_the_protocol() {
    let member = r#"{"context":0,"session":0,"time":1000,"timeout":300,"resumable":true}"#;
    let shows = say(&format!(r#"{{"trace":1,"step":2,"members":[{member},{member}]}}"#));
    let why = breaks(&after_hello(&format!("{}; {shows}", rights(0..2))), &one_add());
    has(&why, &["step 2 (`session`): 2 members, and the trace has made 1 sessions"]);
}

#[test]
fn wrong_types_and_wrong_fields_are_told_with_the_step() {
    let types = say(r#"{"trace":1,"step":0,"members":"none"}"#);
    has(&breaks(&after_hello(&types), &one_add()), &["no answer of the protocol: invalid type: string"]);
    let more = say(r#"{"trace":1,"step":0,"returns":1,"members":[]}"#);
    has(&breaks(&after_hello(&more), &one_add()), &["step 0 (`set_clock`): `returns`, and the op gives none"]);
    let who = say(r#"{"trace":1,"step":0,"destroyed":[5],"members":[]}"#);
    has(&breaks(&after_hello(&who), &one_add()), &["session 5, which the trace has not made"]);
}

#[test]
fn half_a_line_and_the_end_is_no_line() {
    let why = breaks(&after_hello(r#"printf "{\"trace\":1,"; exit 0"#), &one_add());
    has(&why, &[r#"half a line, and then nothing more (exit status: 0): `{\"trace\":1,`"#]);
}

/// Two that never end: told by whoever waits for the worker, as of any subject; the next one finds nothing of them.
#[test]
fn who_hangs_at_a_step_or_never_reads_is_hung_at_that_step() {
    let answers = format!("{}; {}; {}", right(0), right(1), right(2));
    let at_a_step = after_hello(&format!("{answers}; while :; do sleep 9; done"));
    let never_reads = script(&format!("{}; while :; do sleep 9; done", say(HELLO)));
    for (hangs, repeated) in [(at_a_step, 1), (never_reads, 20_000)] {
        let trace = trace(&format!("  - repeat: {{times: {repeated}, steps: [{{advance: 1}}]}}\n"));
        let mut held = Held::start(PROGRAM.into(), Spec::Exec(hangs)).expect("its hello is right");
        held.set_silence(Duration::from_millis(400));
        let profile = profiles::by_name("manual").expect("it is shipped");
        match held.check(&trace, &profile).expect("the worker starts again") {
            Came::Diverges(parted) => assert_eq!((parted.kind.as_str(), parted.index), ("hung", 0)),
            other => panic!("{other:?}"),
        }
    }
}

/// A pipe that the subject and a process of its own hold open ends when the last of them is gone.
#[test]
fn what_a_subject_has_started_ends_with_it() {
    let pipe = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("held-open-{}", std::process::id()));
    let made = Command::new("mkfifo").arg(&pipe).status().expect("every machine has it");
    assert!(made.success());
    let (send, ended) = channel();
    let read = pipe.clone();
    std::thread::spawn(move || send.send(std::fs::read(read).map(|bytes| bytes.len())));
    let sleeps = "while :; do sleep 9; done";
    let hangs = after_hello(&format!("exec 9>{}; ({sleeps}) & {sleeps}", pipe.display()));
    let mut held = Held::start(PROGRAM.into(), Spec::Exec(hangs)).expect("its hello is right");
    held.set_silence(Duration::from_millis(400));
    let profile = profiles::by_name("manual").expect("it is shipped");
    let came = held.check(&one_add(), &profile).expect("the worker starts again");
    drop(held);
    let ended = ended.recv_timeout(LONG);
    std::fs::remove_file(&pipe).expect("it was made");
    assert!(matches!(came, Came::Diverges(parted) if parted.kind == "hung"));
    assert!(matches!(ended, Ok(Ok(0))), "somebody still holds it open: {ended:?}");
}

#[test]
fn who_takes_memory_without_end_has_grown() {
    let grows = Spec::Exec(after_hello("exec tail /dev/zero"));
    let mut held = Held::start(PROGRAM.into(), grows).expect("its hello is right");
    let profile = profiles::by_name("manual").expect("it is shipped");
    match held.check(&one_add(), &profile).expect("the worker starts again") {
        Came::Diverges(parted) => assert_eq!(parted.kind, "grew", "{parted:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_verdict_is_in_the_report_and_the_exit_status_is_that_of_any_subject() {
    let check = |command: &str| {
        let subject = format!("exec:{command}");
        let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/session_get_time");
        sesscheck(&["check", "--subject", &subject, "--lane", "direct:3", "--scenarios", scenarios])
    };
    let (text, status) = check(&script("echo hello, world"));
    assert_eq!(status, Some(2), "{text}");
    has(&text, &["not run", "it says what is no hello"]);
    let (text, status) = check(&after_hello("echo what"));
    assert_eq!(status, Some(1), "{text}");
    has(&text, &["the subject breaks the protocol: it says a line that is no JSON", "the line: `what`"]);
}

#[test]
fn a_hostile_subject_changes_nothing_in_the_report_of_another() {
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/add_session");
    let of_ours = |beside: &[String]| {
        let mut arguments =
            vec!["check", "--lane", "direct:20", "--most", "1", "--format", "json", "--scenarios", scenarios];
        arguments.extend(beside.iter().flat_map(|subject| ["--require", subject.as_str()]));
        let (text, _) = sesscheck(&arguments);
        let report: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let subjects = report["subjects"].as_array().expect("there are subjects").clone();
        assert_eq!(subjects.len(), 1 + beside.len());
        assert!(subjects[1..].iter().all(|subject| subject["verdict"] != "conforms"), "{subjects:?}");
        assert_eq!(subjects[0]["subject"], "optimised");
        assert_eq!(subjects[0]["verdict"], "conforms");
        subjects[0].to_string()
    };
    let hostile = [
        script("echo hello, world"),
        after_hello("kill -SEGV $$"),
        after_hello("while :; do echo no; done"),
        after_hello("head -c 3000000 /dev/zero >&2; exit 1"),
    ];
    let hostile: Vec<_> = hostile.iter().map(|command| format!("exec:{command}")).collect();
    assert_eq!(of_ours(&[]), of_ours(&hostile));
}
