//! What a subject showed: one observation a step, in flat buffers that the caller owns and reuses.

pub use session_model::Counter;
use session_model::{ContextRef, SessionRef};

/// What a call answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// This value.
    Returns(i64),
    /// The call returns nothing.
    Nothing,
    /// The op was on something that was never made or is gone: it was not carried out.
    Absent,
}

/// A callback that was called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// `new_session_cb` with this session; whether it kept the reference.
    New(ContextRef, SessionRef, bool),
    /// `get_session_cb` with an id (its [`id_digest`]); the session that it answered.
    Get(ContextRef, u32, Option<SessionRef>),
    /// `remove_session_cb` with this session.
    Remove(ContextRef, SessionRef),
}

/// A session of an internal cache, or an object that the trace names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Member {
    /// The context in whose internal cache it is; `None`: shown as an object that the trace names.
    pub context: Option<ContextRef>,
    /// The object.
    pub session: SessionRef,
    /// Its time, in seconds since the Epoch.
    pub time: i64,
    /// Its timeout, in seconds.
    pub timeout: i64,
    /// Whether `SSL_SESSION_is_resumable()` says so.
    pub resumable: bool,
}

/// The values of the counters of one context, by [`Counter`].
pub type Counters = [i64; 12];

/// A counter that changed in a step, with its new value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CounterChange {
    /// The context.
    pub context: ContextRef,
    /// The counter.
    pub counter: Counter,
    /// What it is after the step.
    pub value: i64,
}

/// One step. The ends are those of this step's part of the transcript's flat buffers; each part begins where that of
/// the step before ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Observation {
    /// What the call answered.
    pub answer: Answer,
    /// Digest of the members ([`member_digest`] summed), taken when [`wants_digest`] says so.
    pub digest: Option<u64>,
    /// Whether this step's part of `members` was taken; an empty part then says that there are none.
    pub probed: bool,
    /// End in [`Transcript::events`].
    pub events: u32,
    /// End in [`Transcript::destroyed`].
    pub destroyed: u32,
    /// End in [`Transcript::counters`].
    pub counters: u32,
    /// End in [`Transcript::members`].
    pub members: u32,
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Ending {
    /// Every step was carried out.
    #[default]
    Completed,
    /// The step after the last observation ended the subject: a signal or a panic, in words.
    Crashed(String),
    /// The step after the last observation did not end in time.
    Hung,
    /// The step after the last observation took more memory than there is for it, or the whole trace leaks: in words.
    Grew(String),
    /// In the step after the last observation the subject said what is no answer: in words.
    Broke(String),
    /// The step after the last observation is one that the subject cannot do: why.
    Refused(String),
}

/// What a subject showed of one trace.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Transcript {
    /// One a step, in the order of [`crate::trace::Trace::executed`].
    pub steps: Vec<Observation>,
    /// Callbacks, in the order in which they were called.
    pub events: Vec<Event>,
    /// Objects that were destroyed, within a step in ascending order.
    pub destroyed: Vec<SessionRef>,
    /// Counters that changed, within a step by context and counter.
    pub counters: Vec<CounterChange>,
    /// Members, within a step in ascending order: in full when the step is probed (then followed by the objects that
    /// the trace names); only those of the contexts whose `cache_full` changed, when not.
    pub members: Vec<Member>,
    /// How it ended.
    pub ending: Ending,
}

/// One step of a transcript, with its parts of the buffers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields of Observation, resolved")]
pub struct Seen<'t> {
    pub answer: Answer,
    pub digest: Option<u64>,
    pub probed: bool,
    pub events: &'t [Event],
    pub destroyed: &'t [SessionRef],
    pub counters: &'t [CounterChange],
    pub members: &'t [Member],
}

impl Transcript {
    /// Empties it, keeping the buffers.
    pub fn clear(&mut self) {
        self.steps.clear();
        self.events.clear();
        self.destroyed.clear();
        self.counters.clear();
        self.members.clear();
        self.ending = Ending::Completed;
    }

    /// Ends a step: what was pushed to the buffers since the last one belongs to it.
    ///
    /// # Panics
    ///
    /// When a buffer has 2^32 entries.
    pub fn end_step(&mut self, answer: Answer, digest: Option<u64>, probed: bool) {
        let end = |len: usize| u32::try_from(len).expect("a transcript has fewer than 2^32 entries");
        self.steps.push(Observation {
            answer,
            digest,
            probed,
            events: end(self.events.len()),
            destroyed: end(self.destroyed.len()),
            counters: end(self.counters.len()),
            members: end(self.members.len()),
        });
    }

    /// The step at this index, counted from 0.
    #[must_use]
    pub fn step(&self, index: usize) -> Option<Seen<'_>> {
        let this = self.steps.get(index)?;
        let zero = Observation {
            answer: Answer::Nothing,
            digest: None,
            probed: false,
            events: 0,
            destroyed: 0,
            counters: 0,
            members: 0,
        };
        let before = if index == 0 { &zero } else { &self.steps[index - 1] };
        Some(Seen {
            answer: this.answer,
            digest: this.digest,
            probed: this.probed,
            events: &self.events[before.events as usize..this.events as usize],
            destroyed: &self.destroyed[before.destroyed as usize..this.destroyed as usize],
            counters: &self.counters[before.counters as usize..this.counters as usize],
            members: &self.members[before.members as usize..this.members as usize],
        })
    }
}

/// Whether the members' digest is taken after this step: always while the caches are small, else now and then, so
/// that a long trace is not one long walk. A function of what both sides show, so that both take it or neither.
#[must_use]
pub fn wants_digest(step: usize, members: i64) -> bool {
    members <= 12 || step.is_multiple_of(64)
}

/// The part of one member in a digest; a digest is their wrapping sum, so that order does not matter.
#[must_use]
pub fn member_digest(member: &Member) -> u64 {
    let context = member.context.map_or(0xff, |c| u64::from(c.0));
    let mut hash = mix(u64::from(member.session.0) | context << 32 | u64::from(member.resumable) << 40);
    hash = mix(hash ^ member.time as u64);
    mix(hash ^ member.timeout as u64)
}

/// The id that a get callback was given, in 32 bits.
#[must_use]
pub fn id_digest(id: &[u8]) -> u32 {
    let mut hash = id.len() as u64;
    for chunk in id.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(word));
    }
    (hash >> 32) as u32
}

fn mix(word: u64) -> u64 {
    // The finaliser of splitmix64: a bijection whose output bits each depend on every input bit.
    let word = (word ^ (word >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
