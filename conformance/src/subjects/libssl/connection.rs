//! A connection of a trace: which sessions are proposed, which are made, and what numbers they get.
//!
//! An object that a handshake makes is numbered when it is first seen after the server has begun to finish: in a
//! callback, or at the latest when both ends have finished. One of a handshake that is dropped or fails stays
//! without a number, and nobody hears of its end.

use std::rc::Rc;

use session_model::ConnectionRef;

use super::api::Api;
use super::handles::Session;
use super::handshake::Ends;
use super::subject::Libssl;
use super::world::Finishing;
use crate::driver::{Begin, Offer};
use crate::op::Close;

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
        Finishing {
            server: (self.ends.server, self.begin.server_session),
            client: self.begin.client.map(|_| (self.ends.client, self.begin.client_session)),
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
        let (proposed, twin) = self.proposed(begin.offer);
        self.world.state().next_id = Some(begin.id);
        let ends = Ends::begin(api, server, client, proposed);
        self.world.state().next_id = None;
        if twin {
            proposed.into_iter().for_each(|twin| api.session_free(twin));
        }
        let Some(ends) = ends else { return -1 };
        self.connections.insert(connection, Connection { ends, begin: *begin, finished: false });
        api.ssl_session_reused(ends.server).into()
    }

    /// The session that the client proposes, and whether it is a twin made for this, with a reference of ours.
    fn proposed(&self, offer: Offer) -> (Option<Session>, bool) {
        match offer {
            Offer::Nothing => (None, false),
            Offer::Own(session) => (Some(self.object(session)), false),
            Offer::Peer(id, of) => {
                let secrets = of.and_then(|of| self.secrets.get(&of)).map(|secrets| &**secrets);
                (Some(self.api().peer().twin(self.api(), id, secrets)), true)
            }
        }
    }

    /// As [`crate::driver::Library::accept_finish`] says.
    pub(super) fn finish_connection(&mut self, connection: ConnectionRef) -> i64 {
        let _inside = self.inside();
        let api = self.api();
        let open = self.connections.get_mut(&connection).expect("the driver names open connections");
        self.world.state().finishing = Some(open.finishing());
        open.finished = open.ends.finish(api);
        let (ends, begin, finished) = (open.ends, open.begin, open.finished);
        if !finished {
            self.world.state().finishing = None;
            self.connections.remove(&connection);
            ends.free(api);
            return -1;
        }
        let reused = api.ssl_session_reused(ends.server);
        if reused == 0 {
            self.number_what_was_made(ends, &begin);
        }
        self.world.state().finishing = None;
        reused.into()
    }

    /// Numbers the new sessions of both ends, if no callback has, and keeps what a peer needs to propose them.
    fn number_what_was_made(&mut self, ends: Ends, begin: &Begin) {
        let api = self.api();
        let [server, client] = [ends.server, ends.client].map(|end| api.ssl_session(end));
        if let Some(server) = server {
            self.world.identify(server);
        }
        let Some(client) = client else { return };
        let secrets: Rc<[u8]> = api.session_serialised(client).into();
        self.secrets.insert(begin.server_session, Rc::clone(&secrets));
        if begin.client.is_some() {
            self.world.identify(client);
            self.secrets.insert(begin.client_session, secrets);
        }
    }
}
