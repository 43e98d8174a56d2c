//! How deep and how often callbacks call back in one step, and whom they can name: the same for every subject.

use session_model::SessionRef;

use super::{DEPTH, MOST_CALLS};
use crate::op::Name;

/// What a subject keeps while callbacks call.
#[derive(Default)]
pub struct Bounds {
    depth: u32,
    made: u32,
    names: Vec<Option<SessionRef>>,
}

impl Bounds {
    /// A step begins.
    pub fn begin_step(&mut self) {
        self.made = 0;
    }

    /// A callback begins to call; false: it may not, being [`DEPTH`] deep in callbacks.
    pub fn enter(&mut self) -> bool {
        let may = self.depth < DEPTH;
        self.depth += u32::from(may);
        may
    }

    /// A callback that has entered is done.
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// A call is made; false: it may not, being one more than [`MOST_CALLS`].
    pub fn call(&mut self) -> bool {
        let may = self.made < MOST_CALLS;
        self.made += u32::from(may);
        may
    }

    /// A name of the trace, for calls with it.
    pub fn learn(&mut self, name: Name, session: SessionRef) {
        let slot = name.0 as usize;
        if self.names.len() <= slot {
            self.names.resize(slot + 1, None);
        }
        self.names[slot] = Some(session);
    }

    /// The object of this name; `None`: none was made.
    #[must_use]
    pub fn named(&self, name: Name) -> Option<SessionRef> {
        *self.names.get(name.0 as usize)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_go_no_deeper_and_call_no_more_often_than_the_bounds_say() {
        let mut bounds = Bounds::default();
        assert_eq!((0..=DEPTH).filter(|_| bounds.enter()).count(), DEPTH as usize);
        bounds.leave();
        assert!(bounds.enter() && !bounds.enter());
        assert_eq!((0..=MOST_CALLS).filter(|_| bounds.call()).count(), MOST_CALLS as usize);
        bounds.begin_step();
        assert!(bounds.call());
    }
}
