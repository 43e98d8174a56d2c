//! The parts of a program, put together as text.

use std::fmt::Write;

use session_model::Clause;
use session_model::reading::CallbacksOrder;

use super::calls::Calls;
use super::runtime::needed;
use super::words::{literal, wrapped};
use super::{About, Showing, Step};
use crate::profiles::Named;
use crate::trace::Trace;

/// The most steps of one program, rounds that are alike counted once.
const LONGEST: usize = 3000;

/// Columns of a line, if it can be had.
const COLUMNS: usize = 118;

/// What a program has to have room for.
pub(super) struct Room {
    pub(super) objects: usize,
    pub(super) facts: usize,
}

pub(super) struct Parts<'p, 't> {
    pub(super) about: &'p About,
    pub(super) profile: &'p Named,
    pub(super) calls: Calls<'t>,
    pub(super) room: Room,
    /// Contexts, then sessions.
    pub(super) set_up: [Vec<String>; 2],
    /// The look at the set-up, then the steps, the last phase among them.
    pub(super) steps: &'p [Step],
    pub(super) trace: &'p Trace,
}

/// One step, or rounds of a repeat that are alike.
enum Piece<'s> {
    Step(&'s Step),
    Rounds { step: u32, rounds: std::ops::RangeInclusive<u32>, block: Vec<&'s Showing> },
}

pub(super) fn printed(mut parts: Parts<'_, '_>) -> Result<String, String> {
    let pieces = pieces(parts.steps);
    if pieces.len() > LONGEST {
        return Err(format!("{} steps are no program for people", pieces.len()));
    }
    let loops =
        pieces.iter().any(|piece| matches!(piece, Piece::Rounds { rounds, .. } if rounds.start() < rounds.end()));
    if loops {
        parts.calls.needs.insert("rounds");
    }
    let mut code = parts.set_up.iter().flatten().cloned().collect::<Vec<_>>();
    code.extend(parts.steps.iter().flat_map(|step| step.shown.code.iter().cloned()));
    let variables = Used::of(&code);
    note_calls(&mut parts.calls, &variables);
    let mut out = head(&parts);
    out.push_str(&needed(&parts.calls.needs));
    out.push_str(&parts.calls.callbacks_of_contexts(&|word| variables.is_read(word)));
    out.push_str("int main(void)\n{\n");
    let declared = |out: &mut String, of: &str, names: &[String], value: &str| {
        for name in names.iter().filter(|name| variables.is_read(name)) {
            put(out, format_args!("    {of}{name} = {value};"));
        }
    };
    declared(&mut out, "SSL_SESSION *", &parts.calls.variables.sessions, "NULL");
    declared(&mut out, "struct connection ", &parts.calls.variables.connections, "{ 0 }");
    declared(&mut out, "struct connection ", &["it".to_owned()], "{ 0 }");
    if loops {
        out.push_str("    int round;\n");
    }
    put(&mut out, format_args!("\n    now = {};\n    set_up();", parts.trace.setup.clock.0));
    for line in parts.set_up.iter().flatten() {
        put(&mut out, format_args!("    {line}"));
    }
    for piece in &pieces {
        piece.print(&mut out, &variables);
    }
    let agrees = match parts.profile.name.as_str() {
        "manual" => "as the pages say".to_owned(),
        other => format!("as profile {other} says"),
    };
    let agrees = literal(agrees.as_bytes());
    put(&mut out, format_args!("\n    printf(\"%s: %s: %s\\n\", TITLE, OpenSSL_version(OPENSSL_VERSION), {agrees});"));
    out.push_str("    return 0;\n}\n");
    Ok(out)
}

/// Of the runtime, what these calls need: ops may be absent, and then nobody calls what they would need.
fn note_calls(calls: &mut Calls<'_>, used: &Used) {
    let of_a_context = |what: &str| calls.variables.contexts.iter().any(|name| used.is_read(&format!("{what}_{name}")));
    let (new, get, remove) = (of_a_context("new"), of_a_context("get"), used.is_read("remove_session"));
    let handshake = used.is_read("begin");
    let twin_of = used.is_read("twin_of");
    let twin = twin_of || used.is_read("twin_of_id");
    let make = used.is_read("make");
    let [finish, renegotiate] = ["finish", "renegotiate"].map(|word| used.is_read(word));
    let tls13 = handshake && calls.needs.contains("tls13");
    for (need, is_needed) in [
        ("new", new),
        ("get", get),
        ("remove", remove),
        ("events", new || get || remove),
        ("store", used.is_read("store")),
        ("forget", used.is_read("forget")),
        ("returns", used.is_read("returns") || handshake),
        ("handshake", handshake),
        ("finish", finish),
        ("renegotiate", renegotiate),
        ("made", finish || renegotiate),
        ("name_made", used.is_read("take")),
        ("close", used.is_read("close_both")),
        ("make", make),
        ("twin", twin),
        ("twin_of", twin_of),
        ("by_hand_in_handshakes", make && handshake),
        ("tls13", tls13),
        ("ticket13", tls13 && (make || twin)),
    ] {
        if is_needed {
            calls.needs.insert(need);
        } else {
            calls.needs.remove(need);
        }
    }
}

fn head(parts: &Parts<'_, '_>) -> String {
    let Parts { about, profile, calls, room, trace, .. } = parts;
    let mut out = String::from("/*\n");
    let mut comment = |text: &str, indent: &str| {
        for (line, indent) in wrapped(text, 112).into_iter().zip(std::iter::once("").chain(std::iter::repeat(indent))) {
            put(&mut out, format_args!(" * {indent}{line}"));
        }
    };
    comment(&format!("{}.", about.title.trim_end_matches('.')), "");
    for clause in about.clauses.iter().filter_map(|id| Clause::by_id(id)) {
        let entry = clause.entry();
        let page = if entry.page.is_empty() { String::new() } else { format!("{}(3), ", entry.page) };
        comment(&format!("- {page}{}: {}.", entry.id, entry.statement.trim_end_matches('.')), "  ");
    }
    let rules = match profile.name.as_str() {
        "manual" => "the pages rule".to_owned(),
        other => format!("profile {other} says"),
    };
    comment(&format!("What {rules} stands beside each step, and the library is held to it."), "");
    comment("Build: cc x.c -lssl -lcrypto. Exit status: 0 it agrees, 1 it departs, 2 it cannot be told.", "");
    out.push_str(" */\n");
    out.push_str("#define OPENSSL_SUPPRESS_DEPRECATED /* some of these functions have newer ones beside them */\n");
    if calls.needs.contains("handshake") {
        out.push_str("#include <openssl/err.h>\n");
    }
    for header in ["openssl/ssl.h", "stdarg.h", "stdio.h", "stdlib.h", "string.h", "sys/time.h", "time.h"] {
        put(&mut out, format_args!("#include <{header}>"));
    }
    put(&mut out, format_args!("\n#define TITLE {}", literal(about.title.as_bytes())));
    put(&mut out, format_args!("#define RULES {}", literal(rules.as_bytes())));
    if calls.needs.contains("events") {
        let ordered = profile.profile.readings.callbacks_order != CallbacksOrder::Any;
        put(&mut out, format_args!("#define ORDERED {}", i32::from(ordered)));
    }
    let contexts = &calls.variables.contexts;
    put(&mut out, format_args!("enum {{ {}, CONTEXTS }};", contexts.join(", ")));
    let sessions = room.objects + 8;
    let facts = 32 + 2 * room.facts + 12 * contexts.len() + 4 * sessions;
    put(&mut out, format_args!("enum {{ SESSIONS = {sessions}, FACTS = {facts} }};"));
    let called =
        (0..contexts.len() as u8).map(|n| literal(trace.names.context(session_model::ContextRef(n)).as_bytes()));
    let called: Vec<_> = called.collect();
    put(&mut out, format_args!("static const char *const context_name[CONTEXTS] = {{ {} }};\n", called.join(", ")));
    out
}

fn pieces(steps: &[Step]) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut rest = steps;
    while let Some(first) = rest.first() {
        let Some((round, _)) = first.place.within else {
            pieces.push(Piece::Step(first));
            rest = &rest[1..];
            continue;
        };
        let of_round =
            |step: &&Step| step.place.step == first.place.step && step.place.within.is_some_and(|(r, _)| r == round);
        let (block, after) = rest.split_at(rest.iter().take_while(of_round).count());
        rest = after;
        let block: Vec<_> = block.iter().map(|step| &step.shown).collect();
        match pieces.last_mut() {
            Some(Piece::Rounds { step, rounds, block: before }) if *step == first.place.step && *before == block => {
                *rounds = *rounds.start()..=round;
            }
            _ => pieces.push(Piece::Rounds { step: first.place.step, rounds: round..=round, block }),
        }
    }
    pieces
}

impl Piece<'_> {
    fn print(&self, out: &mut String, variables: &Used) {
        match self {
            Piece::Step(step) if step.place.step == 0 => step.shown.print(out, variables, "    ", "\"the set-up\""),
            Piece::Step(step) => step.shown.print(out, variables, "    ", &format!("\"{}\"", step.place)),
            Piece::Rounds { step, rounds, block } if rounds.start() == rounds.end() => {
                for (n, shown) in (1..).zip(block) {
                    let place = format!("\"step {step}, round {}, op {n}\"", rounds.start());
                    shown.print(out, variables, "    ", &place);
                }
            }
            Piece::Rounds { step, rounds, block } => {
                let (first, last) = (rounds.start(), rounds.end());
                put(out, format_args!("\n    for (round = {first}; round <= {last}; round++) {{"));
                for (n, shown) in (1..).zip(block) {
                    shown.print(out, variables, "        ", &format!("at_round({step}, round, {n})"));
                }
                out.push_str("    }\n");
            }
        }
    }
}

impl Showing {
    fn print(&self, out: &mut String, variables: &Used, indent: &str, place: &str) {
        if self.code.is_empty() && self.facts.is_empty() {
            return;
        }
        out.push('\n');
        for line in &self.code {
            put(out, format_args!("{indent}{}", variables.without_idle_name(line)));
        }
        let check = if self.open { "CHECK_OPEN" } else { "CHECK" };
        let (op, clause) = (literal(self.op.as_bytes()), literal(self.clause.as_bytes()));
        let facts: Vec<_> = self.facts.iter().map(|fact| literal(fact.as_bytes())).collect();
        let facts = if facts.is_empty() { vec!["NULL".to_owned()] } else { facts };
        let between = format!(",\n{indent}{}", " ".repeat(check.len() + 1));
        let facts = facts.join(&between);
        let line = format!("{indent}{check}({place}, {op}, {clause}");
        let line = if line.len() < COLUMNS { line } else { format!("{indent}{check}({place}, {op}{between}{clause}") };
        put(out, format_args!("{line}{between}{facts});"));
    }
}

/// Which words the lines of a program read, and not only write.
struct Used(std::collections::BTreeSet<String>);

impl Used {
    fn of(code: &[String]) -> Self {
        let mut used = std::collections::BTreeSet::new();
        for line in code {
            // What stands in quotes is no word of the program.
            let read: String = line.split('"').step_by(2).collect::<Vec<_>>().join(" ");
            let read = match read.split_once(" = ") {
                Some((target, read)) if !target.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') => {
                    read.to_owned()
                }
                _ => read,
            };
            let words = read.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            used.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
        }
        Self(used)
    }

    fn is_read(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// A call whose result nobody reads.
    fn without_idle_name<'l>(&self, line: &'l str) -> &'l str {
        match line.split_once(" = ") {
            Some((target, call)) if call.starts_with("take(") && !self.is_read(target) => call,
            _ => line,
        }
    }
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
