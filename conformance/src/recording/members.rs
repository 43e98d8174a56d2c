//! Members from one step to the next: what changed, and what is there after it.

use crate::transcript::{Member, member_digest, wants_digest};

/// One change of what is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// It is there now.
    Enters(Member),
    /// It is there still, with other values.
    Differs(Member),
    /// It is not there any more; only context and session count.
    Leaves(Member),
}

/// The changes that lead from `before` to `after`; `None`: [`apply`] would give something else, such as another order.
pub(super) fn changes(before: &[Member], after: &[Member]) -> Option<Vec<Change>> {
    // Most of them stay: only what lies between two equal ends is compared each with each.
    let ahead = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let behind = before[ahead..].iter().rev().zip(after[ahead..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before[ahead..before.len() - behind], &after[ahead..after.len() - behind]);
    let gone = old.iter().filter(|m| !new.iter().any(|other| same(m, other)));
    let mut changes: Vec<_> = gone.copied().map(Change::Leaves).collect();
    for member in new {
        match old.iter().find(|other| same(member, other)) {
            Some(other) if other == member => {}
            Some(_) => changes.push(Change::Differs(*member)),
            None => changes.push(Change::Enters(*member)),
        }
    }
    let mut led_to = before.to_vec();
    apply(&mut led_to, &changes);
    (led_to == after).then_some(changes)
}

/// Carries the changes out: members stand in ascending order, then come objects in the order in which they entered.
pub(super) fn apply(members: &mut Vec<Member>, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Leaves(gone) => members.retain(|m| !same(m, gone)),
            Change::Differs(now) => {
                if let Some(member) = members.iter_mut().find(|m| same(m, now)) {
                    *member = *now;
                }
            }
            Change::Enters(new) if new.context.is_none() => members.push(*new),
            Change::Enters(new) => {
                let at = members.partition_point(|m| m.context.is_some() && m < new);
                members.insert(at, *new);
            }
        }
    }
}

/// The digest of a step, where it follows from the members that it shows: the text leaves it out.
pub(super) fn follows(index: usize, probed: bool, members: &[Member]) -> Option<u64> {
    let cached = || members.iter().filter(|m| m.context.is_some());
    let wanted = probed && wants_digest(index, i64::try_from(cached().count()).unwrap_or(i64::MAX));
    wanted.then(|| cached().map(member_digest).fold(0, u64::wrapping_add))
}

fn same(a: &Member, b: &Member) -> bool {
    a.context == b.context && a.session == b.session
}
