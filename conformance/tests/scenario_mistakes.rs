//! What is wrong with a scenario is said at its place, all at once, and nothing panics.

use sesscheck::scenario::{Mistake, SIZE_LIMIT, Vocabulary, parse};

fn vocabulary() -> Vocabulary {
    Vocabulary {
        clauses: vec!["add.adds", "add.identical-is-noop"],
        editions: vec!["1.0.1", "3.0", "3.3"],
        readings: vec![("remove.match", vec!["object", "id"]), ("victim", vec!["any", "first_added"])],
    }
}

fn found(text: &str) -> Vec<Mistake> {
    parse("t.yaml", text, &vocabulary()).err().unwrap_or_default()
}

#[track_caller]
fn expect(text: &str, lines: &[&str]) {
    let found: Vec<_> = found(text).iter().map(ToString::to_string).collect();
    assert_eq!(found, lines, "\n{text}");
}

/// These steps, from line 4 on, with sessions `a` and `a1`.
#[track_caller]
fn steps(steps: &str, lines: &[&str]) {
    let head = "scenario: x\nclauses: []\nsessions: {a: {id: \"01\"}, a1: {id: \"02\"}}\n";
    expect(&format!("{head}steps:\n{steps}"), lines);
}

/// These steps, from line 5 on, with contexts `server` and `client` and a session `a` of the server.
#[track_caller]
fn two_contexts(steps: &str, lines: &[&str]) {
    let head = "scenario: x\nclauses: []\ncontexts: {server: {}, client: {}}\n";
    expect(&format!("{head}sessions: {{a: {{id: \"01\", context: server}}}}\nsteps:\n{steps}"), lines);
}

#[test]
fn an_unknown_clause_edition_axis_or_value_is_a_mistake() {
    expect(
        "scenario: x\nclauses: [add.identical-is-nop]\neditions: [\"3.1\"]\nreadings: {remove.mach: id, victim: all}\nsteps: []",
        &[
            "t.yaml:2:11: `add.identical-is-nop` is no clause; did you mean `add.identical-is-noop`?",
            "t.yaml:3:12: `3.1` is no edition; did you mean `3.0`?",
            "t.yaml:4:12: `remove.mach` is no axis; did you mean `remove.match`?",
            "t.yaml:4:37: `all` is no value of `victim`",
        ],
    );
}

#[test]
fn an_unknown_key_is_a_mistake_wherever_it_stands() {
    expect(
        "scenario: x\nclauses: []\nsetps: []\ncontexts: {server: {sise: 3, callbacks: {gte: record}}}\nsteps: []",
        &[
            "t.yaml:3:1: `setps` is not known here; did you mean `steps`?",
            "t.yaml:4:21: `sise` is not known here; did you mean `size`?",
            "t.yaml:4:42: `gte` is not known here; did you mean `get`?",
        ],
    );
    steps(
        "  - ad_session: a\n  - add_session: a\n    retruns: 1\n    callbaks: []\n  - SSL_CTX_add_session: a\n",
        &[
            "t.yaml:5:5: `ad_session` is not known here; did you mean `add_session`?",
            "t.yaml:7:5: `retruns` is not known here; did you mean `returns`?",
            "t.yaml:8:5: `callbaks` is not known here; did you mean `callbacks`?",
            "t.yaml:9:5: `SSL_CTX_add_session` is not known here; did you mean `add_session`?",
        ],
    );
}

#[test]
fn what_is_missing_is_said_where_it_should_be() {
    expect("scenario: x\n", &["t.yaml:1:1: `clauses` is missing here"]);
    expect(
        "scenario: x\nclauses: []\nsessions: {a: {timeout: 5}}\nsteps:\n  - set_time: {session: a}\n",
        &["t.yaml:3:15: `id` is missing here", "t.yaml:5:15: `time` is missing here"],
    );
    expect("scenario: x\nclauses: []\nclock:\nsteps: []", &["t.yaml:3:1: `clock` has no value"]);
    expect("", &["t.yaml:1:1: the file is empty; a scenario starts with `scenario:` and a sentence"]);
}

#[test]
fn a_step_has_one_verb() {
    steps(
        "  - add_session: a\n    free: a\n  - returns: 1\n  - {}\n  - words\n",
        &[
            "t.yaml:6:5: `free` is a second verb; a step has one",
            "t.yaml:7:5: this step has no verb",
            "t.yaml:8:5: this step has no verb",
            "t.yaml:9:5: a step is a map of one verb and what it shows",
        ],
    );
}

#[test]
fn a_wrong_flag_is_a_mistake() {
    expect(
        "scenario: x\nclauses: []\ncontexts: {server: {mode: [SERVR, SSL_SESS_CACHE_CLIENT]}}\nsteps:\n  - set_session_cache_mode: [client]",
        &[
            "t.yaml:3:28: `SERVR` is no flag of the session cache mode; did you mean `SERVER`?",
            "t.yaml:3:35: `SSL_SESS_CACHE_CLIENT` is no flag of the session cache mode; did you mean `CLIENT`?",
            "t.yaml:5:30: `client` is no flag of the session cache mode; did you mean `CLIENT`?",
        ],
    );
}

#[test]
fn a_name_is_made_before_it_is_used_and_once() {
    steps(
        "  - add_session: b1\n  - up_ref: s2\n  - handshake: {as: s2}\n  - close: k\n  - accept_begin: {connection: k}\n  \
         - session: {name: a, id: \"05\"}\n  - accept_begin: {connection: k}\n  - probe: ~\n    times: {a2: 5}\n",
        &[
            "t.yaml:5:18: `b1` is not a session of this scenario; did you mean `a1`?",
            "t.yaml:6:13: `s2` is used before it is made",
            "t.yaml:8:12: `k` is used before it is made",
            "t.yaml:10:21: `a` is made a second time",
            "t.yaml:11:32: `k` is made a second time",
            "t.yaml:13:13: `a2` is not a session of this scenario; did you mean `a`?",
        ],
    );
}

#[test]
fn a_name_that_a_broken_step_may_make_is_no_mistake() {
    steps(
        "  - handshake: {as: s1, propse: a}\n  - add_session: s1\n",
        &["t.yaml:5:25: `propse` is not known here; did you mean `propose`?"],
    );
}

#[test]
fn with_two_contexts_one_is_named_and_it_is_the_sessions_own() {
    two_contexts(
        "  - add_session: a\n  - flush_sessions: now\n    callbacks: [{remove: a}]\n    members: [a]\n  \
         - add_session: {context: cleint, session: a}\n  - add_session: {context: client, session: a}\n  \
         - handshake: {context: server, client: client, propose: a}\n  \
         - handshake: {context: server, client: server}\n  - probe: ~\n    counters: {number: 1}\n",
        &[
            "t.yaml:6:18: there are 2 contexts: which one?",
            "t.yaml:7:21: there are 2 contexts: which one?",
            "t.yaml:8:17: there are 2 contexts: which one?",
            "t.yaml:9:14: there are 2 contexts: which one?",
            "t.yaml:10:28: `cleint` is not a context of this scenario; did you mean `client`?",
            "t.yaml:11:45: `a` is a session of `server`, not of `client`",
            "t.yaml:12:59: `a` is a session of `server`, not of `client`",
            "t.yaml:13:42: a context cannot be the client of its own server",
            "t.yaml:15:24: there are 2 contexts: which one?",
        ],
    );
    let absent = "  - add_session: {context: client, session: a}\n    returns: absent\n";
    two_contexts(absent, &[]);
}

#[test]
fn a_connection_of_tls_1_3_is_not_renegotiated() {
    let tls13 = |again: &str| {
        format!(
            "  - accept_begin: {{connection: k, protocol: TLSv1.3, tickets: stateful}}\n  - accept_finish: k\n{again}"
        )
    };
    let line = |at: &str| format!("t.yaml:7:{at}: a connection of TLSv1.3 is not renegotiated");
    steps(&tls13("  - renegotiate: k\n"), &[&line("18")]);
    steps(&tls13("  - renegotiate: {connection: k, by: server}\n"), &[&line("31")]);
    steps(&tls13("  - renegotiate: k\n    returns: absent\n"), &[]);
}

#[test]
fn a_time_that_is_no_time_is_a_mistake() {
    steps(
        "  - flush_sessions: tomorrow\n  - flush_sessions: now1\n  - set_time: {session: a, time: 1.5}\n  - advance: -1\n  \
         - set_clock: 99999999999999999999\n",
        &["t.yaml:9:16: a number beyond 64 bits stands in quotes; did you mean `\"99999999999999999999\"`?"],
    );
    steps(
        "  - flush_sessions: tomorrow\n  - flush_sessions: now1\n  - set_time: {session: a, time: 1.5}\n  - advance: -1\n",
        &[
            "t.yaml:5:21: expected a time: seconds, `now`, `now+1` or `now-1`, found `tomorrow`",
            "t.yaml:6:21: expected a time: seconds, `now`, `now+1` or `now-1`, found `now1`",
            "t.yaml:7:34: expected a whole number of seconds, found `1.5`",
            "t.yaml:8:14: expected a whole number from 0 to 4294967295, found `-1`",
        ],
    );
}

#[test]
fn a_bad_id_is_a_mistake() {
    let long = "00".repeat(33);
    steps(
        &format!(
            "  - session: {{name: b, id: 03}}\n  - session: {{name: c, id: 30}}\n  - session: {{name: d, id: \"0\"}}\n  \
             - session: {{name: e, id: \"{long}\"}}\n  - handshake: {{propose: {{id: \"xy\"}}}}\n  \
             - set_id_context: {{session: a, id_context: \"hex:1\"}}\n"
        ),
        &[
            "t.yaml:5:28: an id of digits without quotes: other YAML readers take `03` for a number; did you mean `\"03\"`?",
            "t.yaml:6:28: expected an id: 1 to 32 bytes in hex, in quotes, found `30`",
            "t.yaml:7:28: `0` is no id: two hex digits a byte are expected",
            "t.yaml:8:28: an id of 33 bytes; it has 1 to 32",
            "t.yaml:9:31: `xy` is no id: two hex digits a byte are expected",
            "t.yaml:10:46: `1` is not hex: two digits a byte are expected",
        ],
    );
}

#[test]
fn an_answer_fits_its_call() {
    steps(
        "  - add_session: a\n    returns: resumed\n  - free: a\n    returns: 1\n  - is_resumable: a\n    returns: none\n  \
         - handshake: {}\n    returns: resumd\n",
        &[
            "t.yaml:6:14: only a handshake is `resumed`, `full` or `failed`; this call returns a number",
            "t.yaml:8:14: this call returns nothing: `none`, or `absent`",
            "t.yaml:10:14: this call returns a value",
            "t.yaml:12:14: `resumd` is not known here; did you mean `resumed`?",
        ],
    );
}

#[test]
fn what_a_step_shows_has_its_shape() {
    steps(
        "  - add_session: a\n    callbacks: [{new: a, remove: a}, {removed: a}]\n    members: a\n    \
         counters: {hits: many}\n    resumable: {a: yes}\n    destroyed: [_, q]\n  - probe: ~\n    \
         callbacks: [{new: a, remove: a}, {get: none}, {new: none}]\n    counters: {numbr: 1}\n",
        &[
            "t.yaml:6:39: `removed` is not known here; did you mean `remove`?",
            "t.yaml:7:14: expected a list, found `a`",
            "t.yaml:8:22: expected a whole number, found `many`",
            "t.yaml:9:20: expected `true` or `false`, found `yes`",
            "t.yaml:10:20: `q` is not a session of this scenario",
            "t.yaml:12:17: a callback is one of `new`, `get` and `remove`",
            "t.yaml:12:57: `none` is not a session of this scenario",
            "t.yaml:13:16: `numbr` is no counter; did you mean `number`?",
        ],
    );
}

#[test]
fn a_repeat_shows_what_there_is_after_it_and_no_more() {
    steps("  - repeat: {times: 3, steps: [{handshake: {}}]}\n    members: [_, _, _]\n", &[]);
    steps(
        "  - repeat: {times: 3, steps: [{handshake: {}, returns: full}, {repeat: {times: 2, steps: []}}]}\n    \
         callbacks: []\n    destroyed: []\n  - repeat: {times: 0, steps: [{probe: ~}]}\n    members: []\n",
        &[
            "t.yaml:5:32: inside a `repeat` nothing is stated",
            "t.yaml:5:64: a `repeat` inside a `repeat`; blocks do not nest",
            "t.yaml:6:5: `callbacks` belongs to one step, and a `repeat` has many",
            "t.yaml:7:5: `destroyed` belongs to one step, and a `repeat` has many",
            "t.yaml:8:5: this `repeat` carries nothing out, so it shows nothing",
        ],
    );
}

#[test]
fn the_last_phase_is_stated_in_its_order() {
    let last = "  - probe: ~\nlast:\n  - release: a\n  - ctx_free: server\n";
    steps(last, &[]);
    steps(
        "  - probe: ~\nlast:\n  - release: a1\n  - release: a\n  - add_session: a\n",
        &["t.yaml:8:5: no such op follows in the last phase", "t.yaml:9:5: no such op follows in the last phase"],
    );
}

#[test]
fn listed_names_hold_all_names() {
    expect(
        "scenario: x\nclauses: []\nnames: {sessions: [b, a], connections: [k, k]}\nsessions: {a: {id: \"01\"}}\n\
         steps:\n  - add_session: b\n  - handshake: {as: c}\n",
        &[
            "t.yaml:3:44: `k` stands here a second time",
            "t.yaml:4:12: `a` is number 1 of `sessions`, but not of `names`",
            "t.yaml:7:21: `c` is not on the list of `names`",
        ],
    );
}

#[test]
fn a_key_twice_aliases_tags_and_a_second_document_are_refused() {
    expect(
        "scenario: x\nscenario: y\nclauses: &c []\nsteps: *c\nlast: !!str a\n---\nx: y",
        &[
            "t.yaml:2:1: `scenario` stands here a second time",
            "t.yaml:3:10: an anchor: nothing may refer to it, since a scenario is read on its own",
            "t.yaml:4:8: an alias: write the value out, a scenario is read on its own",
            "t.yaml:5:7: tags have no meaning in a scenario",
            "t.yaml:6:1: a second document: a file holds one scenario",
        ],
    );
    let large = format!("scenario: {}", "x".repeat(SIZE_LIMIT));
    assert_eq!(found(&large).len(), 1);
}

#[test]
fn a_mistake_shows_its_line_what_is_allowed_and_what_was_meant() {
    let text = "scenario: x\nclauses: []\nsessions:\n  a: {id: \"01\"}\nsteps:\n  - add_session: b\n    \
                counters: {mises: 1}\n  - handshake: {as: b}\n";
    let shown: Vec<_> = found(text).iter().map(|mistake| mistake.render(false)).collect();
    insta::assert_snapshot!(shown.join("\n\n"), @r"
    error: `b` is used before it is made
     --> t.yaml:6:18
      |
    6 |   - add_session: b
      |                  ^
    7 |     counters: {mises: 1}
    8 |   - handshake: {as: b}
      |                     - made here

    error: `mises` is no counter
     --> t.yaml:7:16
      |
    7 |     counters: {mises: 1}
      |                ^^^^^
      |
      = note: allowed here: number, connect, connect_good, connect_renegotiate, accept, accept_good, accept_renegotiate, hits, cb_hits, misses, timeouts, cache_full
    help: did you mean
      |
    7 |     counters: {misses: 1}
      |                   +
    ");
}

/// What valid files are made of, and what breaks them.
const VALID: &str = r#"
# yaml-language-server: $schema=../scenario.schema.json
scenario: "everything: once"
clauses: [add.adds, add.identical-is-noop]
editions: ["3.0"]
readings: {remove.match: id}
clock: 990
contexts:
  server:
    mode: [SERVER, NO_AUTO_CLEAR]
    size: 3
    id_context: "hex:00ff"
    callbacks: {new: {returns: [1, 0], then: 1}, get: {copy: [unset, 0, 1]}, remove: record}
    external: {new: ignore, remove: keep}
  client: {mode: [CLIENT], verify_peer: true, callbacks: {new: keep}}
sessions:
  a: {id: "01", timeout: 300, time: 990, protocol: TLSv1.1, id_context: "x", context: server}
steps:
  - add_session: {context: server, session: a}
    returns: 1
    callbacks: []
    members: {server: [a], client: []}
    counters: {server: {number: 1}, client: {number: 0}}
    times: {a: 990}
    timeouts: {a: 300}
    resumable: {a: true}
  - flush_sessions: {context: server, at: now+1}
    returns: none
  - accept_begin: {connection: k, context: server, client: client, as: [s1, c1]}
    returns: full
  - accept_finish: k
    callbacks: [{new: s1, context: server}, {new: c1, context: client}]
    destroyed: []
  - close: {connection: k, how: unclean}
  - repeat:
      times: 254
      steps:
        - handshake: {context: server, propose: {id: "77"}, close: unclean}
        - advance: 1
  - set_callbacks: {context: client, callbacks: {}}
  - set_timeout: {session: c1, timeout: 5}
  - probe: ~
    members: {server: [_, _]}
last:
  - release: a
    destroyed: [a]
"#;

#[test]
fn the_valid_file_is_valid() {
    expect(VALID, &[]);
}

#[test]
fn no_edit_of_a_file_makes_the_reader_panic() {
    let bytes = b"ab01 \n:-,[]{}#&*!|>'\"%@`?~.<=+\\\t\r\x80\xc3\xe2\xff_";
    let mut state = 7_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % n
    };
    let lines: Vec<_> = VALID.lines().collect();
    for _ in 0..6_000 {
        let mut text = VALID.as_bytes().to_vec();
        for _ in 0..=below(4) {
            let at = below(text.len());
            match below(5) {
                0 => drop(text.splice(at..at + 1, [])),
                1 => text.insert(at, bytes[below(bytes.len())]),
                2 => text[at] = bytes[below(bytes.len())],
                // A line from elsewhere, and a file that ends early.
                3 => drop(text.splice(at..at, lines[below(lines.len())].bytes())),
                _ => text.truncate(text.len() - below(text.len() / 20)),
            }
        }
        let text = String::from_utf8_lossy(&text);
        for mistake in found(&text) {
            assert!(mistake.render(true).len() > mistake.message().len(), "{text}");
            assert!(mistake.spot().line <= text.lines().count() + 1, "{text}");
        }
    }
}
