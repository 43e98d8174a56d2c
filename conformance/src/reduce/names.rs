//! Names taken away, moved and made dense. What people call things moves along.

use std::collections::{BTreeMap, BTreeSet};

use super::attempt::Attempt;
use super::places::{accept_of, connection_mut, each_name, each_op, makes_of};
use crate::hazards::{Call, Callback};
use crate::op::{Connection, Name, Op, Propose, SessionSpec};
use crate::trace::Trace;

/// The names of the setup's sessions and those that ops mention, in ascending order.
pub(super) fn mentioned(trace: &Trace) -> Vec<Name> {
    let mut names: BTreeSet<_> = (0..trace.setup.sessions.len() as u32).map(Name).collect();
    for op in &trace.ops {
        match op {
            Op::Repeat(_, block) => names.extend(block.iter().flat_map(Op::names)),
            op => names.extend(op.names()),
        }
    }
    names.extend(
        trace.setup.contexts.iter().flat_map(|context| context.calls.all()).filter_map(|(_, call)| call.name()),
    );
    names.into_iter().collect()
}

/// Every name in a call from inside a callback.
fn each_call(trace: &mut Trace, change: &mut dyn FnMut(&mut Name)) {
    for context in &mut trace.setup.contexts {
        for callback in Callback::ALL {
            context.calls.of_mut(callback).iter_mut().filter_map(Call::name_mut).for_each(&mut *change);
        }
    }
}

/// Takes these names away, with their sessions and the ops on them. A handshake stays: it proposes nothing instead,
/// and leaves what it makes unnamed. Higher names move down.
pub(super) fn drop_names(trace: &mut Trace, dropped: &BTreeSet<Name>) {
    each_op(trace, &mut |op| {
        if let Some(accept) = accept_of(op)
            && matches!(accept.propose, Propose::Session(name) if dropped.contains(&name))
        {
            accept.propose = Propose::Nothing;
        }
        let Some(makes) = makes_of(op) else { return };
        makes.each_mut().for_each(|name| *name = name.filter(|name| !dropped.contains(name)));
    });
    let stays = |op: &Op| !op.names().any(|name| dropped.contains(&name));
    trace.ops.retain_mut(|op| match op {
        Op::Repeat(_, block) => {
            block.retain(stays);
            !block.is_empty()
        }
        op => stays(op),
    });
    for context in &mut trace.setup.contexts {
        for callback in Callback::ALL {
            context.calls.of_mut(callback).retain(|call| call.name().is_none_or(|name| !dropped.contains(&name)));
        }
    }
    let mut n = 0;
    trace.setup.sessions.retain(|_| {
        n += 1;
        !dropped.contains(&Name(n - 1))
    });
    rename(trace, &|name| Name(name.0 - dropped.range(..name).count() as u32));
}

/// The session becomes the last one of the setup; names from there up to its own move up.
pub(super) fn make_in_setup(trace: &mut Trace, name: Name, spec: SessionSpec) {
    let place = trace.setup.sessions.len() as u32;
    if name.0 < place {
        return;
    }
    rename(trace, &|other| match other.0 {
        n if n == name.0 => Name(place),
        n if (place..name.0).contains(&n) => Name(n + 1),
        n => Name(n),
    });
    trace.setup.sessions.push(spec);
}

/// The session at this place goes; its name stays as that of a session that was never made.
pub(super) fn unmake_in_setup(trace: &mut Trace, place: usize) {
    trace.setup.sessions.remove(place);
    let (place, last) = (place as u32, trace.setup.sessions.len() as u32);
    rename(trace, &|other| match other.0 {
        n if n == place => Name(last),
        n if (place + 1..=last).contains(&n) => Name(n - 1),
        n => Name(n),
    });
}

fn rename(trace: &mut Trace, renamed: &dyn Fn(Name) -> Name) {
    let mut called: Vec<(Name, String)> =
        (0..).map(|n| renamed(Name(n))).zip(std::mem::take(&mut trace.names.sessions)).collect();
    // A name that is gone had a lower number than the one that takes its place.
    called.sort_by_key(|(name, _)| *name);
    for (name, text) in called {
        let place = name.0 as usize;
        let texts = &mut trace.names.sessions;
        texts.extend((texts.len()..=place).map(|n| format!("s{n}")));
        texts[place] = text;
    }
    each_op(trace, &mut |op| {
        each_name(op, &mut |name| *name = renamed(*name));
    });
    each_call(trace, &mut |name| *name = renamed(*name));
}

/// Names and connections get the lowest numbers there are, in their order.
pub(super) fn compress(attempt: &mut Attempt) {
    let used = mentioned(attempt.best());
    let dense = |name: Name| Name(used.binary_search(&name).map_or(name.0, |n| n as u32));
    attempt.change(|trace| rename(trace, &dense));
    attempt.change(compress_connections);
}

/// The setup's sessions stand in the order in which ops first mention them; later names go up in that order, too.
pub(super) fn sorted(attempt: &mut Attempt) {
    let (of_setup, later) = first_mentioned(attempt.best());
    let places = (0..of_setup.len() as u32).map(Name);
    let mut free: Vec<Name> = later.clone();
    free.sort_unstable();
    let moved: BTreeMap<Name, Name> = of_setup.iter().copied().zip(places).chain(later.into_iter().zip(free)).collect();
    attempt.change(|trace| {
        let sessions = of_setup.iter().map(|name| trace.setup.sessions[name.0 as usize]).collect();
        trace.setup.sessions = sessions;
        rename(trace, &|name| moved.get(&name).copied().unwrap_or(name));
    });
}

/// How often ops mention a name before a lower one of the same kind.
pub(super) fn disorder(trace: &Trace) -> u64 {
    let (of_setup, later) = first_mentioned(trace);
    let descents = |names: Vec<Name>| names.windows(2).filter(|two| two[0] > two[1]).count() as u64;
    descents(of_setup) + descents(later)
}

/// The names of the setup's sessions, and the others, each in the order in which ops first mention them; what no op
/// mentions comes last.
fn first_mentioned(trace: &Trace) -> (Vec<Name>, Vec<Name>) {
    let mut all: Vec<Name> = Vec::new();
    let mut mention = |op: &Op| {
        for name in op.names() {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    };
    for op in &trace.ops {
        match op {
            Op::Repeat(_, block) => block.iter().for_each(&mut mention),
            op => mention(op),
        }
    }
    let made = trace.setup.sessions.len() as u32;
    let (mut of_setup, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|name| name.0 < made);
    let unmentioned: Vec<_> = (0..made).map(Name).filter(|name| !of_setup.contains(name)).collect();
    of_setup.extend(unmentioned);
    (of_setup, later)
}

fn compress_connections(trace: &mut Trace) {
    let mut used = BTreeSet::new();
    each_op(trace, &mut |op| used.extend(op.connection()));
    let texts = std::mem::take(&mut trace.names.connections);
    trace.names.connections = used.iter().filter_map(|k| texts.get(k.0 as usize).cloned()).collect();
    each_op(trace, &mut |op| {
        if let Some(k) = connection_mut(op) {
            *k = Connection(used.range(..*k).count() as u32);
        }
    });
}
