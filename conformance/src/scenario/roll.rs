//! The roll of names: which index a name has, and whether it may be used where it stands.

use std::collections::HashMap;

use session_model::ContextRef;

/// The names of one kind, in order.
#[derive(Default)]
pub(super) struct Roll {
    names: Vec<Called>,
    by_name: HashMap<String, usize>,
    /// The file lists its names: no name may be added, and each may be used anywhere.
    listed: bool,
}

struct Called {
    name: String,
    /// The pointer to where it is made; `None`: not so far.
    made: Option<String>,
    /// The only context that it may be used in, when that is known.
    context: Option<ContextRef>,
}

/// Why a name cannot be made.
pub(super) enum Unmakeable {
    /// It was made at this pointer.
    MadeBefore(String),
    /// The file lists its names, and not this one.
    NotListed,
}

impl Roll {
    /// The roll that a file lists itself. Of a name that stands there twice the first place counts.
    pub(super) fn listed(names: &[String]) -> Self {
        let mut roll = Self { listed: true, ..Self::default() };
        for name in names {
            roll.push(name);
        }
        roll
    }

    /// Whether the file lists its names.
    pub(super) fn is_listed(&self) -> bool {
        self.listed
    }

    /// The names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|called| called.name.as_str())
    }

    /// The index of a name that may be used here.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let index = *self.by_name.get(name)?;
        (self.listed || self.names[index].made.is_some()).then(|| number(index))
    }

    /// The only context that the name may be used in, when that is known.
    pub(super) fn context(&self, index: u32) -> Option<ContextRef> {
        self.names.get(index as usize)?.context
    }

    /// Where the name is made.
    pub(super) fn made_at(&self, name: &str) -> Option<&str> {
        self.names[*self.by_name.get(name)?].made.as_deref()
    }

    /// Makes a name, at this pointer and of this context. `again`: a name that was made before is made once more (a
    /// handshake that resumes makes none).
    pub(super) fn make(
        &mut self,
        name: &str,
        pointer: &str,
        context: Option<ContextRef>,
        again: bool,
    ) -> Result<u32, Unmakeable> {
        let index = match self.by_name.get(name) {
            Some(index) => *index,
            None if self.listed => return Err(Unmakeable::NotListed),
            None => self.push(name),
        };
        let called = &mut self.names[index];
        match &called.made {
            Some(made) if !again && !self.listed => {
                return Err(Unmakeable::MadeBefore(made.clone()));
            }
            Some(_) if called.context != context => called.context = None,
            Some(_) => {}
            None => (called.made, called.context) = (Some(pointer.to_owned()), context),
        }
        Ok(number(index))
    }

    fn push(&mut self, name: &str) -> usize {
        let next = self.names.len();
        let index = *self.by_name.entry(name.to_owned()).or_insert(next);
        if index == next {
            self.names.push(Called { name: name.to_owned(), made: None, context: None });
        }
        index
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a file under the size limit has fewer than 2^32 names")
}

/// Whether people may call a session, context or connection so.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && name.len() <= 64
        && name != "none"
}
