//! Both ends of a connection in memory, in one thread.
//!
//! The order in which the ends go on is that of TLS: the client speaks first, and whoever sends the last flight
//! finishes last.

use session_model::{IdContext, Mechanism, Protocol};

use super::api::Api;
use super::connections::Progress;
use super::handles::{Context, Session, Ssl};
use crate::op::{Close, Renegotiation};

/// The two ends of a connection. They do not free themselves: how they end is part of a trace.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) server: Ssl,
    pub(super) client: Ssl,
}

/// What a connection is set to for itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Own {
    /// The server's session id context, if it is not its context's.
    pub(super) id_context: Option<IdContext>,
    /// Whether the client says which host it means.
    pub(super) names_host: bool,
}

/// More flights than any handshake has.
const FLIGHTS: usize = 8;

impl Ends {
    /// The client has proposed, the server has answered; `None`: it has failed and is gone.
    pub(super) fn begin(
        api: &Api,
        (server, client): (Context, Context),
        mechanism: Mechanism,
        own: Own,
        proposed: Option<Session>,
    ) -> Option<Self> {
        let (server, client) = api.pair(server, client)?;
        let ends = Self { server, client };
        ends.set(api, mechanism);
        if let Some(id_context) = own.id_context {
            api.ssl_set_session_id_context(server, id_context);
        }
        if own.names_host {
            api.ssl_name_host(client);
        }
        let begun = proposed.is_none_or(|session| api.ssl_set_session(client, session))
            && api.ssl_advance(client) == Progress::Waits
            && api.ssl_advance(server) == Progress::Waits;
        if !begun {
            ends.free(api);
            return None;
        }
        Some(ends)
    }

    /// Sets both ends for a mechanism other than that of their contexts.
    fn set(self, api: &Api, mechanism: Mechanism) {
        if mechanism == Mechanism::Ids {
            return;
        }
        for end in [self.server, self.client] {
            if mechanism.is_stateless() {
                api.ssl_allow_stateless_tickets(end);
            }
            if mechanism.protocol() == Protocol::Tls13 {
                api.ssl_set_protocol(end, Protocol::Tls13);
                api.ssl_forget_psk(end);
            }
        }
        if mechanism.protocol() == Protocol::Tls13 {
            api.ssl_set_num_tickets(self.server, mechanism.tickets());
            api.ssl_read_one_at_a_time(self.client);
        }
    }

    /// Has the client take what has arrived since the handshake: one ticket, if there is one.
    pub(super) fn take_a_ticket(self, api: &Api) {
        api.ssl_read_nothing(self.client);
    }

    /// Goes on until both ends have finished; false: it has failed, and [`Self::free`] is what is left to do.
    ///
    /// An end that fails ends the handshake: the other one is not told.
    pub(super) fn finish(&self, api: &Api) -> bool {
        let mut sides = [(self.client, Progress::Waits), (self.server, Progress::Waits)];
        for _ in 0..FLIGHTS {
            for (end, progress) in &mut sides {
                if *progress == Progress::Waits {
                    *progress = api.ssl_advance(*end);
                }
                if *progress == Progress::Failed {
                    return false;
                }
            }
            if sides.iter().all(|(_, progress)| *progress == Progress::Finished) {
                return true;
            }
        }
        false
    }

    /// Another handshake on a finished connection; false: it has failed, both ends know it, and [`Self::free`] is what
    /// is left to do.
    pub(super) fn renegotiate(self, api: &Api, kind: Renegotiation) -> bool {
        api.ssl_allow_client_renegotiation(self.server);
        let asks = if kind == Renegotiation::Requested { self.server } else { self.client };
        if !api.ssl_renegotiate(asks, kind == Renegotiation::Abbreviated) || api.ssl_advance(asks) == Progress::Failed {
            return false;
        }
        let other = if kind == Renegotiation::Requested { self.client } else { self.server };
        for _ in 0..FLIGHTS {
            for (end, peer) in [(other, asks), (asks, other)] {
                if !api.ssl_read_nothing(end) {
                    // The alert.
                    api.ssl_read_nothing(peer);
                    return false;
                }
            }
            if ![self.server, self.client].into_iter().any(|end| api.ssl_is_negotiating(end)) {
                return true;
            }
        }
        false
    }

    /// Closes a finished connection: the server's end first. A client that is not observed always closes cleanly.
    pub(super) fn close(self, api: &Api, close: Close, client_observed: bool) {
        if close == Close::Clean {
            api.ssl_shut_down(self.server);
        }
        api.ssl_free(self.server);
        if close == Close::Clean || !client_observed {
            api.ssl_shut_down(self.client);
        }
        api.ssl_free(self.client);
    }

    /// Frees both ends as they are, the server's first.
    pub(super) fn free(self, api: &Api) {
        api.ssl_free(self.server);
        api.ssl_free(self.client);
    }
}
