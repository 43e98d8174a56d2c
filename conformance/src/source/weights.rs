//! How often each kind of op is drawn: base weights by lane, and swarm weights by trace.
//!
//! Uniform draws never come to the interesting parts, and one set of weights comes to some of them only. So each trace
//! has weights of its own, with kinds switched off or boosted.

use crate::source::choices::Choices;
use crate::source::generate::Lane;

macro_rules! kinds {
    ($($kind:ident $direct:literal $handshakes:literal $mixed:literal $tickets:literal)*) => {
        /// A kind of op. The names are those of [`crate::op::Op`], of which one kind draws one.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each is the op of that name")]
        pub enum Kind { $($kind),* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];
        }

        /// By kind: the weights of `Direct`, `Handshakes`, `Mixed` and `Tickets`.
        const BASE: &[[u16; 4]] = &[$([$direct, $handshakes, $mixed, $tickets]),*];
    };
}

kinds! {
    AddSession           96 32 64 32
    RemoveSession        40 16 28 16
    Advance              32 24 28 24
    Session              24 16 20 16
    FlushSessions        24 12 18 12
    SessionSetTime       16  8 12  8
    SessionSetTimeout    16  8 12  8
    IsResumable          12  8 10  8
    SessSetCacheSize     10  6  8  6
    Free                 10  6  8  6
    SetClock              8  6  7  6
    ExternalStore         8  8  8  8
    SetSessionCacheMode   6 12  8 12
    UpRef                 4  2  3  2
    SessionGetTime        4  2  3  2
    SessionGetTimeout     4  2  3  2
    SessionSetIdContext   4  4  4  4
    SetTimeout            4  6  5  6
    SetCallbacks          3  4  3  4
    ExternalForget        3  3  3  3
    SetSessionIdContext   2  4  3  4
    GetSessionCacheMode   2  2  2  2
    SessGetCacheSize      2  2  2  2
    GetTimeout            2  2  2  2
    Repeat                1  2  1  2
    Handshake             0 96 32 96
    AcceptBegin           0 24  8 24
    AcceptFinish          0 28 10 28
    Renegotiate           0 14  5 14
    AcceptAbort           0  8  3  8
    Close                 0 20  7 20
}

/// The weights of one trace, by kind.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Weights(Vec<u16>);

impl Weights {
    /// The base weights of a lane.
    #[must_use]
    pub fn of(lane: Lane) -> Self {
        let column = match lane {
            Lane::Uniform => return Self(vec![1; BASE.len()]),
            // These are not drawn op by op.
            Lane::Hazards | Lane::Mutated | Lane::Scopes => Lane::Mixed,
            _ => lane,
        } as usize;
        Self(BASE.iter().map(|row| row[column]).collect())
    }

    /// Swarm weights: three traces in four switch some kinds off and boost others.
    #[must_use]
    pub fn swarm(mut self, choices: &mut impl Choices) -> Self {
        if choices.below(4) == 0 {
            return self;
        }
        for weight in &mut self.0 {
            *weight *= choices.pick(&[1, 1, 1, 2, 4, 8, 0]);
        }
        self
    }

    /// The weight of one kind multiplied: for whoever steers a campaign.
    #[must_use]
    pub fn boosted(mut self, kind: Kind, factor: u16) -> Self {
        let weight = &mut self.0[kind as usize];
        *weight = weight.saturating_mul(factor).min(1 << 10);
        self
    }

    /// The weight of one kind.
    #[must_use]
    pub fn weight(&self, kind: Kind) -> u16 {
        self.0[kind as usize]
    }

    /// Each kind as often as it weighs: one draw from it, and no search. Never empty.
    pub(super) fn table(&self) -> Vec<Kind> {
        let mut table = Vec::with_capacity(self.0.iter().map(|w| usize::from(*w)).sum());
        for kind in Kind::ALL {
            table.extend(std::iter::repeat_n(*kind, self.weight(*kind).into()));
        }
        if table.is_empty() {
            table.push(Kind::AddSession);
        }
        table
    }
}

impl std::fmt::Display for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut separator = "";
        for kind in Kind::ALL.iter().filter(|kind| self.weight(**kind) > 0) {
            write!(f, "{separator}{kind:?} {}", self.weight(*kind))?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::choices::Prng;

    #[test]
    fn direct_calls_draw_no_handshake() {
        let table = Weights::of(Lane::Direct).table();
        assert!(table.iter().all(|kind| *kind < Kind::Handshake));
        assert!(Weights::of(Lane::Handshakes).table().contains(&Kind::Handshake));
    }

    #[test]
    fn swarm_weights_switch_every_kind_off_at_some_time_and_boost_it_at_another() {
        let base = Weights::of(Lane::Mixed);
        let mut prng = Prng::new(3);
        let swarms: Vec<_> = (0..200).map(|_| base.clone().swarm(&mut prng)).collect();
        for kind in Kind::ALL {
            assert!(swarms.iter().any(|w| w.weight(*kind) == 0), "{kind:?} is never off");
            let boost = 8 * base.weight(*kind);
            assert!(swarms.iter().any(|w| w.weight(*kind) == boost), "{kind:?} is never boosted");
        }
        assert!(swarms.contains(&base));
    }

    #[test]
    fn all_kinds_off_still_draws() {
        let mut weights = Weights::of(Lane::Direct);
        weights.0.fill(0);
        assert_eq!(weights.table(), [Kind::AddSession]);
    }
}
