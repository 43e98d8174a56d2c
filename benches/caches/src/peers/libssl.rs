//! A libssl's own cache, by its own functions. `SESSCHECK_LIBSSL` names the file; without it, the machine's.

use std::path::PathBuf;
use std::sync::OnceLock;

use sesscheck::subjects::libssl::bare::{Asks, Cache, Object};
use sesscheck::subjects::libssl::{Api, load, locate};
use session_cache::SessionId;

use crate::peer::{self, Calls, Less, Peer, Shared};
use crate::workload::{Room, Spec};

fn api() -> &'static Result<&'static Api, String> {
    static API: OnceLock<Result<&'static Api, String>> = OnceLock::new();
    API.get_or_init(|| {
        let path = std::env::var_os("SESSCHECK_LIBSSL").map(PathBuf::from).or_else(locate);
        path.ok_or("no libssl found".to_owned()).and_then(|path| load(&path).map_err(|why| why.to_string()))
    })
}

fn loaded() -> &'static Api {
    api().as_ref().expect("who is missing does not take part")
}

/// Which one it is.
///
/// # Errors
///
/// Why there is none.
pub(super) fn version() -> Result<String, String> {
    api().clone().map(|api| format!("libssl is {}, {}", api.version(), api.path().display()))
}

pub(crate) struct Libssl(Cache);

impl peer::Object for Object {
    fn new(spec: &Spec) -> Self {
        Self::new(loaded(), spec.id.as_bytes(), spec.time, spec.timeout).expect("it has memory")
    }

    fn restore(&self, spec: &Spec) {
        self.set_time(spec.time);
    }
}

/// A cache, and one thread's means of asking it.
pub(crate) struct Hand<'a>(&'a Cache, Asks<'a>);

impl Calls for Hand<'_> {
    type Session = Object;

    fn add(&mut self, session: &Object) {
        self.0.add(session);
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.1.has(id.as_bytes())
    }

    fn remove(&mut self, session: &Object) {
        self.0.remove(session);
    }

    fn touch(&mut self, session: &Object, time: i64) {
        session.set_time(time);
    }

    fn flush(&mut self, now: i64) {
        self.0.flush(now);
    }
}

impl Peer for Libssl {
    const NAME: &'static str = "libssl";
    const LESS: &'static [Less] = &[Less::NoReference];
    /// `prev`, `next` and `owner` of an `SSL_SESSION`
    const INSIDE: usize = 24;
    type Session = Object;
    type Hand<'a> = Hand<'a>;

    fn new(room: Room) -> Self {
        // From 3.0 on it holds one less than the size that it is told (the harness's departure `size-holds-one-less`).
        let one_less = room.limit != 0 && !loaded().version().contains(" 1.1.");
        let size = room.limit + usize::from(one_less);
        Self(Cache::new(loaded(), size).expect("it has made one while it was loaded"))
    }

    fn hand(&mut self) -> Hand<'_> {
        self.share()
    }
}

impl Shared for Libssl {
    fn share(&self) -> Hand<'_> {
        Hand(&self.0, self.0.asks())
    }
}
