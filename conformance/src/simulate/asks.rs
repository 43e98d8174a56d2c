//! What is asked of the caches of a run, numbered, so that it is known in which ask a process ended. Made again, the run
//! stops short of it: the cache is said to go down there, and is not asked.
//!
//! Each event has a number, and so has each call in it that changes a cache, with what is read for it: what is made ready
//! for a handshake, be it more than one call, has one. A look at how a server stands is no event, and has a number of
//! another row: whoever makes a run again need not look as often. Not here: who keeps the number, since the process
//! cannot; and how a cache that goes down is caught (`pair`).

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::rc::Rc;

use super::pair::WentDown;

/// In which ask of a run a cache takes its process down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fall {
    /// Which, counted from 0; looks are counted from 2^63.
    pub ask: u64,
    /// How, in words.
    pub how: String,
}

/// The first look.
const LOOKS: u64 = 1 << 63;

impl Fall {
    /// Whether it goes down as somebody looks at how it stands.
    pub(super) fn is_in_a_look(&self) -> bool {
        self.ask >= LOOKS
    }
}

/// The asks of all caches of a run.
#[derive(Clone)]
pub struct Asks(Rc<RefCell<Counted>>);

struct Counted {
    next: u64,
    next_look: u64,
    before: Box<dyn FnMut(u64)>,
    fall: Option<Fall>,
}

impl Asks {
    /// None yet. `before` is told the number of each before it is made; that of `fall` is not made, and nothing is asked of
    /// its cache behind it.
    #[must_use]
    pub fn new(before: Box<dyn FnMut(u64)>, fall: Option<Fall>) -> Self {
        Self(Rc::new(RefCell::new(Counted { next: 0, next_look: LOOKS, before, fall })))
    }

    /// Where a cache is known to go down.
    pub(super) fn fall(&self) -> Option<Fall> {
        self.0.borrow().fall.clone()
    }

    /// The next one is about to be made. Where it is the one in which the cache goes down, this panics as a call of a cache
    /// that is down does.
    pub(super) fn next(&self) {
        self.count(|counted| &mut counted.next);
    }

    /// The same of a look.
    pub(super) fn next_look(&self) {
        self.count(|counted| &mut counted.next_look);
    }

    fn count(&self, of: impl Fn(&mut Counted) -> &mut u64) {
        let mut counted = self.0.borrow_mut();
        let next = of(&mut counted);
        let number = *next;
        *next += 1;
        (counted.before)(number);
        let falls = counted.fall.as_ref().filter(|fall| fall.ask == number);
        if let Some(down) = falls.map(|fall| WentDown(fall.how.clone())) {
            drop(counted);
            resume_unwind(Box::new(down));
        }
    }
}
