//! Fewer connections, and plainer ones, in a trace that was cut out of a run: what a reduction would take long to find.
//!
//! A run has thousands of connections, of which mostly a few count, or all count alike. So connections go by halves,
//! each with all that only it names, and names by halves, where connections count and what they made does not; and where
//! every connection may be like the others, they are made so, and stand as one step over and over. Not here: the reduction of what is left ([`mod@crate::reduce`]).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::tape::dense;
use crate::op::{Accept, Close, Connection, Makes, Name, Op, Propose};
use crate::trace::Trace;

/// So many ops are run for it at most, those of each attempt counted: some seconds.
const MOST: usize = 2_000_000;

/// A trace of so few ops is left to the reduction.
const FEW: usize = 16;

/// Whoever says whether a trace still shows it.
pub(super) type Shows<'a, E> = &'a mut dyn FnMut(&Trace) -> Result<bool, E>;

/// Fewer and plainer connections that still show it.
pub(super) fn thinned<E>(trace: Trace, shows: Shows<'_, E>) -> Result<Trace, E> {
    let mut attempt = Attempt { best: trace, ran: 0, shows };
    attempt.make_plain()?;
    attempt.drop_names()?;
    attempt.drop_connections()?;
    attempt.make_plain()?;
    Ok(attempt.best)
}

struct Attempt<'a, E> {
    best: Trace,
    ran: usize,
    shows: Shows<'a, E>,
}

impl<E> Attempt<'_, E> {
    fn takes(&mut self, ops: Vec<Op>) -> Result<bool, E> {
        if ops.is_empty() || ops == self.best.ops || self.ran > MOST {
            return Ok(false);
        }
        let trace = Trace { ops, ..self.best.clone() };
        self.ran += trace.executed().count();
        let shows = (self.shows)(&trace)?;
        if shows {
            self.best = trace;
        }
        Ok(shows)
    }

    /// All connections alike, or all of one session; then each in one step, at one time, over and over.
    fn make_plain(&mut self) -> Result<(), E> {
        for plainer in [timeless, alike, of_one_session, fused_late, fused_early, at_one_time, rolled] {
            self.takes(plainer(&self.best.ops))?;
        }
        Ok(())
    }

    /// Half of the connections, a quarter, and so on down to each by itself.
    fn drop_connections(&mut self) -> Result<(), E> {
        let mut size = self.connections().len().div_ceil(2);
        while size > 0 && self.best.ops.len() > FEW {
            let mut end = self.connections().len();
            while end > 0 {
                let start = end.saturating_sub(size);
                self.takes(self.without(start..end))?;
                end = start;
            }
            size /= 2;
        }
        Ok(())
    }

    /// Half of the names, a quarter, and so on: their connections stay.
    fn drop_names(&mut self) -> Result<(), E> {
        let mut size = self.names().len().div_ceil(2);
        while size > 0 && self.best.ops.len() > FEW {
            let mut end = self.names().len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let gone: BTreeSet<_> = self.names()[start..end].iter().copied().collect();
                self.takes(unnamed(&self.best.ops, &gone))?;
                end = start;
            }
            size /= 2;
        }
        Ok(())
    }

    /// What connections have made, in that order.
    fn names(&self) -> Vec<Name> {
        let made = |op: &Op| match op {
            Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => Some(accept.makes),
            _ => None,
        };
        self.best.ops.iter().filter_map(made).flat_map(|makes| makes.names()).collect()
    }

    /// Where connections begin and sessions from outside are made. All else that names something goes with one of them.
    fn connections(&self) -> Vec<usize> {
        let begins = |op: &Op| matches!(op, Op::AcceptBegin(..) | Op::Handshake(..) | Op::Session(..));
        self.best.ops.iter().enumerate().filter(|(_, op)| begins(op)).map(|(at, _)| at).collect()
    }

    /// The ops without some of the connections; who proposed what they made proposes nothing.
    fn without(&self, connections: Range<usize>) -> Vec<Op> {
        let gone = &self.connections()[connections];
        let stays = |at: &usize| gone.binary_search(at).is_err();
        let mut ops = dense((0..self.best.ops.len()).filter(stays).map(|at| self.best.ops[at].clone()));
        // Of clocks that are set one after the other, only the last shows.
        let mut next_sets = false;
        ops.reverse();
        ops.retain(|op| {
            let sets = matches!(op, Op::SetClock(_));
            !(std::mem::replace(&mut next_sets, sets) && sets)
        });
        ops.reverse();
        ops
    }
}

/// Without these names: who proposes one proposes nothing, and what is done to one is not.
fn unnamed(ops: &[Op], gone: &BTreeSet<Name>) -> Vec<Op> {
    let without = |accept: &Accept| {
        let mut accept = *accept;
        accept.makes.each_mut().for_each(|made| *made = made.filter(|name| !gone.contains(name)));
        if matches!(accept.propose, Propose::Session(name) if gone.contains(&name)) {
            accept.propose = Propose::Nothing;
        }
        accept
    };
    let left = ops.iter().filter_map(|op| match op {
        Op::AcceptBegin(k, accept) => Some(Op::AcceptBegin(*k, without(accept))),
        Op::Handshake(accept, close) => Some(Op::Handshake(without(accept), *close)),
        named if named.names().any(|name| gone.contains(&name)) => None,
        other => Some(other.clone()),
    });
    dense(left)
}

/// The clock stands still.
fn timeless(ops: &[Op]) -> Vec<Op> {
    ops.iter().filter(|op| !matches!(op, Op::SetClock(_))).cloned().collect()
}

/// Whole connections with nothing between them: none proposes anything, and nothing is named.
fn alike(ops: &[Op]) -> Vec<Op> {
    let unnamed = ops.iter().filter_map(|op| match op {
        Op::AcceptBegin(k, accept) => Some(Op::AcceptBegin(*k, plain(accept))),
        Op::Handshake(accept, close) => Some(Op::Handshake(plain(accept), *close)),
        named if named.names().next().is_some() => None,
        other => Some(other.clone()),
    });
    unnamed.collect()
}

fn plain(accept: &Accept) -> Accept {
    Accept { propose: Propose::Nothing, makes: Makes::UNNAMED, ..*accept }
}

/// Whoever proposes a session proposes the first that was made, which stays; no other has a name.
fn of_one_session(ops: &[Op]) -> Vec<Op> {
    let mut first: Option<Name> = None;
    let mut of_one = |accept: &Accept| {
        let propose = match (accept.propose, first) {
            (Propose::Session(_), Some(name)) => Propose::Session(name),
            (Propose::Session(_), None) => Propose::Nothing,
            (other, _) => other,
        };
        let makes = if first.is_none() { accept.makes } else { Makes::UNNAMED };
        first = first.or_else(|| accept.makes.names().next());
        Accept { propose, makes, ..*accept }
    };
    let named = ops.iter().filter_map(|op| match op {
        Op::AcceptBegin(k, accept) => Some(Op::AcceptBegin(*k, of_one(accept))),
        Op::Handshake(accept, close) => Some(Op::Handshake(of_one(accept), *close)),
        named if named.names().next().is_some() => None,
        other => Some(other.clone()),
    });
    named.collect()
}

/// Each connection that is finished, as one op where it is finished; all others are left out.
fn fused_late(ops: &[Op]) -> Vec<Op> {
    let begun = begun(ops);
    fused(ops, |op| if let Op::AcceptFinish(k) = op { begun.get(k).copied() } else { None })
}

/// The same where each is begun: what is proposed may not be there for long.
fn fused_early(ops: &[Op]) -> Vec<Op> {
    let finished: BTreeSet<_> =
        ops.iter().filter_map(|op| if let Op::AcceptFinish(k) = op { Some(*k) } else { None }).collect();
    fused(ops, |op| match op {
        Op::AcceptBegin(k, accept) if finished.contains(k) => Some(*accept),
        _ => None,
    })
}

fn fused(ops: &[Op], whole: impl Fn(&Op) -> Option<Accept>) -> Vec<Op> {
    let fused = ops.iter().filter_map(|op| match op {
        Op::AcceptBegin(..) | Op::AcceptFinish(_) => whole(op).map(|accept| Op::Handshake(accept, Close::Clean)),
        Op::AcceptAbort(_) | Op::Close(..) => None,
        other => Some(other.clone()),
    });
    fused.collect()
}

fn begun(ops: &[Op]) -> BTreeMap<Connection, Accept> {
    let begun =
        ops.iter().filter_map(|op| if let Op::AcceptBegin(k, accept) = op { Some((*k, *accept)) } else { None });
    begun.collect()
}

/// The clock is set once, where it was set last.
fn at_one_time(ops: &[Op]) -> Vec<Op> {
    let last = ops.iter().rposition(|op| matches!(op, Op::SetClock(_)));
    let stays = |(at, op): &(usize, &Op)| !matches!(op, Op::SetClock(_)) || Some(*at) == last;
    ops.iter().enumerate().filter(stays).map(|(_, op)| op.clone()).collect()
}

/// The same step many times, as one.
fn rolled(ops: &[Op]) -> Vec<Op> {
    let same = ops.chunk_by(|one, other| one == other);
    let rolled = same.flat_map(|same| match (same, u32::try_from(same.len())) {
        ([Op::Repeat(..), ..], _) | (_, Err(_)) => same.to_vec(),
        ([one, _, _, ..], Ok(times)) => vec![Op::Repeat(times, vec![one.clone()])],
        (few, _) => few.to_vec(),
    });
    rolled.collect()
}

#[cfg(test)]
mod tests {
    use session_model::{ContextRef, Mechanism, Time};

    use super::*;
    use crate::source::{Lane, Seed, trace_of};
    use crate::trace::Shown;

    fn accept(propose: Propose, makes: Option<u32>) -> Accept {
        let (context, mechanism) = (ContextRef(0), Mechanism::Ids);
        let makes = Makes::first(makes.map(Name), None);
        Accept { context, client: None, mechanism, propose, id_context: None, switch_to: None, makes }
    }

    /// Connection after connection, a second apart, each with what the one before was given.
    fn chain(connections: u32) -> Trace {
        let each = (0..connections).flat_map(|n| {
            let propose = n.checked_sub(1).map_or(Propose::Nothing, |before| Propose::Session(Name(before)));
            let k = Connection(n);
            let begin = Op::AcceptBegin(k, accept(propose, Some(n)));
            [Op::SetClock(Time(i128::from(n))), begin, Op::AcceptFinish(k), Op::Close(k, Close::Clean)]
        });
        let ops = each.collect();
        Trace { ops, shown: Shown::Steps, ..trace_of(Seed(1), 0, Lane::Direct) }
    }

    fn thinned_to(trace: Trace, shows: impl Fn(&[Op]) -> bool) -> Vec<Op> {
        let asked = &mut |trace: &Trace| Ok::<_, std::convert::Infallible>(shows(&trace.ops));
        let Ok(thinned) = thinned(trace, asked);
        thinned.ops
    }

    fn count(ops: &[Op], is: impl Fn(&Op) -> bool) -> usize {
        let all = |op: &Op| match op {
            Op::Repeat(times, block) => *times as usize * block.iter().filter(|op| is(op)).count(),
            op => usize::from(is(op)),
        };
        ops.iter().map(all).sum()
    }

    #[test]
    fn of_many_connections_the_two_that_count_are_left_with_few_others() {
        // What the 700th proposes, the 699th has made; the connections stay open for a while.
        let counts = |ops: &[Op]| {
            let proposes = |op: &Op| matches!(op, Op::AcceptBegin(_, Accept { propose: Propose::Session(_), .. }));
            let closes = |op: &Op| matches!(op, Op::Close(..));
            let late = ops.contains(&Op::SetClock(Time(699)));
            late && count(ops, proposes) > 0 && count(ops, closes) >= 2
        };
        let left = thinned_to(chain(1000), counts);
        let begins = |op: &Op| matches!(op, Op::AcceptBegin(..));
        assert!((2..=4).contains(&count(&left, begins)) && left.len() <= FEW, "{left:#?}");
    }

    #[test]
    fn connections_that_count_alike_are_one_step_over_and_over() {
        let whole = |op: &Op| matches!(op, Op::Handshake(..) | Op::AcceptFinish(_));
        let left = thinned_to(chain(300), |ops| count(ops, whole) >= 255);
        assert!(matches!(left[..], [Op::Repeat(300, _)] | [Op::Repeat(299, _), _, _]), "{left:#?}");
    }

    #[test]
    fn sessions_that_count_alike_are_one_session_over_and_over() {
        let proposes = |op: &Op| {
            let (Op::AcceptBegin(_, accept) | Op::Handshake(accept, _)) = op else { return false };
            matches!(accept.propose, Propose::Session(_))
        };
        let left = thinned_to(chain(300), |ops| count(ops, proposes) >= 256);
        assert!(left.len() <= 5 && left.iter().any(|op| matches!(op, Op::Repeat(..))), "{left:#?}");
    }

    #[test]
    fn what_shows_nothing_when_anything_is_missing_stays_as_it_is() {
        let trace = chain(20);
        let all = trace.ops.clone();
        assert_eq!(thinned_to(trace, |ops| *ops == all), all);
    }
}
