//! A libssl's own cache, by its own functions. `SESSCHECK_LIBSSL` names the file; without it, the machine's.

use std::path::PathBuf;
use std::sync::OnceLock;

use sesscheck::subjects::libssl::bare::{Cache, Object};
use sesscheck::subjects::libssl::{Api, load, locate};
use session_cache::SessionId;

use crate::peer::{Less, Peer};
use crate::workload::Spec;

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

impl Peer for Libssl {
    const NAME: &'static str = "libssl";
    const LESS: &'static [Less] = &[Less::NoReference];
    type Session = Object;

    fn new(size: usize) -> Self {
        Self(Cache::new(loaded(), size).expect("it has made one while it was loaded"))
    }

    fn session(spec: &Spec) -> Object {
        Object::new(loaded(), spec.id.as_bytes(), spec.time, spec.timeout).expect("it has memory")
    }

    fn add(&mut self, session: &Object) {
        self.0.add(session);
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.has(id.as_bytes())
    }

    fn remove(&mut self, session: &Object) {
        self.0.remove(session);
    }

    fn flush(&mut self, now: i64) {
        self.0.flush(now);
    }
}
