//! A run: what comes is carried out, noted, and learnt from, until nothing more comes.
//!
//! Who comes and who serves are what they are to this loop, and no more: traits, so that each can be tried without the
//! other. Not here: real time; a run is ended by its workload.

use super::answers::{Answers, Breach, Checked, Facts};
use super::cut::Source;
use super::event::{Event, Gauges, Held, Moment, Outcome, Server};
use super::traffic::Traffic;
use crate::transcript::Counters;

impl Source for Traffic {
    fn next(&mut self) -> Option<Event> {
        Iterator::next(self)
    }

    fn coming(&mut self, out: &mut Vec<Held>) {
        Self::coming(self, out);
    }

    fn learn(&mut self, event: &Event, outcome: &Outcome) -> Option<Held> {
        Self::learn(self, event, outcome)
    }
}

/// Who carries them out.
pub trait Serves {
    /// These will be proposed soon.
    fn expects(&mut self, _coming: &[Held]) {}

    /// Carries an event out.
    ///
    /// # Errors
    ///
    /// When it cannot go on: what was found at this event.
    fn apply(&mut self, event: &Event) -> Result<Outcome, Breach>;

    /// What the counters of a server's context show.
    fn counters(&mut self, server: Server) -> Counters;

    /// How a server stands at this moment, the last event's or a later one.
    fn gauges(&mut self, server: Server, at: Moment) -> Gauges;

    /// Takes back what no client has any more.
    fn give_back(&mut self, held: Held);

    /// What was held against the model, at the end of the run: what ended it apart.
    fn checked(&mut self) -> Checked;
}

/// How many events pass between two words about progress.
const WORD: u64 = 1 << 16;

/// Runs it to its end, or until the service cannot go on. `told` is given the number of events and the virtual time now
/// and then.
pub fn run(
    facts: Facts,
    traffic: &mut dyn Source,
    service: &mut dyn Serves,
    told: &mut dyn FnMut(u64, Moment),
) -> Answers {
    let lasts = facts.lasts;
    let mut answers = Answers::new(facts);
    let (mut broken, mut coming) = (None, Vec::new());
    while let Some(event) = traffic.next() {
        if event.at.0 >= lasts {
            break;
        }
        turn(&mut answers, service, event.at);
        traffic.coming(&mut coming);
        if !coming.is_empty() {
            service.expects(&coming);
            coming.clear();
        }
        let outcome = match service.apply(&event) {
            Ok(outcome) => outcome,
            Err(breach) => {
                broken = Some(breach);
                break;
            }
        };
        answers.note(&event, &outcome, &service.gauges(event.server, event.at));
        if let Some(held) = traffic.learn(&event, &outcome) {
            service.give_back(held);
        }
        if answers.events.is_multiple_of(WORD) {
            told(answers.events, event.at);
        }
    }
    let ran = broken.as_ref().map_or(lasts, |breach| breach.at);
    turn(&mut answers, service, Moment(ran.saturating_sub(1)));
    count(&mut answers, service, Moment(ran));
    let mut checked = service.checked();
    checked.found.extend(broken);
    answers.end(ran, checked)
}

/// Every stretch that has ended by this moment is closed.
fn turn(answers: &mut Answers, service: &mut dyn Serves, at: Moment) {
    while answers.turns_at(at) {
        count(answers, service, answers.turns());
        answers.turn();
    }
}

/// The counters and clocks are those at the end of a stretch, also where nothing has happened in it.
fn count(answers: &mut Answers, service: &mut dyn Serves, end: Moment) {
    for server in answers.all_servers() {
        answers.count(server, service.counters(server));
        answers.tick(server, service.gauges(server, end).clock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::answers::ServerFacts;
    use crate::simulate::event::{Answer, Group, Proposes, Visit, What};
    use session_model::Mechanism;

    /// Someone comes every second, and proposes what the last one was given.
    #[derive(Default)]
    struct EachSecond {
        next: u64,
        has: Option<Held>,
    }

    impl Source for EachSecond {
        fn next(&mut self) -> Option<Event> {
            self.next += 1;
            let proposes = self.has.map_or(Proposes::Nothing, Proposes::Held);
            let (visit, group, mechanism) = (Visit(0), Group(0), Mechanism::Ids);
            let what = What::Begin { visit, group, mechanism, proposes };
            Some(Event { at: Moment(self.next * 1_000_000), server: Server(0), what })
        }

        fn learn(&mut self, _: &Event, outcome: &Outcome) -> Option<Held> {
            std::mem::replace(&mut self.has, outcome.gives)
        }
    }

    /// Gives out a number each time, keeps those that are not given back, and breaks at a moment.
    struct Gives {
        given: u32,
        kept: Vec<Held>,
        breaks: u64,
    }

    impl Serves for Gives {
        fn apply(&mut self, event: &Event) -> Result<Outcome, Breach> {
            if event.at.0 == self.breaks {
                return Err(Breach::new(event.at, event.server, "it breaks\nhere"));
            }
            self.given += 1;
            self.kept.push(Held(self.given));
            Ok(Outcome { answer: Some(Answer::NotAsked), gives: Some(Held(self.given)), ..Outcome::default() })
        }

        fn counters(&mut self, _: Server) -> Counters {
            [self.given.into(); 12]
        }

        fn gauges(&mut self, _: Server, at: Moment) -> Gauges {
            let clock = i64::try_from(at.0 / 1_000_000).expect("a run is short");
            Gauges { clock, sessions: self.kept.len() as u64, ..Gauges::default() }
        }

        fn give_back(&mut self, held: Held) {
            self.kept.retain(|kept| *kept != held);
        }

        fn checked(&mut self) -> Checked {
            Checked { events: u64::from(self.given), ..Checked::default() }
        }
    }

    fn ran(seconds: u64, breaks: u64) -> (Answers, Gives) {
        let (servers, groups) = (vec![ServerFacts::default()], vec![String::new()]);
        let facts = Facts { lasts: seconds * 1_000_000, servers, groups, ..Facts::default() };
        let mut service = Gives { given: 0, kept: Vec::new(), breaks: breaks * 1_000_000 };
        let answers = run(facts, &mut EachSecond::default(), &mut service, &mut |_, _| {});
        (answers, service)
    }

    #[test]
    fn a_run_ends_with_the_workload_and_what_clients_lose_is_given_back() {
        let (answers, service) = ran(10, 0);
        assert_eq!((answers.events, answers.ran, answers.status()), (9, 10_000_000, 0));
        assert_eq!(service.kept, [Held(9)]);
        assert_eq!(answers.counts.handshakes.proposed, 8);
        assert_eq!(answers.peaks.sessions.most, 2);
    }

    #[test]
    fn a_stretch_ends_with_the_clock_of_its_end_though_nothing_happens_then() {
        // Stretches of 5 s; whoever comes each second comes no more after 11 s.
        let (servers, groups) = (vec![ServerFacts::default()], vec![String::new()]);
        let facts = Facts { lasts: 2_002_000_000, servers, groups, ..Facts::default() };
        let mut service = Gives { given: 0, kept: Vec::new(), breaks: 0 };
        let mut few = Few(EachSecond::default());
        let answers = run(facts, &mut few, &mut service, &mut |_, _| {});
        let clocks: Vec<_> = answers.series.iter().map(|stretch| stretch.servers[0].end.clock).collect();
        let ends: Vec<_> = answers.series.iter().map(|stretch| (stretch.to / 1_000_000) as i64).collect();
        assert_eq!((clocks.len(), &clocks), (401, &ends));
        assert_eq!(clocks[399..], [2000, 2002]);
    }

    /// The first eleven.
    struct Few(EachSecond);

    impl Source for Few {
        fn next(&mut self) -> Option<Event> {
            (self.0.next < 11).then(|| self.0.next()).flatten()
        }

        fn learn(&mut self, event: &Event, outcome: &Outcome) -> Option<Held> {
            self.0.learn(event, outcome)
        }
    }

    #[test]
    fn a_breach_ends_the_run_and_is_told() {
        let (answers, _) = ran(10, 4);
        assert_eq!((answers.events, answers.ran, answers.status()), (3, 4_000_000, 1));
        let breach = &answers.checked.found[0];
        assert_eq!((breach.at, breach.headline.as_str(), breach.told.as_str()), (4_000_000, "it breaks", "here"));
        assert_eq!(answers.checked.events, 3);
    }

    #[test]
    fn nobody_who_comes_is_an_empty_run() {
        assert!(ran(1, 0).0.is_empty());
        assert!(!ran(2, 0).0.is_empty());
    }
}
