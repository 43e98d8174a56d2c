//! Clients that also go to a service of their own, a smaller one with the model in step, so that a part of a run is checked
//! in full. Not here: how a service is held against the model.

use rand_distr::{Distribution, StandardUniform};

use super::Service;
use super::parting::Parting;
use crate::simulate::event::{Answer, Event, Held, Outcome, Proposes, Visit, What};
use crate::simulate::law::Random;
use crate::simulate::setting::Setting;
use crate::trace::ContextSetup;

/// What was in the sample, and so can have been checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sampled {
    /// Connections that were begun.
    pub connections: u64,
    /// Those of them in which a session was resumed.
    pub resumed: u64,
    /// Sessions that were dropped to make room.
    pub dropped: u64,
    /// Sessions that were flushed.
    pub flushed: u64,
}

/// Clients that also go to a service of their own.
pub(super) struct Sample {
    pub(super) one_in: u32,
    pub(super) random: Random,
    pub(super) service: Box<Service>,
    /// By what is held among all, what goes with it there.
    pub(super) held: Vec<Option<Held>>,
    pub(super) had: Sampled,
}

impl Sample {
    /// What goes with a session in the sample.
    pub(super) fn goes_with(&mut self, held: Held) -> &mut Option<Held> {
        let slot = held.0 as usize;
        if self.held.len() <= slot {
            self.held.resize(slot + 1, None);
        }
        &mut self.held[slot]
    }
}

impl Service {
    /// Whether a client is one of the sample: by what it proposes, or by chance.
    pub(super) fn joins_sample(&mut self, proposes: Proposes) -> bool {
        if let (Proposes::Held(held), Some(_)) = (proposes, &self.sample) {
            return self.held(held).in_sample;
        }
        let Some(Sample { one_in, random, .. }) = &mut self.sample else { return false };
        let word: u64 = StandardUniform.sample(random);
        word.is_multiple_of(u64::from(*one_in))
    }

    /// The same on the sample, if it is of the sample or of all.
    pub(super) fn in_sample(&mut self, event: &Event, outcome: &Outcome) -> Result<(), Box<Parting>> {
        let Some(sample) = &mut self.sample else { return Ok(()) };
        let what = match &event.what {
            What::Begin { visit, group, mechanism, proposes } => {
                // One that has failed has no place among visits.
                let begun = self.visits.get(visit.0 as usize).and_then(Option::as_ref);
                if !begun.is_some_and(|visiting| visiting.in_sample) {
                    return Ok(());
                }
                let proposes = match proposes {
                    Proposes::Held(held) => sample.goes_with(*held).map_or(Proposes::Nothing, Proposes::Held),
                    other => *other,
                };
                What::Begin { visit: *visit, group: *group, mechanism: *mechanism, proposes }
            }
            What::Finish(visit) | What::Abort(visit) | What::Close { visit, .. } => {
                if !sample.service.is_open(*visit) {
                    return Ok(());
                }
                event.what.clone()
            }
            What::SetSize(size) => What::SetSize(part(*size, sample.one_in)),
            all => all.clone(),
        };
        let service = &mut sample.service;
        sample.had.connections += u64::from(matches!(what, What::Begin { .. }));
        let came = service.apply(&Event { what, ..event.clone() })?;
        sample.had.resumed += u64::from(matches!(came.answer, Some(Answer::Hit(_))));
        sample.had.dropped += came.left.dropped;
        sample.had.flushed += came.left.flushed;
        // Whose handshake has failed among all is gone here, too.
        for visit in outcome.gone.iter().copied().filter(|visit| service.is_open(*visit)).collect::<Vec<_>>() {
            service.apply(&Event { what: What::Close { visit, clean: true }, ..event.clone() })?;
        }
        if let What::Finish(visit) = event.what {
            self.go_with(visit, came.gives, outcome.gives);
        }
        Ok(())
    }

    /// What a client of the sample has from now on in the sample (`sampled`), beside what it has among all (`given`;
    /// `None`: what it has proposed). The two services may answer it in other ways.
    fn go_with(&mut self, visit: Visit, sampled: Option<Held>, given: Option<Held>) {
        let visiting = self.visits.get(visit.0 as usize).and_then(Option::as_ref);
        let had = visiting.and_then(|visiting| visiting.proposed).filter(|(had, key)| {
            // By now its number may be another's.
            self.held[had.0 as usize].as_ref().is_some_and(|of| of.key == *key)
        });
        let Some(sample) = &mut self.sample else { return };
        let before = match (sampled, given, had) {
            (Some(sampled), Some(given), _) => sample.goes_with(given).replace(sampled),
            // It goes on with the fresh one there, and with the old one here.
            (Some(sampled), None, Some((had, _))) => sample.goes_with(had).replace(sampled),
            (Some(sampled), None, None) => Some(sampled),
            // And the other way round.
            (None, Some(given), Some((had, _))) => {
                let there = sample.goes_with(had).take();
                std::mem::replace(sample.goes_with(given), there)
            }
            (None, ..) => None,
        };
        if let Some(before) = before {
            sample.service.give_back(before);
        }
    }

    fn is_open(&self, visit: Visit) -> bool {
        self.visits.get(visit.0 as usize).is_some_and(Option::is_some)
    }
}

/// The same service for one client in so many.
pub(super) fn in_miniature(setting: &Setting, one_in: u32) -> Setting {
    let mut setting = setting.clone();
    for server in &mut setting.servers {
        let ContextSetup { size, .. } = &mut server.context;
        let default = u32::try_from(session_cache::DEFAULT_CACHE_SIZE).expect("it is small");
        *size = Some(part(size.unwrap_or(default), one_in));
    }
    if let Some(external) = &mut setting.external {
        external.entries = external.entries.map(|entries| entries.div_ceil(u64::from(one_in)));
    }
    setting
}

/// A part of a size; 0 is no limit, and no part of any other size.
fn part(size: u32, one_in: u32) -> u32 {
    size.div_ceil(one_in)
}
