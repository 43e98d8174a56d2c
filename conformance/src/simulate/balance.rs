//! What a balancer knows at a moment: which servers it gives no connections to, and whether it tells clients apart.
//!
//! Not here: when that changes, which is in traffic's timetable, and whom a client is given to, which hangs on the client.

use super::event::Server;

/// What a balancer knows.
pub(super) struct Balance {
    out: Reasons,
    away: Reasons,
    scattered: Reasons,
}

/// For how many reasons something is so of each server: several may overlap.
struct Reasons {
    of: Vec<u32>,
    /// Of how many servers it is so.
    servers: usize,
}

impl Balance {
    /// Of so many servers, which are all there, and with clients that are told apart.
    pub(super) fn of(servers: usize) -> Self {
        let none = || Reasons { of: vec![0; servers], servers: 0 };
        Self { out: none(), away: none(), scattered: none() }
    }

    /// A server is taken out; `away`: since there is none. Whether it was given connections until now.
    pub(super) fn take_out(&mut self, server: Server, away: bool) -> bool {
        if away {
            self.away.add(server);
        }
        self.out.add(server)
    }

    /// What a server was taken out for is over. Whether it is given connections again.
    pub(super) fn put_back(&mut self, server: Server, away: bool) -> bool {
        if away {
            self.away.end(server);
        }
        self.out.end(server)
    }

    /// Clients of a server are given to any. Whether they were told apart until now.
    pub(super) fn scatter(&mut self, server: Server) -> bool {
        self.scattered.add(server)
    }

    /// What they were for is over. Whether they are told apart again.
    pub(super) fn gather(&mut self, server: Server) -> bool {
        self.scattered.end(server)
    }

    /// Whether clients are told apart, where the balancer does.
    pub(super) fn is_gathered(&self) -> bool {
        self.scattered.servers == 0
    }

    /// Whether all servers are given connections.
    pub(super) fn is_whole(&self) -> bool {
        self.out.servers == 0
    }

    /// Whether a server is given connections.
    pub(super) fn is_in(&self, server: Server) -> bool {
        !self.out.is_so(server)
    }

    /// Whether there is no such process now.
    pub(super) fn is_away(&self, server: Server) -> bool {
        self.away.is_so(server)
    }
}

impl Reasons {
    /// Whether that was the first.
    fn add(&mut self, server: Server) -> bool {
        let first = !self.is_so(server);
        self.servers += usize::from(first);
        self.of[usize::from(server.0)] += 1;
        first
    }

    /// Whether that was the last.
    fn end(&mut self, server: Server) -> bool {
        self.of[usize::from(server.0)] -= 1;
        let last = !self.is_so(server);
        self.servers -= usize::from(last);
        last
    }

    fn is_so(&self, server: Server) -> bool {
        self.of[usize::from(server.0)] > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_out_for_two_reasons_is_back_when_both_are_over() {
        let mut balance = Balance::of(2);
        assert!(balance.take_out(Server(1), false) && !balance.take_out(Server(1), true));
        assert!(!balance.is_whole() && balance.is_in(Server(0)) && !balance.is_in(Server(1)));
        assert!(balance.is_away(Server(1)) && !balance.put_back(Server(1), true));
        assert!(!balance.is_away(Server(1)) && !balance.is_in(Server(1)));
        assert!(balance.put_back(Server(1), false) && balance.is_whole());
    }

    #[test]
    fn clients_are_told_apart_again_when_no_server_has_them_scattered() {
        let mut balance = Balance::of(2);
        assert!((0..2).all(|server| balance.scatter(Server(server)) && !balance.scatter(Server(server))));
        assert!((0..2).all(|server| !balance.gather(Server(server))));
        assert!(!balance.is_gathered() && balance.is_whole());
        assert!(balance.gather(Server(0)) && !balance.is_gathered());
        assert!(balance.gather(Server(1)) && balance.is_gathered());
    }
}
