//! A cache and the model in step: what is asked of the one is asked of the other, and what both show is compared.
//!
//! Where the cache goes down in a call, its panic unwinds through here, and whoever catches it asks [`Pair::went_down`]:
//! any other panic is a mistake of the simulation or of the model, and is not told as the cache's. To catch each call by
//! itself would cost more than most calls. One that is known to take the process down is not called then
//! ([`super::asks`]), and told alike.
//!
//! Not here: what is asked, and what a divergence comes down to; that is found on a trace that is cut out of the run.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use session_model::reading::CallbacksOrder;
use session_model::{ContextRef, Profile, SessionRef};

use crate::driver::{Library, Why};
use crate::subject::words_of;
use crate::subjects::model::Model;
use crate::trace::Setup;
use crate::transcript::{Counter, Counters, Event, Member, Transcript, member_digest};

/// A cache, and beside it the model if it is checked.
pub(super) struct Pair {
    subject: Subject,
    model: Option<Box<Model>>,
    /// Whether removals of one step may be called back in any order.
    free_order: bool,
    /// Whether the cache tells who leaves it.
    tells_leavers: bool,
    contexts: usize,
    /// What was shown in this step: callbacks and destroyed objects.
    pub(super) seen: Transcript,
    ruled: Transcript,
    members: [Vec<Member>; 2],
    /// How many steps there were, and at which of them the members are compared next.
    steps: u64,
    next_look: u64,
    parted: Option<String>,
}

/// A cache that may go down.
struct Subject {
    library: Box<dyn Library>,
    /// Whether a call is under way; after a panic, that it came out of one.
    called: bool,
    /// What it went down with.
    down: Option<WentDown>,
}

/// That a cache went down in a call, in words; a call of one that is down panics with it.
#[derive(Clone, Debug)]
pub(super) struct WentDown(pub(super) String);

/// What comes of this, or the panic that ends it: to be given to [`Pair::went_down`] of the cache that was called.
pub(super) fn caught<T>(does: impl FnOnce() -> T) -> std::thread::Result<T> {
    // What is half done after a cache went down is not looked at any more.
    catch_unwind(AssertUnwindSafe(does))
}

impl Subject {
    /// A call of the cache; one that is down is not called again.
    fn call<T>(&mut self, call: impl FnOnce(&mut dyn Library) -> T) -> T {
        if let Some(down) = &self.down {
            resume_unwind(Box::new(down.clone()));
        }
        self.called = true;
        let answer = call(self.library.as_mut());
        self.called = false;
        answer
    }
}

/// Up to so many members are compared after every step.
const FEW: i64 = 12;

/// With more, the members are compared after so many steps at the soonest.
const SELDOM: u64 = 64;

impl Pair {
    pub(super) fn new(mut subject: Box<dyn Library>, checked: Option<Profile>) -> Self {
        let tells_leavers = subject.leavers(&mut Vec::new());
        Self {
            subject: Subject { library: subject, called: false, down: None },
            tells_leavers,
            free_order: checked.is_some_and(|profile| profile.readings.callbacks_order == CallbacksOrder::Any),
            model: checked.map(|profile| Box::new(Model::new(profile))),
            contexts: 0,
            seen: Transcript::default(),
            ruled: Transcript::default(),
            members: [Vec::new(), Vec::new()],
            steps: 0,
            next_look: 0,
            parted: None,
        }
    }

    /// How the cache went down with this panic; one that did not come out of it goes on.
    pub(super) fn went_down(&mut self, panic: Box<dyn Any + Send>) -> WentDown {
        if std::mem::take(&mut self.subject.called) {
            return self.subject.down.insert(WentDown(words_of(&*panic))).clone();
        }
        let down = panic.downcast::<WentDown>().unwrap_or_else(|panic| resume_unwind(panic));
        self.subject.down.insert(*down).clone()
    }

    /// A fresh world.
    pub(super) fn begin(&mut self, setup: &Setup) {
        self.contexts = setup.contexts.len();
        self.each(|library| library.begin(setup));
    }

    /// A step begins: what was shown before is forgotten.
    pub(super) fn step(&mut self) {
        self.steps += 1;
        self.seen.clear();
        self.subject.call(|library| library.at_step(0));
        if let Some(model) = &mut self.model {
            self.ruled.clear();
            model.at_step(0);
        }
    }

    /// A call that answers nothing.
    pub(super) fn each(&mut self, call: impl Fn(&mut dyn Library)) {
        self.subject.call(&call);
        if let Some(model) = &mut self.model {
            call(model.as_mut());
        }
    }

    /// A call, and what the cache answers.
    pub(super) fn ask(&mut self, what: &str, call: impl Fn(&mut dyn Library) -> i64) -> i64 {
        let seen = self.subject.call(&call);
        if let Some(model) = &mut self.model {
            let ruled = call(model.as_mut());
            if ruled != seen {
                self.part(format!("{what} is to return {ruled}, and returns {seen}"));
            }
        }
        seen
    }

    /// Takes note of what was called back and destroyed. Afterwards [`Self::seen`] has it.
    pub(super) fn drain(&mut self) {
        self.subject.call(|library| library.drain(&mut self.seen));
        let Some(model) = &mut self.model else { return };
        model.drain(&mut self.ruled);
        if !same_calls(&self.ruled.events, &self.seen.events, self.free_order) {
            let (ruled, seen) = (self.ruled.events.len(), self.seen.events.len());
            self.part(format!("callbacks: {ruled} are ruled, {seen} were called, and they differ"));
        } else if self.seen.destroyed != self.ruled.destroyed {
            let (ruled, seen) = (self.ruled.destroyed.len(), self.seen.destroyed.len());
            self.part(format!("destroyed objects: {ruled} are ruled, {seen} were seen, and they differ"));
        }
    }

    /// Who has left the internal caches in this step. A cache that cannot tell has done what the model rules, as far as
    /// the two are in step; without the model nobody knows.
    pub(super) fn leavers(&mut self, out: &mut Vec<(SessionRef, Why)>) {
        if !self.subject.call(|library| library.leavers(out))
            && let Some(model) = &mut self.model
        {
            model.leavers(out);
        }
    }

    /// Whether [`Self::leavers`] knows.
    pub(super) fn knows_leavers(&self) -> bool {
        self.tells_leavers || self.model.is_some()
    }

    /// How many sessions the internal cache of a context has.
    pub(super) fn number(&mut self, context: ContextRef) -> u64 {
        self.subject.call(|library| library.number(context))
    }

    /// What a context's counters show.
    pub(super) fn counters(&mut self, context: ContextRef) -> Counters {
        self.subject.call(|library| library.counters(context))
    }

    /// The members of a context's cache.
    pub(super) fn members(&mut self, context: ContextRef, out: &mut Vec<Member>) {
        self.subject.call(|library| library.members(context, out));
    }

    /// An object on which a reference is held.
    pub(super) fn object(&mut self, session: SessionRef) -> Member {
        self.subject.call(|library| library.object(session))
    }

    /// This session, or another of this number, will be proposed soon.
    pub(super) fn expects(&mut self, session: SessionRef) {
        if self.subject.down.is_none() {
            self.subject.library.expects(session);
        }
    }

    pub(super) fn recycle(&mut self, session: SessionRef) {
        self.each(|library| library.recycle(session));
    }

    /// The end of a step: the counters of this context, and its members now and then.
    pub(super) fn compare(&mut self, context: ContextRef) {
        if self.model.is_none() {
            return;
        }
        let number = self.compare_counters(context);
        if self.steps >= self.next_look || number <= FEW {
            // Each look costs as much as there are members: in the mean, a little a step.
            self.next_look = self.steps + SELDOM.max(2 * number.unsigned_abs());
            self.compare_members(context);
        }
    }

    /// Everything: the counters and members of these contexts.
    pub(super) fn compare_all(&mut self) {
        if self.model.is_some() {
            for context in (0..self.contexts as u8).map(ContextRef) {
                self.compare_counters(context);
                self.compare_members(context);
            }
        }
    }

    /// What has differed first since this was asked last; the model goes on from what it has ruled.
    pub(super) fn parted(&mut self) -> Option<String> {
        self.parted.take()
    }

    pub(super) fn is_parted(&self) -> bool {
        self.parted.is_some()
    }

    /// Whether the model is in step.
    pub(super) fn is_checked(&self) -> bool {
        self.model.is_some()
    }

    /// Goes on without the model.
    pub(super) fn drop_model(&mut self) {
        self.model = None;
    }

    fn compare_counters(&mut self, context: ContextRef) -> i64 {
        let seen = self.counters(context);
        let number = seen[Counter::Number as usize];
        let Some(model) = &mut self.model else { return number };
        let ruled = model.counters(context);
        let differs = |counter: &Counter| ruled[*counter as usize] != seen[*counter as usize];
        if let Some(counter) = Counter::ALL.into_iter().find(differs) {
            let [ruled, seen] = [ruled, seen].map(|all| all[counter as usize]);
            self.part(format!("the counter {} is to be {ruled}, and is {seen}", counter.name()));
        }
        number
    }

    fn compare_members(&mut self, context: ContextRef) {
        let Some(model) = &mut self.model else { return };
        let [seen, ruled] = &mut self.members;
        seen.clear();
        ruled.clear();
        self.subject.call(|library| library.members(context, seen));
        model.members(context, ruled);
        let digest = |members: &[Member]| members.iter().map(member_digest).fold(0, u64::wrapping_add);
        if seen.len() != ruled.len() || digest(seen) != digest(ruled) {
            let (ruled, seen) = (ruled.len(), seen.len());
            self.part(format!("the members: {ruled} are ruled, {seen} are there, and they differ"));
        }
    }

    fn part(&mut self, how: String) {
        self.parted.get_or_insert(how);
    }
}

/// Whether these callbacks are those that are ruled; in free order, those of removals are a set.
fn same_calls(ruled: &[Event], seen: &[Event], free_order: bool) -> bool {
    if ruled == seen || !free_order || ruled.len() != seen.len() {
        return ruled == seen;
    }
    let removed = |event: &Event| if let Event::Remove(context, c) = event { Some((*context, *c)) } else { None };
    let others = |events: &[Event]| events.iter().filter(|event| removed(event).is_none()).copied().collect::<Vec<_>>();
    let set = |events: &[Event]| {
        let mut removals: Vec<_> = events.iter().filter_map(removed).collect();
        removals.sort_unstable();
        removals
    };
    others(ruled) == others(seen) && set(ruled) == set(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removals_are_a_set_where_their_order_is_free_and_everything_else_is_a_list() {
        let context = ContextRef(0);
        let [one, two, three] = [1, 2, 3].map(SessionRef).map(|c| Event::Remove(context, c));
        let new = |n| Event::New(context, SessionRef(n), true);
        assert!(same_calls(&[new(9), one, two], &[new(9), two, one], true));
        assert!(!same_calls(&[new(9), one, two], &[new(9), two, one], false));
        assert!(!same_calls(&[one, two], &[one, three], true));
        assert!(!same_calls(&[one, one, two], &[one, two, two], true));
        assert!(!same_calls(&[one], &[one, two], true));
        assert!(!same_calls(&[new(8), new(9), one], &[new(9), new(8), one], true));
    }
}
