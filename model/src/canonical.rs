//! The canonical form of a world: what is left of it when objects, connections and ids are numbered anew in an order
//! that no number and no byte decides, times are counted from now, and what no rule reads is gone.
//!
//! Two worlds with equal canonical forms behave alike on every op, up to those numbers, ids and times. Each function
//! takes its type apart field by field, so that a field which is added does not compile until it is decided here what
//! becomes of it. Not here: what the form is good for. It is no world to go on from: its clock is where no clock is.

use std::collections::BTreeMap;

use crate::application::Application;
use crate::points;
use crate::reading::Victim;
use crate::session::{ConnectionRef, ContextRef, SessionId, SessionRef};
use crate::time::{Time, Timeout};
use crate::world::{Connection, Content, Context, Served, Session, Side, Ticket, World};

/// From where a world is looked at: what can be named from outside, in the order of the names, and how far ahead.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    /// The sessions that can be named.
    pub sessions: &'v [SessionRef],
    /// The connections that can be named.
    pub connections: &'v [ConnectionRef],
    /// The ids that can be named other than by a session.
    pub ids: &'v [SessionId],
    /// How many connections, or sessions where those are counted, may still be counted towards an automatic flush.
    /// Counts that cannot come to one within so many are the same.
    pub counted: u64,
    /// The length of the longest script of a callback that may still be set. Counts of calls beyond it are the same.
    pub scripted: u32,
}

/// Which numbers and ids became which: those that the world has, and any that are asked for later.
#[derive(Clone, Debug, Default)]
pub struct Renaming {
    sessions: Vec<SessionRef>,
    connections: Vec<ConnectionRef>,
    ids: Vec<(SessionId, SessionId)>,
}

impl Renaming {
    /// The number of a session. One that has none gets the next.
    pub fn session(&mut self, c: SessionRef) -> SessionRef {
        SessionRef(number_of(&mut self.sessions, c))
    }

    /// The number of a connection. One that has none gets the next.
    pub fn connection(&mut self, k: ConnectionRef) -> ConnectionRef {
        ConnectionRef(number_of(&mut self.connections, k))
    }

    /// What stands for an id: one of the same length. One that has none gets the next.
    ///
    /// # Panics
    ///
    /// When there are more ids of one byte than bytes.
    pub fn id(&mut self, id: SessionId) -> SessionId {
        if let Some((_, new)) = self.ids.iter().find(|(old, _)| *old == id) {
            return *new;
        }
        let length = id.as_bytes().len();
        let before = self.ids.iter().filter(|(other, _)| other.as_bytes().len() == length).count() as u64;
        let (mut bytes, number) = ([0; SessionId::MAX], before.to_be_bytes());
        let low = length.min(number.len());
        let (high, low_bytes) = number.split_at(number.len() - low);
        assert!(high.iter().all(|byte| *byte == 0), "ids of one length have different numbers");
        bytes[length - low..length].copy_from_slice(low_bytes);
        let new = SessionId::new(&bytes[..length]).expect("as long as the id that it stands for");
        self.ids.push((id, new));
        new
    }
}

fn number_of<T: PartialEq>(known: &mut Vec<T>, one: T) -> u32 {
    let at = known.iter().position(|other| *other == one).unwrap_or_else(|| {
        known.push(one);
        known.len() - 1
    });
    u32::try_from(at).expect("fewer than 2^32 numbers are given out")
}

/// Times are counted from now only while all of them are so far from 0 and from the end of what an application can
/// set: near to these, absolute times matter to some rules, and so they stay.
const PLAIN_TIMES: std::ops::RangeInclusive<i128> = 100_000..=1_000_000_000;

impl World {
    /// The canonical form, and what became of its numbers and ids.
    ///
    /// The order of the numbers is: what the view names; then, context by context, the members of the internal cache in
    /// the order of their places, what the application holds and the connections; then what is left by number.
    /// A session is taken to be in at most one internal cache, and no clause of the profile to be broken on purpose.
    #[must_use]
    pub fn canonical(&self, view: &View<'_>) -> (Self, Renaming) {
        let Self {
            profile,
            clock,
            sessions,
            contexts,
            left_behind,
            connections,
            next_place: _,
            frozen,
            linked,
            damaged,
        } = self;
        let mut form = Form { world: self, view, now: self.now_of_form(), renaming: self.numbered(view) };
        let placed = self.places();
        let mut canonical = Self {
            profile: *profile,
            clock: form.time(*clock),
            sessions: Vec::new(),
            contexts: contexts.iter().map(|context| Some(form.context(context.as_ref()?))).collect(),
            left_behind: left_behind.iter().map(|(ctx, application)| (*ctx, form.application(application))).collect(),
            connections: connections
                .iter()
                .map(|(k, connection)| (form.renaming.connection(*k), Box::new(form.connection(connection))))
                .collect(),
            // The next one is higher than all there are, and that is all it is for.
            next_place: 0,
            frozen: frozen
                .iter()
                .filter(|(ctx, _)| contexts[usize::from(ctx.0)].is_some())
                .map(|(ctx, list)| (*ctx, form.frozen(*ctx, list)))
                .collect(),
            linked: linked.iter().map(|(ctx, c)| (*ctx, form.renaming.session(*c))).collect(),
            damaged: *damaged,
        };
        for (slot, c) in form.renaming.sessions.clone().into_iter().enumerate() {
            let Some(session) = sessions.get(c.0 as usize).and_then(Option::as_ref) else { continue };
            let mut session = form.session(session);
            (session.place, session.added) = placed.get(&c).copied().unwrap_or_default();
            canonical.sessions.resize(slot, None);
            canonical.sessions.push(Some(session));
        }
        (canonical, form.renaming)
    }

    /// The time that is 0 in the form: a second after now, so that the clock of a form whose times are counted from now
    /// is at −1, where no clock is; or the Epoch.
    fn now_of_form(&self) -> Time {
        let sides = self.connections.values().flat_map(|k| std::iter::once(&k.server).chain(&k.client));
        let mut sessions = self.sessions.iter().flatten().chain(sides.map(|side| &side.new.1));
        let plain = PLAIN_TIMES.contains(&self.clock.0) && sessions.all(has_plain_times);
        if plain { self.clock + Timeout(1) } else { Time(0) }
    }

    /// The members of each internal cache, by the order in which they leave it: its place in that, and in the order in
    /// which they were added, where that is read. The places of what is in no cache are not read before it enters one,
    /// which gives it a new place.
    fn places(&self) -> BTreeMap<SessionRef, (u64, u64)> {
        let mut places = BTreeMap::new();
        for (n, _) in self.contexts.iter().enumerate().filter(|(_, context)| context.is_some()) {
            let ctx = ContextRef(u8::try_from(n).expect("at most 8 contexts"));
            for (place, c) in (1..).zip(self.members_by(ctx, |session| session.place)) {
                places.insert(c, (place, 0));
            }
            if self.profile.readings.victim == Victim::FirstAdded {
                for (added, c) in (1..).zip(self.members_by(ctx, |session| session.added)) {
                    places.entry(c).or_default().1 = added;
                }
            }
        }
        places
    }

    fn members_by(&self, ctx: ContextRef, key: impl Fn(&Session) -> u64) -> Vec<SessionRef> {
        let mut members: Vec<_> = self.members(ctx).collect();
        members.sort_by_key(|c| key(self.session(*c)));
        members
    }

    /// Numbers in an order that neither the old numbers nor the ids decide, as far as possible.
    fn numbered(&self, view: &View<'_>) -> Renaming {
        let mut renaming = Renaming::default();
        for id in view.ids {
            renaming.id(*id);
        }
        for k in view.connections.iter().chain(self.connections.keys()) {
            renaming.connection(*k);
        }
        let mut all = view.sessions.to_vec();
        for (ctx, context) in (0..).map(ContextRef).zip(&self.contexts) {
            let Some(context) = context else { continue };
            all.extend(self.members_by(ctx, |session| session.place));
            all.extend(context.application.holds());
        }
        all.extend(self.left_behind.values().flat_map(Application::holds));
        let lives = (0..).map(SessionRef).zip(&self.sessions).filter(|(_, session)| session.is_some());
        all.extend(lives.map(|(c, _)| c));
        for c in all {
            renaming.session(c);
        }
        // The ids follow their sessions.
        for c in renaming.sessions.clone() {
            if let Some(id) = self.sessions.get(c.0 as usize).and_then(|session| session.as_ref()?.id) {
                renaming.id(id);
            }
        }
        renaming
    }
}

/// Of the session itself, and of its state in its ticket.
fn has_plain_times(session: &Session) -> bool {
    let state = match session.ticket.as_ref().map(|ticket| &ticket.content) {
        Some(Content::State(_, state)) => Some(state),
        _ => None,
    };
    PLAIN_TIMES.contains(&session.time.0) && state.is_none_or(|state| has_plain_times(state))
}

/// A form that is being made.
struct Form<'w> {
    world: &'w World,
    view: &'w View<'w>,
    /// The time that is 0 in it.
    now: Time,
    renaming: Renaming,
}

impl Form<'_> {
    fn time(&self, time: Time) -> Time {
        Time(time.0 - self.now.0)
    }

    /// Without its places: they are its cache's matter.
    fn session(&mut self, session: &Session) -> Session {
        let Session {
            id,
            protocol,
            time,
            timeout,
            id_context,
            resumable,
            references,
            place: _,
            added: _,
            ticket,
            claims,
        } = session;
        Session {
            id: id.map(|id| self.renaming.id(id)),
            protocol: *protocol,
            time: self.time(*time),
            timeout: *timeout,
            id_context: *id_context,
            resumable: *resumable,
            references: *references,
            place: 0,
            added: 0,
            ticket: ticket.as_ref().map(|ticket| Box::new(self.ticket(ticket))),
            claims: *claims,
        }
    }

    fn ticket(&mut self, ticket: &Ticket) -> Ticket {
        let Ticket { lifetime, received, content } = ticket;
        Ticket { lifetime: *lifetime, received: *received, content: self.content(content) }
    }

    fn content(&mut self, content: &Content) -> Content {
        match content {
            Content::Id(id) => Content::Id(self.renaming.id(*id)),
            Content::State(ctx, session) => Content::State(*ctx, Box::new(self.session(session))),
        }
    }

    fn context(&mut self, context: &Context) -> Context {
        let Context {
            mode,
            size,
            timeout,
            id_context,
            verify_peer,
            application,
            internal_cache,
            counters: _,
            towards_flush,
            flush_goes_on,
        } = context;
        Context {
            mode: *mode,
            size: *size,
            timeout: *timeout,
            id_context: *id_context,
            verify_peer: *verify_peer,
            application: self.application(application),
            internal_cache: internal_cache
                .renamed(|(id, protocol), c| ((self.renaming.id(id), protocol), self.renaming.session(c))),
            // They are shown and never read.
            counters: [0; 12],
            towards_flush: towards_flush.map(|counted| self.towards_flush(counted)),
            flush_goes_on: *flush_goes_on,
        }
    }

    /// Rules read where a count is in its period, and tell 0 from a whole period. What is further from the end of it
    /// than anybody looks is all the same.
    fn towards_flush(&self, counted: u64) -> u64 {
        let period = points::auto_flush_period(&self.world.profile, 255);
        let due_in = match counted % period {
            0 if counted > 0 => 0,
            within => period - 1 - within,
        };
        if due_in > self.view.counted { 0 } else { counted.checked_sub(1).map_or(0, |before| 1 + before % period) }
    }

    fn application(&mut self, application: &Application) -> Application {
        let renaming = std::cell::RefCell::new(&mut self.renaming);
        application.renamed(|c| renaming.borrow_mut().session(c), |id| renaming.borrow_mut().id(id), self.view.scripted)
    }

    fn connection(&mut self, connection: &Connection) -> Connection {
        let Connection { server, client, served, resumed, mechanism, ids, renegotiated, offered } = connection;
        Connection {
            server: self.side(server),
            client: client.as_ref().map(|client| self.side(client)),
            served: self.served(served),
            resumed: *resumed,
            mechanism: *mechanism,
            ids: ids.map(|ids| ids.map(|id| self.renaming.id(id))),
            renegotiated: *renegotiated,
            offered: offered.as_ref().map(|offered| self.content(offered)),
        }
    }

    fn side(&mut self, side: &Side) -> Side {
        let Side { context, counted_by, flushes, verify_peer, session, new: (first, new) } = side;
        Side {
            context: *context,
            counted_by: *counted_by,
            flushes: *flushes,
            verify_peer: *verify_peer,
            session: session.map(|c| self.renaming.session(c)),
            new: (self.renaming.session(*first), self.session(new)),
        }
    }

    fn served(&self, served: &Served) -> Served {
        // Contexts are told apart by their places, and an id context is not renamed.
        *served
    }

    /// What has left the cache is in its order no more.
    fn frozen(&mut self, ctx: ContextRef, list: &[SessionRef]) -> Vec<SessionRef> {
        let members: Vec<_> = self.world.members(ctx).collect();
        let listed = list.iter().filter(|c| members.contains(c));
        listed.map(|c| self.renaming.session(*c)).collect()
    }
}

#[cfg(test)]
mod tests;
