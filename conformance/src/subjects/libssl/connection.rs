//! A connection of a trace: which sessions are proposed, which are made, and what numbers they get.
//!
//! An object that a handshake makes is numbered when it is first seen after the server has begun to finish: in a
//! callback, or at the latest when both ends have finished. One of a handshake that is dropped or fails stays
//! without a number, and nobody hears of its end.

use std::rc::Rc;

use session_model::{ConnectionRef, Mechanism, Protocol, SessionRef};

use super::api::Api;
use super::handles::Session;
use super::handshake::{Ends, Own};
use super::subject::{Libssl, Secrets};
use super::world::{Finishing, Making};
use crate::driver::{Begin, Offer};
use crate::op::{Close, Renegotiation};

/// An open connection.
pub(super) struct Connection {
    pub(super) ends: Ends,
    pub(super) begin: Begin,
    finished: bool,
}

impl Connection {
    /// Closes it cleanly if it has finished, drops it if not.
    pub(super) fn hang_up(self, api: &Api) {
        if self.finished {
            self.ends.close(api, Close::Clean, self.begin.client.is_some());
        } else {
            self.ends.free(api);
        }
    }

    /// The observed ends, with the number of what each makes.
    fn finishing(&self) -> Finishing {
        let Begin { server_session, client_session, client, .. } = self.begin;
        Finishing {
            server: Making { ssl: self.ends.server, next: server_session },
            client: client.map(|_| Making { ssl: self.ends.client, next: client_session }),
        }
    }
}

impl Libssl {
    /// As [`crate::driver::Library::accept_begin`] says.
    pub(super) fn begin_connection(&mut self, connection: ConnectionRef, begin: &Begin) -> i64 {
        let _inside = self.inside();
        let api = self.api();
        let server = self.context(begin.context);
        let client = begin.client.map_or_else(|| api.peer().context(), |client| self.context(client));
        let (proposed, twin) = self.proposed(begin);
        self.world.state().next_ids = vec![begin.id()];
        self.world.state().opened = begin.mechanism.is_stateless().then_some(begin.opened);
        let switch_to = begin.switch_to.map(|to| self.context(to));
        self.world.state().switch_to = switch_to;
        if switch_to.is_some() {
            api.set_servername_callback(server, true);
        }
        let own = Own { id_context: begin.id_context, names_host: switch_to.is_some() };
        let ends = Ends::begin(api, (server, client), begin.mechanism, own, proposed);
        if switch_to.is_some() {
            api.set_servername_callback(server, false);
        }
        self.world.state().switch_to = None;
        self.world.state().next_ids.clear();
        let opened = self.world.state().opened.take();
        if twin {
            proposed.into_iter().for_each(|twin| api.session_free(twin));
        }
        let Some(ends) = ends else { return -1 };
        self.connections.insert(connection, Connection { ends, begin: *begin, finished: false });
        let reused = api.ssl_session_reused(ends.server);
        let found = if reused == 0 { None } else { api.ssl_session(ends.server) };
        if let (Some(found), Some(opened)) = (found, opened) {
            self.world.number(found, opened);
        }
        reused.into()
    }

    /// The session that the client proposes, and whether it is a twin made for this, with a reference of ours.
    fn proposed(&self, begin: &Begin) -> (Option<Session>, bool) {
        match begin.offer {
            Offer::Nothing => (None, false),
            Offer::Own(session) => (Some(self.object(session)), false),
            Offer::Peer(id, of) => {
                let secrets = of.and_then(|of| self.secrets.get(&of));
                let secrets = secrets.filter(|secrets| secrets.protocol == begin.mechanism.protocol());
                let secrets = secrets.map(|secrets| &*secrets.serialised);
                (Some(self.api().peer().twin(self.api(), id, secrets, begin.mechanism)), true)
            }
        }
    }

    /// As [`crate::driver::Library::accept_finish`] says.
    pub(super) fn finish_connection(&mut self, connection: ConnectionRef) -> i64 {
        let _inside = self.inside();
        let api = self.api();
        let open = self.connections.get_mut(&connection).expect("the driver names open connections");
        self.world.state().finishing = Some(open.finishing());
        let (ends, begin) = (open.ends, open.begin);
        if begin.mechanism.protocol() == Protocol::Tls13 {
            self.world.state().next_ids = begin.ids().into_iter().rev().collect();
        }
        let finished = ends.finish(api);
        if finished {
            self.number_what_was_made(ends, &begin);
        }
        self.world.state().finishing = None;
        self.world.state().next_ids.clear();
        if !finished {
            self.connections.remove(&connection);
            ends.free(api);
            return -1;
        }
        self.connections.get_mut(&connection).expect("it is open").finished = true;
        api.ssl_session_reused(ends.server).into()
    }

    /// As [`crate::driver::Library::renegotiate`] says.
    pub(super) fn renegotiate_connection(
        &mut self,
        connection: ConnectionRef,
        kind: Renegotiation,
        begin: &Begin,
    ) -> i64 {
        let _inside = self.inside();
        let api = self.api();
        let open = self.connections.get_mut(&connection).expect("the driver names open connections");
        open.begin = *begin;
        let ends = open.ends;
        self.world.state().finishing = Some(open.finishing());
        self.world.state().next_ids = vec![begin.id()];
        self.world.state().opened = begin.mechanism.is_stateless().then_some(begin.opened);
        let finished = ends.renegotiate(api, kind);
        if finished {
            self.number_what_was_made(ends, begin);
        }
        self.world.state().opened = None;
        self.world.state().finishing = None;
        self.world.state().next_ids.clear();
        if !finished {
            self.connections.remove(&connection);
            ends.free(api);
            return -1;
        }
        let reused = api.ssl_session_reused(ends.server);
        if let Some(found) = api.ssl_session(ends.server).filter(|_| reused != 0 && begin.mechanism.is_stateless()) {
            self.world.number(found, begin.opened);
        }
        reused.into()
    }

    /// Numbers the new sessions of both ends, if no callback has, and keeps what a peer needs to propose them.
    fn number_what_was_made(&mut self, ends: Ends, begin: &Begin) {
        let api = self.api();
        if begin.mechanism.protocol() == Protocol::Tls13 {
            return self.take_tickets(ends, begin);
        }
        if api.ssl_session_reused(ends.server) != 0 {
            return;
        }
        let [server, client] = [ends.server, ends.client].map(|end| api.ssl_session(end));
        // With a ticket the session is the client's: what the server has of it is without an id, and goes unseen.
        if let Some(server) = server.filter(|_| begin.mechanism == Mechanism::Ids) {
            self.world.identify(server);
        }
        let Some(client) = client else { return };
        if begin.client.is_some() {
            self.world.identify(client);
        }
        self.keep_secrets(client, begin, 0);
    }

    /// The client takes the tickets one by one: each stands for a session of its own.
    fn take_tickets(&mut self, ends: Ends, begin: &Begin) {
        let api = self.api();
        let mut before = api.ssl_session(ends.client);
        // One more than there can be: whatever the server has sent is taken.
        for n in 0..=Mechanism::TICKETS as u32 {
            ends.take_a_ticket(api);
            let now = api.ssl_session(ends.client);
            if now == before {
                return;
            }
            before = now;
            if let Some(session) = now {
                if begin.client.is_some() {
                    self.world.identify(session);
                }
                self.keep_secrets(session, begin, n);
            }
        }
    }

    /// What a peer needs to propose a session: all of it, as its client has it.
    fn keep_secrets(&mut self, client: Session, begin: &Begin, n: u32) {
        let (protocol, id) = (begin.mechanism.protocol(), begin.ids()[n as usize % Mechanism::TICKETS]);
        let serialised: Rc<[u8]> = self.api().session_serialised(client).into();
        for first in [begin.server_session, begin.client_session] {
            let serialised = Rc::clone(&serialised);
            self.secrets.insert(SessionRef(first.0 + n), Secrets { protocol, id, serialised });
        }
        self.made_as.insert(id, SessionRef(begin.server_session.0 + n));
    }
}
