//! How handshakes are begun: contexts, what is proposed, and the names that are given.

use session_model::{ContextRef, Mechanism};

use super::document::{ProtocolWord, TicketsWord};
use super::lower::Lowering;
use super::places::child;
use super::read::Reader;
use super::scalars::Count;
use super::shapes::{Brief, GivenNames, GivenSide};
use super::verb::ProposedId;
use crate::op::{Accept, Makes, Propose, made};

impl Reader {
    /// How the two ends are set.
    pub(crate) fn mechanism(
        &mut self,
        protocol: Option<ProtocolWord>,
        tickets: Option<TicketsWord>,
        number: Option<Count>,
        at: &str,
    ) -> Option<Mechanism> {
        let protocol_at = child(at, "protocol");
        if let Some(Count(number)) = number
            && (number as usize > Mechanism::TICKETS || !matches!(protocol, Some(ProtocolWord::Tls13)))
        {
            self.at_value(&child(at, "num_tickets"), "a server of TLSv1.3 sends 0 to 4 tickets, and no other does");
            return None;
        }
        let number = number.map_or(2, |Count(number)| number as u8);
        match (protocol, tickets) {
            (Some(ProtocolWord::Tls11), _) => {
                self.at_value(&protocol_at, "handshakes are of TLSv1.2 or TLSv1.3");
                None
            }
            (Some(ProtocolWord::Tls13), None) => {
                let message = "TLSv1.3 resumes with tickets: say `tickets: stateful` or `tickets: stateless`";
                self.at_value(&protocol_at, message);
                None
            }
            (Some(ProtocolWord::Tls13), Some(TicketsWord::Stateful)) => Some(Mechanism::Stateful(number)),
            (Some(ProtocolWord::Tls13), Some(TicketsWord::Stateless)) => Some(Mechanism::Stateless(number)),
            (_, None) => Some(Mechanism::Ids),
            (_, Some(TicketsWord::Stateless)) => Some(Mechanism::Tickets),
            (_, Some(TicketsWord::Stateful)) => {
                self.at_value(&child(at, "tickets"), "TLSv1.2 has stateless tickets or session ids");
                None
            }
        }
    }
}

impl Lowering<'_> {
    pub(super) fn accept(
        &mut self,
        context: Option<String>,
        client: Option<String>,
        mechanism: Option<Mechanism>,
        propose: Option<Brief<String, ProposedId>>,
        given: Option<GivenNames>,
        at: &str,
    ) -> Option<Accept> {
        let context = self.context(context.as_deref(), at);
        let client = client.map(|client| self.known_context(&client, &child(at, "client")));
        let has_client = client.is_some();
        if has_client && client.flatten() == context && context.is_some() {
            self.never_carried_out(&child(at, "client"), "a context cannot be the client of its own server");
        }
        let propose_at = child(at, "propose");
        let propose = match propose {
            None => Some(Propose::Nothing),
            Some(Brief::Short(name)) => {
                let name = self.session(&name, &propose_at);
                if let (Some(name), Some(Some(client))) = (name, client) {
                    self.check_context(name, client, &propose_at);
                }
                name.map(Propose::Session)
            }
            Some(Brief::Full(ProposedId { id })) => {
                if has_client {
                    self.never_carried_out(&propose_at, "a client context proposes a session of its own, not an id");
                }
                let id = self.id(&id, &child(&propose_at, "id"));
                if id.is_some() && mechanism == Some(Mechanism::Tickets) {
                    self.never_carried_out(&propose_at, "with tickets, no id is proposed");
                }
                id.map(Propose::Id)
            }
        };
        let makes = self.given(given, [context, client.flatten()], (mechanism, has_client), at)?;
        Some(Accept {
            context: context?,
            client: match client {
                Some(client) => Some(client?),
                None => None,
            },
            mechanism: mechanism?,
            propose: propose?,
            id_context: None,
            switch_to: None,
            makes,
        })
    }

    /// The same, with what the server's connection is set to for itself.
    pub(super) fn its_own(
        &mut self,
        accept: Option<Accept>,
        id_context: Option<&str>,
        switch_to: Option<&str>,
        at: &str,
    ) -> Option<Accept> {
        let id_context = id_context.map(|text| self.reader.id_context(text, &child(at, "id_context")));
        let switch_at = child(at, "switch_to");
        let switch_to = switch_to.map(|context| self.known_context(context, &switch_at));
        let mut accept = accept?;
        if let Some(to) = switch_to {
            let to = to?;
            if to == accept.context {
                self.never_carried_out(&switch_at, "a connection cannot be switched to the context that it has");
            }
            if Some(to) == accept.client {
                self.never_carried_out(&switch_at, "a connection cannot be switched to the context of its client");
            }
            accept.switch_to = Some(to);
        }
        if let Some(id_context) = id_context {
            accept.id_context = Some(id_context?);
        }
        Some(accept)
    }

    /// The names that a handshake gives, the server's and the client's.
    pub(super) fn given(
        &mut self,
        given: Option<GivenNames>,
        contexts: [Option<ContextRef>; 2],
        (mechanism, has_client): (Option<Mechanism>, bool),
        at: &str,
    ) -> Option<Makes> {
        let mut makes = Makes::UNNAMED;
        let Some(GivenNames(sides)) = given else {
            return Some(makes);
        };
        let list_at = child(at, "as");
        for (side, GivenSide(names)) in sides.iter().enumerate() {
            let side_at = self.within(&list_at, side);
            for (n, name) in names.iter().enumerate().filter(|(_, name)| *name != "_") {
                let pointer = self.within(&side_at, n);
                if side == 1 && !has_client {
                    self.never_carried_out(&pointer, "a second session is a client context's, and there is none");
                }
                if mechanism.is_some_and(|mechanism| n >= made(mechanism, 0)) {
                    self.never_carried_out(&pointer, "the handshake makes no such session: there is one a ticket");
                }
                let made = Some(self.make_session(name, &pointer, contexts[side], true)?);
                [&mut makes.server, &mut makes.client][side][n] = made;
            }
        }
        Some(makes)
    }

    /// The entry of a list that may have been written without one.
    fn within(&self, list_at: &str, n: usize) -> String {
        let in_list = child(list_at, n);
        if self.reader.places.has(&in_list) { in_list } else { list_at.to_owned() }
    }
}
