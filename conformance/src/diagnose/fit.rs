//! The search for a profile that explains all the evidence, with few entries.
//!
//! Greedy first: the entry that turns most of what diverges green and nothing red, on short evidence before long, since
//! a long piece takes longer than a hundred short ones and mostly needs what those say too. Where no single entry does,
//! a bounded search over several, led by the first piece of evidence that still diverges; where that comes to nothing,
//! an entry was taken in haste, and a search through worse profiles ([`Fit::wander`]) takes it back. Then every entry
//! goes that no evidence needs. Not here: new evidence; whether what explains it is right, more evidence has to say.

use std::collections::{HashSet, VecDeque};

use session_model::Profile;

use super::entry::Entry;
use super::evidence::{Evidence, Judge, Reach};
use crate::divergence::Divergence;

/// How many entries one piece of evidence may need at once.
const AT_ONCE: usize = 3;

/// How many steps the search for several entries checks for one piece of evidence before it gives up.
const PATIENCE: usize = 1_000_000;

/// How often the profile may get better on the way to one that explains everything.
const STEPS: usize = 200;

/// Evidence of this length is short: it is explained first, and what is [`LONGER`] times as long next.
const SHORT: usize = 40;

/// How much longer the evidence becomes that is looked at next.
const LONGER: usize = 4;

/// How many changes a search makes that goes through worse profiles.
const WANDERED: usize = 60;

/// How many of them may come to nothing better in a row.
const ASTRAY: usize = 15;

/// For how many changes an entry stays as it was changed there.
const REMEMBERED: usize = 7;

/// Profiles from which a search for several entries came to nothing, with the piece of evidence that it was for. More
/// evidence does not change that.
pub type Hopeless = HashSet<(Profile, usize)>;

/// Evidence in the order in which it is tried, and the judge of it.
pub struct Fit<'e> {
    evidence: Vec<&'e Evidence>,
    kept: &'e [Entry],
    judge: Judge,
    /// Steps checked in the search for several entries.
    checked: usize,
    in_time: &'e dyn Fn() -> bool,
}

impl<'e> Fit<'e> {
    /// A search over this evidence; what was set aside is left out.
    pub fn new(evidence: &'e [Evidence]) -> Self {
        let mut evidence: Vec<_> = evidence.iter().filter(|piece| !piece.set_aside).collect();
        evidence.sort_by_key(|piece| piece.length());
        Self { evidence, kept: &[], judge: Judge::default(), checked: 0, in_time: &|| true }
    }

    /// These entries stay, needed or not, unless the evidence is against them.
    #[must_use]
    pub fn keeping(self, kept: &'e [Entry]) -> Self {
        Self { kept, ..self }
    }

    /// The search ends as soon as this says that time is up.
    #[must_use]
    pub fn limited(self, in_time: &'e dyn Fn() -> bool) -> Self {
        Self { in_time, ..self }
    }

    /// The profile nearest to `start`, by a search that never gives up what is explained, and whether it explains
    /// everything.
    pub fn from(&mut self, start: Profile, hopeless: &mut Hopeless) -> (Profile, bool) {
        let (mut profile, mut longest) = (start, SHORT);
        for _ in 0..STEPS {
            if !(self.in_time)() {
                break;
            }
            let (mut green, mut red) = (Vec::new(), Vec::new());
            let looked_at: Vec<_> = self.evidence.iter().copied().filter(|piece| piece.length() <= longest).collect();
            let all = looked_at.len() == self.evidence.len();
            for piece in looked_at {
                match self.judge.explains(&profile, piece) {
                    true => green.push(piece),
                    false => red.push(piece),
                }
            }
            if red.is_empty() && all {
                return (self.without_the_idle(profile), true);
            }
            if red.is_empty() {
                longest = longest.saturating_mul(LONGER);
                continue;
            }
            match self.one_more(profile, &green, &red).or_else(|| self.several(profile, &green, &red, hopeless)) {
                Some(better) => profile = better,
                None => break,
            }
        }
        (profile, false)
    }

    /// A profile that explains everything, by a search that goes through worse ones: what is not explained weighs more
    /// with each change that leaves it so, and what was changed last stays. For where one entry hides another.
    pub fn wander(&mut self, start: Profile) -> Option<Profile> {
        let (mut now, mut weights) = (start, vec![1_usize; self.evidence.len()]);
        let mut changed = VecDeque::new();
        let (mut fewest, mut astray) = (usize::MAX, 0);
        for _ in 0..WANDERED {
            let red: Vec<_> =
                (0..self.evidence.len()).filter(|n| !self.judge.explains(&now, self.evidence[*n])).collect();
            let Some(first) = red.first() else { return Some(self.without_the_idle(now)) };
            astray = if red.len() < fewest { 0 } else { astray + 1 };
            fewest = fewest.min(red.len());
            if astray > ASTRAY || !(self.in_time)() {
                break;
            }
            let target = self.evidence[*first];
            red.iter().for_each(|n| weights[*n] += 1);
            let parted = self.judge.parts(&target.trace, &target.transcript, &now);
            // What is red now is likely to be red then, and the sum passes the least one soon.
            let order: Vec<_> = red.iter().copied().chain((0..weights.len()).filter(|n| !red.contains(n))).collect();
            let mut best: Option<(usize, Entry, Profile)> = None;
            for (entry, other) in Entry::around(now).filter(|(entry, _)| !changed.contains(entry)) {
                let then = self.judge.parts(&target.trace, &target.transcript, &other);
                if bears(parted.as_ref(), then.as_ref()) {
                    let least = best.map_or(usize::MAX, |(weight, ..)| weight);
                    let weight = self.unexplained(&other, &order, &weights, least);
                    best = weight.map(|weight| (weight, entry, other)).or(best);
                }
            }
            let Some((_, entry, other)) = best else { break };
            now = other;
            changed.push_back(entry);
            if changed.len() > REMEMBERED {
                changed.pop_front();
            }
        }
        None
    }

    /// What the profile does not explain, weighed; `None`: no less than `least`.
    fn unexplained(&mut self, profile: &Profile, order: &[usize], weights: &[usize], least: usize) -> Option<usize> {
        let mut sum = 0;
        for n in order {
            if !self.judge.explains(profile, self.evidence[*n]) {
                sum += weights[*n];
            }
            if sum >= least {
                return None;
            }
        }
        Some(sum)
    }

    /// The shortest evidence that the profile does not explain.
    pub fn first_red(&mut self, profile: &Profile) -> Option<&'e Evidence> {
        let judge = &mut self.judge;
        self.evidence.iter().copied().filter(|piece| !judge.explains(profile, piece)).min_by_key(|piece| piece.length())
    }

    /// Whether the profile explains everything; what it does not explain is tried first from now on.
    pub fn holds(&mut self, profile: &Profile) -> bool {
        let judge = &mut self.judge;
        match self.evidence.iter().position(|piece| !judge.explains(profile, piece)) {
            None => true,
            Some(at) => {
                self.evidence[..=at].rotate_right(1);
                false
            }
        }
    }

    /// The neighbour that turns most red evidence green and no green evidence red (among equals, the one under which
    /// the rest gets farthest), and with it every further change of the same kind that still turns something green.
    fn one_more(&mut self, profile: Profile, green: &[&'e Evidence], red: &[&'e Evidence]) -> Option<Profile> {
        let before: Vec<_> = red.iter().map(|piece| self.judge.reach(&profile, piece)).collect();
        let mut candidates: Vec<_> = Entry::around(profile)
            .filter_map(|(entry, other)| {
                let gain = self.gain(&other, red, &before);
                (gain > (0, 0)).then_some((gain, entry))
            })
            .collect();
        candidates.sort_by_key(|(gain, _)| std::cmp::Reverse(*gain));
        let (mut now, mut green, mut red) = (profile, green.to_vec(), red.to_vec());
        for (_, entry) in candidates {
            let other = if entry.is_in(&now) { entry.taken_from(now) } else { entry.added_to(now) };
            let judge = &mut self.judge;
            let (newly, still): (Vec<_>, Vec<_>) = red.iter().copied().partition(|piece| judge.explains(&other, piece));
            // One change that only gets farther is enough in a row; what it is good for shows next time.
            let gains = !newly.is_empty() || now == profile;
            if gains && green.iter().all(|piece| judge.explains(&other, piece)) {
                now = other;
                green.extend(newly);
                red = still;
            }
        }
        (now != profile).then_some(now)
    }

    /// How many pieces turn green, and how many more diverge later than before, less those that diverge sooner.
    fn gain(&mut self, profile: &Profile, red: &[&Evidence], before: &[Reach]) -> (i64, i64) {
        let (mut green, mut later) = (0, 0);
        for (piece, before) in red.iter().zip(before) {
            match self.judge.reach(profile, piece) {
                Reach::All => green += 1,
                now if now > *before => later += 1,
                now if now < *before => later -= 1,
                _ => {}
            }
        }
        (green, later)
    }

    /// Several entries changed at once, so that one more piece of evidence turns green.
    fn several(
        &mut self,
        profile: Profile,
        green: &[&Evidence],
        red: &[&Evidence],
        hopeless: &mut Hopeless,
    ) -> Option<Profile> {
        // Pieces that diverge alike mostly need alike: the shortest of them will do.
        let mut kinds = Vec::new();
        for piece in red {
            let parted = self.judge.parts(&piece.trace, &piece.transcript, &profile);
            let kind = parted.map(|divergence| (divergence.clause, divergence.kind, divergence.op.verb()));
            if kinds.contains(&kind) || !hopeless.insert((profile, piece.number)) {
                continue;
            }
            kinds.push(kind);
            let mut wanted: Vec<_> = std::iter::once(*piece).chain(green.iter().copied()).collect();
            self.checked = 0;
            for depth in 2..=AT_ONCE {
                if let Some(found) = self.towards(profile, &mut wanted, depth) {
                    return Some(found);
                }
            }
            if let Some(found) = self.two_blindly(profile, &wanted) {
                return Some(found);
            }
        }
        None
    }

    /// The profile at most `depth` changes away that explains all that is wanted. What is changed has to bear on the
    /// first piece that is not explained.
    fn towards(&mut self, profile: Profile, wanted: &mut Vec<&'_ Evidence>, depth: usize) -> Option<Profile> {
        let judge = &mut self.judge;
        let open = wanted.iter().position(|piece| !judge.explains(&profile, piece));
        let Some(open) = open else { return Some(profile) };
        if depth == 0 || self.checked > PATIENCE || !(self.in_time)() {
            return None;
        }
        let target = wanted[open];
        // What one profile breaks, the next is likely to break too.
        if open > 1 {
            wanted[1..=open].rotate_right(1);
        }
        let now = self.judge.parts(&target.trace, &target.transcript, &profile);
        let mut moves: Vec<_> = Entry::around(profile)
            .filter_map(|(_, other)| {
                self.checked += target.length();
                let then = self.judge.parts(&target.trace, &target.transcript, &other);
                // One change left: it has to be the one that explains this.
                let bears = if depth == 1 { then.is_none() } else { bears(now.as_ref(), then.as_ref()) };
                bears.then_some((then.map_or(usize::MAX, |divergence| divergence.index), other))
            })
            .collect();
        moves.sort_by_key(|(reach, _)| std::cmp::Reverse(*reach));
        moves.into_iter().find_map(|(_, other)| self.towards(other, wanted, depth - 1))
    }

    /// Any two changes: neither need show by itself.
    fn two_blindly(&mut self, profile: Profile, wanted: &[&Evidence]) -> Option<Profile> {
        if !(self.in_time)() || wanted[0].length() * Entry::all().count().pow(2) > PATIENCE {
            return None;
        }
        let judge = &mut self.judge;
        Entry::around(profile).find_map(|(first, between)| {
            Entry::around(between)
                .filter(|(second, _)| first < *second)
                .map(|(_, other)| other)
                .find(|other| wanted.iter().all(|piece| judge.explains(other, piece)))
        })
    }

    /// The profile without the entries that no evidence needs.
    fn without_the_idle(&mut self, mut profile: Profile) -> Profile {
        let entries: Vec<_> = Entry::of(profile).filter(|entry| !self.kept.contains(entry)).collect();
        for entry in entries {
            let without = entry.taken_from(profile);
            if self.holds(&without) {
                profile = without;
            }
        }
        profile
    }
}

/// Whether a change bears on a piece of evidence: it is explained, or diverges elsewhere or otherwise.
fn bears(now: Option<&Divergence>, then: Option<&Divergence>) -> bool {
    match (now, then) {
        (Some(now), Some(then)) => {
            then.index >= now.index
                && (now.index, now.clause, now.kind, &now.ruled) != (then.index, then.clause, then.kind, &then.ruled)
        }
        _ => true,
    }
}
