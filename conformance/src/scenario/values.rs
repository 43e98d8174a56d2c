//! From written values to the model's: ids, modes, callbacks, setups.

use session_model::application::{Callbacks, Copy, ExternalPolicy, GetScript, NewScript};
use session_model::{CacheMode, IdContext, Protocol, SessionId, Time, Timeout};

use super::document::{CallbackWords, Context, External, Flag, GetWords, NewWord, NewWords, OnNew, OnRemove};
use super::document::{ProtocolWord, Record, Session};
use super::lower::Lowering;
use super::places::child;
use super::read::Reader;
use super::scalars::{CopyWord, IdWord, Keeps, Seconds};
use super::shapes::Brief;
use crate::hazards::{AnyId, CallsBack};
use crate::op::{LongIdContext, SessionSpec};
use crate::trace::ContextSetup;

/// The timeout of a session made by hand whose timeout is not stated, in seconds.
pub(super) const SESSION_TIMEOUT: Timeout = Timeout(300);

impl Lowering<'_> {
    pub(super) fn context_setup(&mut self, context: Context, pointer: &str) -> ContextSetup {
        let id_context =
            context.id_context.and_then(|text| self.reader.id_context(&text, &child(pointer, "id_context")));
        ContextSetup {
            mode: context.mode.map(|flags| self.reader.mode(&flags, &child(pointer, "mode"))),
            size: context.size.map(|size| size.0),
            timeout: context.timeout.map(|timeout| Timeout(timeout.0)),
            id_context: id_context.unwrap_or_default(),
            verify_peer: context.verify_peer.unwrap_or(false),
            callbacks: context.callbacks.map_or_else(Callbacks::default, callbacks),
            external: context.external.map_or_else(ExternalPolicy::default, external),
            // Calls name sessions, which are not known yet.
            calls: CallsBack::default(),
        }
    }

    pub(super) fn session_spec(&mut self, session: Session, pointer: &str) -> Option<SessionSpec> {
        let context = self.context(session.context.as_deref(), pointer);
        let id = self.id(&session.id, &child(pointer, "id"));
        let id_context = match session.id_context {
            Some(text) => self.reader.id_context(&text, &child(pointer, "id_context")),
            None => Some(IdContext::default()),
        };
        let protocol = session.protocol.map_or(Protocol::Tls12, protocol);
        Some(SessionSpec {
            context: context?,
            id: id?,
            protocol,
            time: session.time.map(|Seconds(time)| Time(time)),
            timeout: session.timeout.map_or(SESSION_TIMEOUT, |Seconds(timeout)| Timeout(timeout)),
            id_context: id_context?,
        })
    }

    /// The id that this word writes.
    pub(super) fn id(&mut self, IdWord(written): &IdWord, pointer: &str) -> Option<SessionId> {
        let place = self.reader.places.get(pointer);
        // What `for` gives has its quotes elsewhere.
        let is_here = self.reader.source.text.get(place.value.clone()) == Some(written.as_str());
        if place.bare && is_here && written.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("an id of digits without quotes: other YAML readers take `{written}` for a number");
            self.reader.at_value(pointer, message).mean(format!("\"{written}\""));
            return None;
        }
        let Some(bytes) = unhex(written) else {
            self.reader.at_value(pointer, format!("`{written}` is no id: two hex digits a byte are expected"));
            return None;
        };
        let id = SessionId::new(&bytes);
        if id.is_none() {
            self.reader.at_value(pointer, format!("an id of {} bytes; it has 1 to 32", bytes.len()));
        }
        id
    }

    /// The bytes that a session is to have as its id.
    pub(super) fn any_id(&mut self, written: &str, pointer: &str) -> Option<AnyId> {
        let id = unhex(written).and_then(|bytes| AnyId::new(&bytes));
        if id.is_none() {
            let message = format!("`{written}` is not 0 to {} bytes of two hex digits each", AnyId::MAX);
            self.reader.at_value(pointer, message);
        }
        id
    }

    /// The id context that this text writes, to be asked for.
    pub(super) fn long_id_context(&mut self, text: &str, pointer: &str) -> Option<LongIdContext> {
        let bytes = self.reader.bytes(text, pointer)?;
        let id_context = LongIdContext::new(&bytes);
        if id_context.is_none() {
            let message = format!("an id context of {} bytes; at most 64 can be asked for", bytes.len());
            self.reader.at_value(pointer, message);
        }
        id_context
    }
}

/// What a reader of another file reads as a scenario's does.
impl Reader {
    /// The id context that this text writes.
    pub(crate) fn id_context(&mut self, text: &str, pointer: &str) -> Option<IdContext> {
        let bytes = self.bytes(text, pointer)?;
        let id_context = IdContext::new(&bytes);
        if id_context.is_none() {
            self.at_value(pointer, format!("an id context of {} bytes; it has at most 32", bytes.len()));
        }
        id_context
    }

    fn bytes(&mut self, text: &str, pointer: &str) -> Option<Vec<u8>> {
        let Some(hex) = text.strip_prefix("hex:") else {
            return Some(text.as_bytes().to_vec());
        };
        let bytes = unhex(hex);
        if bytes.is_none() {
            self.at_value(pointer, format!("`{hex}` is not hex: two digits a byte are expected"));
        }
        bytes
    }

    /// The mode of these flags; an unknown one is a mistake and counts as none.
    pub(crate) fn mode(&mut self, flags: &[Flag], pointer: &str) -> CacheMode {
        let mut mode = CacheMode::OFF;
        for (n, Flag(written)) in flags.iter().enumerate() {
            if self.is_full() {
                break;
            }
            match CacheMode::NAMES.iter().find(|(name, _)| name == written) {
                Some((_, flag)) => mode = mode | *flag,
                None => {
                    let allowed = CacheMode::NAMES.iter().map(|(name, _)| *name);
                    let message = format!("`{written}` is no flag of the session cache mode");
                    self.at_value(&child(pointer, n), message).allow(written, allowed);
                }
            }
        }
        mode
    }
}

pub(super) fn protocol(word: ProtocolWord) -> Protocol {
    match word {
        ProtocolWord::Tls11 => Protocol::Tls11,
        ProtocolWord::Tls12 => Protocol::Tls12,
        ProtocolWord::Tls13 => Protocol::Tls13,
    }
}

/// The callbacks that these words set.
pub(super) fn callbacks(words: CallbackWords) -> Callbacks {
    Callbacks { new: words.new.map(new_script), get: words.get.map(get_script), remove: words.remove.is_some() }
}

fn new_script(words: Brief<NewWord, NewWords>) -> NewScript {
    match words {
        Brief::Short(NewWord::Record) => NewScript { first: Vec::new(), then: false },
        Brief::Short(NewWord::Keep) => NewScript { first: Vec::new(), then: true },
        Brief::Full(NewWords { returns, then, .. }) => NewScript {
            first: returns.iter().flatten().map(|Keeps(keeps)| *keeps).collect(),
            then: then.is_some_and(|Keeps(keeps)| keeps),
        },
    }
}

fn get_script(words: Brief<Record, GetWords>) -> GetScript {
    match words {
        Brief::Short(Record::Record) => GetScript { first: Vec::new(), then: Copy::One },
        Brief::Full(GetWords { copy, then, .. }) => GetScript {
            first: copy.iter().flatten().map(|CopyWord(copy)| *copy).collect(),
            then: then.map_or(Copy::One, |CopyWord(copy)| copy),
        },
    }
}

fn external(words: External) -> ExternalPolicy {
    ExternalPolicy {
        stores_new: words.new != Some(OnNew::Ignore),
        forgets_removed: words.remove != Some(OnRemove::Keep),
    }
}

/// The bytes of hex digits; `None`: something else, or half a byte.
fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<_>> = digits.chars().map(|c| c.to_digit(16)).collect();
    let nibbles = nibbles.filter(|nibbles| nibbles.len().is_multiple_of(2))?;
    let bytes = nibbles.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).expect("two nibbles are a byte"));
    Some(bytes.collect())
}
