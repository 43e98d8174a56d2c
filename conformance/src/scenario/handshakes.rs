//! How handshakes are begun: contexts, what is proposed, and the names that are given.

use session_model::ContextRef;

use super::lower::Lowering;
use super::places::child;
use super::shapes::{Brief, GivenNames};
use super::verb::ProposedId;
use crate::op::{Accept, Name, Propose};

impl Lowering<'_> {
    pub(super) fn accept(
        &mut self,
        context: Option<String>,
        client: Option<String>,
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
                self.id(&id, &child(&propose_at, "id")).map(Propose::Id)
            }
        };
        let [server_session, client_session] = self.given(given, [context, client.flatten()], has_client, at)?;
        Some(Accept {
            context: context?,
            client: match client {
                Some(client) => Some(client?),
                None => None,
            },
            propose: propose?,
            server_session,
            client_session,
        })
    }

    /// The names that a handshake gives, the server's and the client's.
    fn given(
        &mut self,
        given: Option<GivenNames>,
        contexts: [Option<ContextRef>; 2],
        has_client: bool,
        at: &str,
    ) -> Option<[Option<Name>; 2]> {
        let Some(GivenNames(given)) = given else {
            return Some([None; 2]);
        };
        let list_at = child(at, "as");
        let mut names = [None; 2];
        for (n, name) in given.iter().enumerate().filter(|(_, name)| *name != "_") {
            let in_list = child(&list_at, n);
            let pointer = if self.reader.places.has(&in_list) { in_list } else { list_at.clone() };
            if n == 1 && !has_client {
                self.never_carried_out(&pointer, "a second session is a client context's, and there is none");
            }
            names[n] = Some(self.make_session(name, &pointer, contexts[n], true)?);
        }
        Some(names)
    }
}
