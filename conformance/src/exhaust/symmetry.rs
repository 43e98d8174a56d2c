//! Places that are alike change places: of the states that differ in nothing else one is gone on from, and of the
//! letters that do the same there one is carried out.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::letter::Letter;
use super::run::Run;
use super::scope::Scope;

/// The ways to change places, the first of which changes none.
pub(super) struct Symmetry(Vec<Way>);

struct Way {
    places: Vec<u32>,
    /// What each letter becomes.
    letters: Vec<usize>,
}

/// A state by its digest. Two states have one with a probability of 2^-128.
pub(super) type Digest = u128;

impl Symmetry {
    /// # Panics
    ///
    /// When a scope takes places for alike and its letters do not.
    pub(super) fn of(scope: &Scope) -> Self {
        let mut all: Vec<Vec<u32>> = vec![(0..).take(scope.places()).collect()];
        for alike in &scope.alike {
            let orders = orders(alike);
            all = all.iter().flat_map(|places| orders.iter().map(|order| changed(places, alike, order))).collect();
        }
        Self(all.into_iter().map(|places| Way { letters: letters(&scope.letters, &places), places }).collect())
    }

    /// What stands for the state of a run, and the places and letters by which it does.
    #[cfg(test)]
    pub(super) fn least(&self, run: &Run, scope: &Scope, steps: usize) -> (Digest, &[u32], &[usize]) {
        let digests = self.0.iter().map(|way| (digest(&run.state(scope, &way.places, steps).0), way));
        let (digest, way) = digests.min_by_key(|(digest, _)| *digest).expect("one way changes nothing");
        (digest, &way.places, &way.letters)
    }

    /// What stands for a state and a letter there.
    #[cfg(test)]
    pub(super) fn pair(&self, run: &Run, scope: &Scope, steps: usize, letter: usize) -> (Digest, usize) {
        let digests = self.0.iter().map(|way| (digest(&run.state(scope, &way.places, steps).0), way.letters[letter]));
        digests.min().expect("one way changes nothing")
    }

    /// What stands for the state of a run, and one letter each of those that do the same there.
    pub(super) fn state(&self, run: &Run, scope: &Scope, steps: usize) -> (Digest, Vec<usize>) {
        let digests: Vec<Digest> = self.0.iter().map(|way| digest(&run.state(scope, &way.places, steps).0)).collect();
        let least = digests.iter().copied().min().expect("one way changes nothing");
        let ways: Vec<_> = self.0.iter().zip(&digests).filter(|(_, digest)| **digest == least).collect();
        let of_all = |letter: usize| ways.iter().map(|(way, _)| way.letters[letter]).min();
        let mut known = Vec::with_capacity(scope.letters.len());
        let first = |letter: &usize| {
            let stands_for = of_all(*letter);
            let new = !known.contains(&stands_for);
            known.push(stands_for);
            new
        };
        (least, (0..scope.letters.len()).filter(first).collect())
    }
}

fn digest(state: &impl Hash) -> Digest {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        state.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// All orders of these places.
fn orders(places: &[u32]) -> Vec<Vec<u32>> {
    let Some((first, rest)) = places.split_first() else { return vec![Vec::new()] };
    let with_first = |order: Vec<u32>| {
        (0..=order.len()).map(move |at| {
            let mut order = order.clone();
            order.insert(at, *first);
            order
        })
    };
    let mut orders: Vec<_> = orders(rest).into_iter().flat_map(with_first).collect();
    orders.sort_unstable();
    orders
}

fn changed(places: &[u32], alike: &[u32], order: &[u32]) -> Vec<u32> {
    let mut changed = places.to_vec();
    for (from, to) in alike.iter().zip(order) {
        changed[*from as usize] = *to;
    }
    changed
}

fn letters(letters: &[Letter], places: &[u32]) -> Vec<usize> {
    let becomes = |letter: &Letter| {
        let other = letter.placed(&|place| places[place as usize]);
        letters.iter().position(|letter| *letter == other).expect("what is done to a place is done to those alike")
    };
    letters.iter().map(becomes).collect()
}
