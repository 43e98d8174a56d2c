//! Finding a libssl on the machine, and loading one: once a process, since two builds of libcrypto do not share one
//! safely.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::api::{Api, Synonyms};
use super::clock;
use super::peer::{Peer, PeerError};
use super::symbols::{Symbols, has};

/// Why a libssl cannot be run here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// The file cannot be loaded.
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The library lacks functions without which nothing can be run.
    Missing {
        /// The file.
        path: PathBuf,
        /// The functions.
        functions: Vec<&'static str>,
    },
    /// This process has loaded another one.
    Another {
        /// The file.
        path: PathBuf,
        /// The one that is loaded.
        loaded: PathBuf,
    },
    /// This executable does not export its clock; a package that makes executables has to ask the linker for it, as
    /// `conformance/build.rs` does.
    ClockNotExported(&'static str),
    /// The library tells the time from elsewhere.
    RealTime(PathBuf),
    /// The library cannot shake hands with itself.
    Handshake {
        /// The file.
        path: PathBuf,
        /// What the library says.
        why: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { path, why } => write!(f, "{}: cannot be loaded: {why}", path.display()),
            Self::Missing { path, functions } => {
                write!(f, "{}: has no {}", path.display(), functions.join(", "))
            }
            Self::Another { path, loaded } => {
                write!(f, "{}: this process has loaded {}, and takes one only", path.display(), loaded.display())
            }
            Self::ClockNotExported(function) => {
                write!(f, "this executable does not export `{function}`, so a library would see the real time")
            }
            Self::RealTime(path) => write!(f, "{}: does not ask `time` or `gettimeofday`", path.display()),
            Self::Handshake { path, why } => write!(f, "{}: its own two ends do not agree: {why}", path.display()),
        }
    }
}

impl std::error::Error for LoadError {}

/// The machine's libssl, by absolute path: the first of the sonames 3, 1.1 and 4 in the first of the usual
/// directories, those of `LD_LIBRARY_PATH` before all others. Nothing is loaded.
#[must_use]
pub fn locate() -> Option<PathBuf> {
    let asked = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
    let usual = ["/usr/local/lib64", "/usr/local/lib", "/lib64", "/lib", "/usr/lib64", "/usr/lib"];
    let multiarch = ["/usr/local/lib", "/lib", "/usr/lib"].map(|directory| Path::new(directory).join(&triplet));
    let directories: Vec<PathBuf> = std::env::split_paths(&asked)
        .filter(|directory| directory.is_absolute())
        .chain(multiarch)
        .chain(usual.map(PathBuf::from))
        .collect();
    ["libssl.so.3", "libssl.so.1.1", "libssl.so.4"]
        .into_iter()
        .flat_map(|soname| directories.iter().map(move |directory| directory.join(soname)))
        .find(|path| path.is_file())
}

/// The file that this process has loaded, and what came of it.
type Loaded = Option<(PathBuf, Result<&'static Api, LoadError>)>;
static LOADED: Mutex<Loaded> = Mutex::new(None);

/// Loads the libssl of this file, or hands out the one that is loaded already.
///
/// # Errors
///
/// When it cannot be run here, and when this process has loaded another one.
pub fn load(path: &Path) -> Result<&'static Api, LoadError> {
    let real =
        path.canonicalize().map_err(|error| LoadError::Open { path: path.to_owned(), why: error.to_string() })?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((before, outcome)) = &*loaded {
        return if *before == real {
            outcome.clone()
        } else {
            Err(LoadError::Another { path: real, loaded: before.clone() })
        };
    }
    if let Some(function) = clock::not_exported() {
        return Err(LoadError::ClockNotExported(function));
    }
    let (symbols, synonyms) = open(&real)?;
    let outcome = start(symbols, synonyms, &real);
    *loaded = Some((real, outcome.clone()));
    outcome
}

/// Loads the file and finds its functions. A library that lacks some is unloaded again.
fn open(path: &Path) -> Result<(Symbols, Synonyms), LoadError> {
    let dlopen = |path: &Path| {
        // SAFETY: it runs the initialisers of a file that the user names as a libssl, which is what was asked for.
        unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
            .map_err(|error| LoadError::Open { path: path.to_owned(), why: error.to_string() })
    };
    // First the libcrypto beside it: its soname then satisfies libssl, which would else take the system's.
    let beside = path.file_name().and_then(|name| name.to_str()).map(|name| name.replace("libssl", "libcrypto"));
    let beside = beside.map(|name| path.with_file_name(name)).filter(|beside| beside != path && beside.is_file());
    let libcrypto = beside.as_deref().map(dlopen).transpose()?;
    let library = dlopen(path)?;
    // SAFETY: the user names it as a libssl. Functions of libcrypto are found through it too, as its dependency.
    let symbols = unsafe { Symbols::find(&library) }
        .map_err(|functions| LoadError::Missing { path: path.to_owned(), functions })?;
    let synonyms = Synonyms {
        add: has(&library, "SSL_add_session"),
        remove: has(&library, "SSL_remove_session"),
        flush: has(&library, "SSL_flush_sessions"),
    };
    // Never unloaded from here on: the functions are used, and the library has left its own to be run at the end.
    std::mem::forget((library, libcrypto));
    Ok((symbols, synonyms))
}

/// Starts the library and has it shake hands with itself.
fn start(symbols: Symbols, synonyms: Synonyms, path: &Path) -> Result<&'static Api, LoadError> {
    let api = Api::start(symbols, synonyms, path.to_owned());
    let peer = Peer::make(&api).map_err(|error| match error {
        PeerError::Handshake(why) => LoadError::Handshake { path: path.to_owned(), why },
        PeerError::RealTime => LoadError::RealTime(path.to_owned()),
    })?;
    let api: &'static Api = Box::leak(Box::new(api));
    assert!(api.peer.set(peer).is_ok(), "the peer is set once, here");
    Ok(api)
}
