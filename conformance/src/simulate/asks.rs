//! What is asked of the caches of a run, numbered, so that it is known in which ask a process ended. Made again, the run
//! stops short of it: the cache is said to go down there, and is not asked.
//!
//! Each event has a number, for what is read of a cache then, and so has each call that changes one. Not here: who keeps
//! the number, since the process cannot; and how a cache that goes down is caught ([`super::pair`]).

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::rc::Rc;

use super::pair::WentDown;

/// In which ask of a run a cache takes its process down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fall {
    /// Which, counted from 0.
    pub ask: u64,
    /// How, in words.
    pub how: String,
}

/// The asks of all caches of a run.
#[derive(Clone)]
pub struct Asks(Rc<RefCell<Counted>>);

struct Counted {
    next: u64,
    before: Box<dyn FnMut(u64)>,
    fall: Option<Fall>,
}

impl Asks {
    /// None yet. `before` is told the number of each before it is made; those from `fall` on are not made.
    #[must_use]
    pub fn new(before: Box<dyn FnMut(u64)>, fall: Option<Fall>) -> Self {
        Self(Rc::new(RefCell::new(Counted { next: 0, before, fall })))
    }

    /// Whether a cache is known to go down in one of them.
    pub(super) fn are_to_fall(&self) -> bool {
        self.0.borrow().fall.is_some()
    }

    /// The next one is about to be made. Where it is the one in which the cache goes down, this panics as a call of a cache
    /// that is down does.
    pub(super) fn next(&self) {
        let mut counted = self.0.borrow_mut();
        let number = counted.next;
        counted.next += 1;
        (counted.before)(number);
        let falls = counted.fall.as_ref().filter(|fall| fall.ask == number);
        if let Some(down) = falls.map(|fall| WentDown(fall.how.clone())) {
            drop(counted);
            resume_unwind(Box::new(down));
        }
    }
}
