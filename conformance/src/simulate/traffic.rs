//! The source of events: what happens next in a workload, given what came of all before.
//!
//! ```text
//!  arrivals, thinking clients, floods ─► Begin ─► Finish ─► Close, or Abort       happenings
//!                                          ▲ what it has  │ what it is given          │
//!                                          └── clients ◄──┘                           ▼
//!                                      one queue, by moment; at one moment: happenings, closes, finishes, begins
//! ```
//!
//! What happens at one moment happens in this order: what happenings have begun is over, happenings as the workload lists
//! them, closes, then finishes and aborts, both by the number of the visit, then begins by group and client. Only what is due before the end is queued,
//! and of what comes by a law only the next, so that memory is that of the clients and of the connections that are
//! open.
//!
//! A client proposes what it was given last, again and again until it is given something else or forgets it, also that
//! of TLS 1.3, unless its group is one of single use: then, what it has proposed it has no more, be it that the handshake
//! is left. It never has more than one. Who finds all servers taken out has made no connection, and who comes by itself
//! thinks again. Not here: what comes of an event, which [`Traffic::learn`] is told.

use std::collections::VecDeque;

use super::arrivals::Process;
use super::balance::Balance;
use super::clients::{Comer, Group as Members, Plan, purpose};
use super::event::{Event, Group, Held, Moment, Outcome, Proposes, Server, Visit, What};
use super::law::stream;
use super::queue::Queue;
use super::workload::{Arrivals, Come, Daily, Does, Happening, Workload};

#[cfg(test)]
mod tests;

/// The events of a workload, in order of time. Whoever takes one tells what came of it before taking the next.
pub struct Traffic {
    end: u64,
    queue: Queue<Due>,
    groups: Vec<Members>,
    /// Of each group that comes by a law, when and who.
    arriving: Vec<Option<Arriving>>,
    /// What those have who have been drawn since this was told.
    coming: Vec<Held>,
    timetable: Vec<Entry>,
    balance: Balance,
    visits: Vec<Open>,
    /// Numbers of visits that are no more.
    free: Vec<u32>,
    /// What the client that came last has no more, now that it has come: forgotten, or used up.
    forgotten: Option<Held>,
}

/// What is due: first what happens first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Due {
    /// What an entry of the timetable has begun is over.
    Over(u32),
    /// An entry of the timetable.
    Happening(u32),
    /// The close of a visit.
    Close(u32),
    /// The rest of a visit's handshake.
    Rest(u32),
    /// Someone of a group; who, if its clients come by themselves.
    Comes(u16, u32),
}

/// Arrivals by a law, some of them drawn already.
struct Arriving {
    process: Process,
    drawn: VecDeque<(u64, Comer)>,
}

/// So many arrivals are drawn at once, so that what they need can be fetched from memory together.
const TOGETHER: usize = 16;

/// What is done to one server.
struct Entry {
    server: Server,
    what: What,
    every: Option<u64>,
    /// For how long it is so; 0: it is done, and that is all.
    lasts: u64,
    /// Whether the process is away for as long.
    away: bool,
}

/// A visit.
struct Open {
    group: u16,
    plan: Plan,
    state: State,
    /// Whether something is queued that names it: only when that has come may its number be given again.
    due: bool,
}

/// How far a visit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It has begun, and has not ended.
    Here,
    /// It has ended.
    Gone,
    /// Nothing has this number.
    Free,
}

impl Traffic {
    /// The traffic of a workload: the same for the same seed, as far as what came of it is the same.
    #[must_use]
    pub fn new(workload: &Workload, seed: u64) -> Self {
        let mut traffic = Self {
            end: workload.lasts.0,
            queue: Queue::new(),
            groups: Vec::new(),
            arriving: Vec::new(),
            coming: Vec::new(),
            timetable: Vec::new(),
            balance: Balance::of(workload.setting.servers.len()),
            visits: Vec::new(),
            free: Vec::new(),
            forgotten: None,
        };
        traffic.add_happenings(workload);
        traffic.add_clients(workload, seed);
        traffic.add_floods(workload, seed);
        traffic
    }

    fn add_happenings(&mut self, workload: &Workload) {
        for happening in &workload.happenings {
            for entry in happening.servers.iter().flat_map(|server| entries(happening, *server)) {
                let number = u32::try_from(self.timetable.len()).expect("a text has fewer");
                self.timetable.push(entry);
                self.schedule(happening.at.0, Due::Happening(number));
            }
        }
    }

    fn add_clients(&mut self, workload: &Workload, seed: u64) {
        for (clients, number) in workload.clients.iter().zip(0_u16..) {
            let group = Members::of_clients(clients, number.into(), workload.balancer, seed);
            let process = match &clients.come {
                Come::Open { arrivals, .. } => {
                    let random = stream(seed, [purpose::ARRIVALS, number.into()]);
                    Some(Process::new(arrivals.clone(), workload.setting.clock, 0, self.end, random))
                }
                Come::Closed { .. } => {
                    for client in 0..clients.number {
                        self.schedule(group.first(client), Due::Comes(number, client));
                    }
                    None
                }
            };
            self.add_group(group, process);
        }
    }

    fn add_floods(&mut self, workload: &Workload, seed: u64) {
        for flood in &workload.floods {
            let number = self.groups.len() as u64;
            let group = Members::of_attackers(flood, number, workload.balancer, seed);
            let law = Arrivals { rate: flood.rate, daily: Daily::Even, crowds: Vec::new() };
            let random = stream(seed, [purpose::ARRIVALS, number]);
            let end = flood.to.0.min(self.end);
            self.add_group(group, Some(Process::new(law, workload.setting.clock, flood.from.0, end, random)));
        }
    }

    fn add_group(&mut self, group: Members, process: Option<Process>) {
        let number = u16::try_from(self.groups.len()).expect("read as few");
        self.groups.push(group);
        self.arriving.push(process.map(|process| Arriving { process, drawn: VecDeque::new() }));
        self.schedule_arrival(number);
    }

    /// Tells what came of an event, the last that was taken. What is returned no client has any more.
    pub fn learn(&mut self, event: &Event, outcome: &Outcome) -> Option<Held> {
        let now = event.at.0;
        let had = match (&event.what, outcome.gives) {
            (What::Finish(visit), Some(held)) => self.give(*visit, held, now),
            _ => None,
        };
        for visit in &outcome.gone {
            self.lose(*visit, now);
        }
        let waited = outcome.external.waited;
        match event.what {
            What::Begin { visit, .. } => {
                self.go_on(visit, now, |plan| plan.round_trip.saturating_add(waited), Due::Rest);
                self.forgotten.take()
            }
            What::Finish(visit) => {
                self.go_on(visit, now, |plan| plan.stays.saturating_add(waited), Due::Close);
                had
            }
            _ => None,
        }
    }

    /// How many visits there are.
    #[must_use]
    pub fn open(&self) -> usize {
        self.visits.iter().filter(|open| open.state == State::Here).count()
    }

    /// Queues what is due before the end; says whether it is.
    fn schedule(&mut self, at: u64, due: Due) -> bool {
        let comes = at < self.end;
        if comes {
            self.queue.push(at, due);
        }
        comes
    }

    fn schedule_arrival(&mut self, group: u16) {
        let Some(arriving) = &mut self.arriving[usize::from(group)] else { return };
        let Arriving { process, drawn } = arriving;
        if drawn.is_empty() {
            let members = &mut self.groups[usize::from(group)];
            let arrivals = std::iter::from_fn(|| process.next()).take(TOGETHER);
            drawn.extend(arrivals.map(|at| (at, members.comer(0))));
            self.coming.extend(drawn.iter().filter_map(|(_, comer)| members.has(comer.client)));
        }
        if let Some((at, _)) = drawn.front() {
            let at = *at;
            self.schedule(at, Due::Comes(group, 0));
        }
    }

    /// Who comes now: the one who was drawn, or this client, if it comes by itself.
    fn comer(&mut self, group: u16, client: u32) -> Comer {
        let drawn = self.arriving[usize::from(group)].as_mut().and_then(|arriving| arriving.drawn.pop_front());
        drawn.map_or_else(|| self.groups[usize::from(group)].comer(client), |(_, comer)| comer)
    }

    /// What will be proposed soon, if nothing comes between: for whoever is quicker when it knows. Each is told once.
    pub fn coming(&mut self, out: &mut Vec<Held>) {
        out.append(&mut self.coming);
    }

    /// A visit that is still here goes on after as long as its plan says.
    fn go_on(&mut self, visit: Visit, now: u64, after: impl Fn(&Plan) -> u64, due: fn(u32) -> Due) {
        let open = &self.visits[visit.0 as usize];
        if open.state == State::Here {
            let due = self.schedule(now.saturating_add(after(&open.plan)), due(visit.0));
            self.visits[visit.0 as usize].due = due;
        }
    }

    fn give(&mut self, visit: Visit, held: Held, now: u64) -> Option<Held> {
        let open = &self.visits[visit.0 as usize];
        self.groups[usize::from(open.group)].give(open.plan.client, held, now)
    }

    /// A visit ends, in its time or before.
    fn lose(&mut self, visit: Visit, now: u64) {
        let open = &mut self.visits[visit.0 as usize];
        if open.state == State::Here {
            open.state = State::Gone;
            self.think(visit.0, now);
            self.release(visit.0);
        }
    }

    /// The number of a visit that is no more may be given again, unless something is queued that names it.
    fn release(&mut self, visit: u32) {
        let open = &mut self.visits[visit as usize];
        if !open.due && open.state != State::Free {
            open.state = State::Free;
            self.free.push(visit);
        }
    }

    /// The client of a visit that ended thinks, and comes again, if its group is such.
    fn think(&mut self, visit: u32, now: u64) {
        let Open { group, plan, .. } = self.visits[visit as usize];
        self.comes_again(group, &plan, now);
    }

    fn comes_again(&mut self, group: u16, plan: &Plan, now: u64) {
        if self.groups[usize::from(group)].comes_again() {
            self.schedule(now.saturating_add(plan.thinks), Due::Comes(group, plan.client));
        }
    }

    /// What is done to a server now; `None`: it is done to a process that is away, or is so already.
    fn happens(&mut self, number: u32, now: u64) -> Option<(Server, What)> {
        let Entry { server, ref what, every, lasts, away } = self.timetable[number as usize];
        let what = what.clone();
        if let Some(every) = every {
            self.schedule(now.saturating_add(every), Due::Happening(number));
        }
        let is_new = match what {
            What::TakeOut => self.balance.take_out(server, away),
            What::Scatter => self.balance.scatter(server),
            // The machine is there.
            What::StepClock(_) => true,
            _ => !self.balance.is_away(server),
        };
        if lasts > 0 {
            self.schedule(now.saturating_add(lasts), Due::Over(number));
        }
        is_new.then_some((server, what))
    }

    /// What was done to a server is over; `None`: something else goes on.
    fn is_over(&mut self, number: u32) -> Option<(Server, What)> {
        let Entry { server, ref what, away, .. } = self.timetable[number as usize];
        let (last, over) = match what {
            What::Scatter => (self.balance.gather(server), What::Gather),
            _ => (self.balance.put_back(server, away), What::PutBack),
        };
        last.then_some((server, over))
    }

    fn begins(&mut self, group: u16, client: u32, now: u64) -> (Server, What) {
        let comer = self.comer(group, client);
        self.schedule_arrival(group);
        let members = &mut self.groups[usize::from(group)];
        let (plan, unknown) = members.plan(comer, &self.balance);
        if !plan.arrives {
            self.comes_again(group, &plan, now);
            return (plan.server, What::TurnAway(Group(group)));
        }
        let mechanism = members.mechanism(plan.client);
        let (has, forgotten) = members.proposes(plan.client, now);
        self.forgotten = forgotten;
        let proposes = unknown.map_or(has, Proposes::Unknown);
        let visit = self.open_visit(Open { group, plan, state: State::Here, due: false });
        (plan.server, What::Begin { visit, group: Group(group), mechanism, proposes })
    }

    fn open_visit(&mut self, open: Open) -> Visit {
        match self.free.pop() {
            Some(number) => {
                self.visits[number as usize] = open;
                Visit(number)
            }
            None => {
                self.visits.push(open);
                Visit(u32::try_from(self.visits.len() - 1).expect("each takes memory, so they are fewer"))
            }
        }
    }

    /// The rest of a handshake, or the client goes; `None`: the visit is gone.
    fn goes_on(&mut self, visit: u32, now: u64) -> Option<(Server, What)> {
        let plan = self.due_now(visit)?;
        if plan.aborts {
            self.lose(Visit(visit), now);
            return Some((plan.server, What::Abort(Visit(visit))));
        }
        Some((plan.server, What::Finish(Visit(visit))))
    }

    fn closes(&mut self, visit: u32, now: u64) -> Option<(Server, What)> {
        let Plan { server, clean, .. } = self.due_now(visit)?;
        self.lose(Visit(visit), now);
        Some((server, What::Close { visit: Visit(visit), clean }))
    }

    /// What was queued of a visit has come; `None`: the visit is gone.
    fn due_now(&mut self, visit: u32) -> Option<Plan> {
        let open = &mut self.visits[visit as usize];
        open.due = false;
        if open.state == State::Here {
            return Some(open.plan);
        }
        self.release(visit);
        None
    }
}

impl Iterator for Traffic {
    type Item = Event;

    /// What happens next; `None`: the end is reached.
    fn next(&mut self) -> Option<Event> {
        loop {
            let (at, due) = self.queue.pop()?;
            let event = match due {
                Due::Over(number) => self.is_over(number),
                Due::Happening(number) => self.happens(number, at),
                Due::Close(visit) => self.closes(visit, at),
                Due::Rest(visit) => self.goes_on(visit, at),
                Due::Comes(group, client) => Some(self.begins(group, client, at)),
            };
            if let Some((server, what)) = event {
                return Some(Event { at: Moment(at), server, what });
            }
        }
    }
}

/// What a happening comes to at a server: one thing after the other, at one moment.
fn entries(happening: &Happening, server: Server) -> Vec<Entry> {
    let entry = |what, lasts, away| Entry { server, what, every: happening.every, lasts, away };
    let once = |what| vec![entry(what, 0, false)];
    match happening.does {
        Does::Restart { away: 0 } => once(What::Restart),
        Does::Restart { away } => vec![entry(What::Restart, 0, false), entry(What::TakeOut, away, true)],
        Does::StepClock(seconds) => once(What::StepClock(seconds)),
        Does::SetMode(mode) => once(What::SetMode(mode)),
        Does::SetSize(size) => once(What::SetSize(size)),
        Does::SetTimeout(timeout) => once(What::SetTimeout(timeout)),
        Does::Flush => once(What::Flush),
        Does::TakeOut(lasts) => vec![entry(What::TakeOut, lasts, false)],
        Does::Scatter(lasts) => vec![entry(What::Scatter, lasts, false)],
    }
}
