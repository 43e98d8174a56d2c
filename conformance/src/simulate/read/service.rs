//! The servers of a workload, and their external cache.

use serde_yaml::Value;
use session_model::Timeout;
use session_model::application::{Callbacks, Copy, ExternalPolicy, GetScript, NewScript};

use super::super::event::Moment;
use super::super::setting::{ExternalSetting, ServerSetting};
use super::document::{AwayWords, CacheWords, CallbackWords, ExternalWords, ServerWords};
use super::limits::{MOST_AWAY, MOST_SERVERS};
use super::lower::Lowering;
use super::scalars::{Drift, Share, Shift, Span, WholeSpan};
use crate::scenario::{Brief, Count, NewWord, Ordered, child};
use crate::trace::ContextSetup;

impl Lowering<'_> {
    /// How contexts are set; what these words leave out is as in `of_all`. Mistakes are told where they are.
    pub(super) fn cache(&mut self, value: Option<Value>, pointer: &str, of_all: Option<&CacheWords>) -> CacheWords {
        let of_all = of_all.cloned().unwrap_or_default();
        let Some(value) = value else { return of_all };
        let Some(words) = self.reader.read::<CacheWords>(value, pointer) else { return of_all };
        if let Some(flags) = &words.mode {
            self.reader.mode(flags, &child(pointer, "mode"));
        }
        if let Some(text) = &words.id_context {
            self.reader.id_context(text, &child(pointer, "id_context"));
        }
        CacheWords {
            mode: words.mode.or(of_all.mode),
            size: words.size.or(of_all.size),
            timeout: words.timeout.or(of_all.timeout),
            id_context: words.id_context.or(of_all.id_context),
            verify_peer: words.verify_peer.or(of_all.verify_peer),
            callbacks: words.callbacks.or(of_all.callbacks),
        }
    }

    /// All servers, and their names.
    pub(super) fn all_servers(
        &mut self,
        words: Option<Brief<Count, Ordered<Value>>>,
        cache: &CacheWords,
        external: Option<&ExternalSetting>,
    ) -> Vec<ServerSetting> {
        let named = match words {
            None => return self.alike(1, cache, external),
            Some(Brief::Short(Count(number))) => return self.alike(number, cache, external),
            Some(Brief::Full(named)) => named,
        };
        if named.0.is_empty() {
            self.reader.at_value("/servers", "0 servers: nobody could connect");
        }
        if !self.are_few(named.0.len(), MOST_SERVERS, "servers", "/servers") {
            return Vec::new();
        }
        let servers = self.each(named, "/servers", |lowering, name, value, pointer| {
            lowering.servers.push(name);
            let words: ServerWords = lowering.reader.read(value, pointer).unwrap_or_default();
            let cache = lowering.cache(words.cache, &child(pointer, "cache"), Some(cache));
            Some(ServerSetting {
                context: lowering.context(&cache, external),
                ahead: words.ahead.map_or(0, |Shift(ahead)| ahead),
                drift: words.drift.map_or(0, |Drift(drift)| drift),
            })
        });
        self.check_asked(&servers, external);
        servers
    }

    fn alike(&mut self, number: u32, cache: &CacheWords, external: Option<&ExternalSetting>) -> Vec<ServerSetting> {
        self.servers = self.numbered(number);
        let server = ServerSetting { context: self.context(cache, external), ahead: 0, drift: 0 };
        let servers = vec![server; self.servers.len()];
        self.check_asked(&servers, external);
        servers
    }

    /// Of words that were looked at where they stand.
    fn context(&mut self, words: &CacheWords, external: Option<&ExternalSetting>) -> ContextSetup {
        let told = self.reader.mistakes.len();
        let id_context = words.id_context.as_ref().and_then(|text| self.reader.id_context(text, "/cache/id_context"));
        let mode = words.mode.as_ref().map(|flags| self.reader.mode(flags, "/cache/mode"));
        self.reader.mistakes.truncate(told);
        ContextSetup {
            mode,
            size: words.size.map(|Count(size)| size),
            timeout: words.timeout.map(|WholeSpan(timeout)| Timeout(timeout.into())),
            id_context: id_context.unwrap_or_default(),
            verify_peer: words.verify_peer.unwrap_or(false),
            callbacks: match (external, &words.callbacks) {
                (None, _) => Callbacks::default(),
                (Some(external), None) => all_callbacks(external.deletes),
                (Some(_), Some(words)) => callbacks(words),
            },
            external: ExternalPolicy {
                stores_new: true,
                forgets_removed: external.is_none_or(|external| external.deletes),
            },
            ..ContextSetup::default()
        }
    }

    /// An external cache that nobody asks or tells anything is a mistake, and so are callbacks without one.
    fn check_asked(&mut self, servers: &[ServerSetting], external: Option<&ExternalSetting>) {
        if external.is_some()
            && !servers.is_empty()
            && servers.iter().all(|server| server.context.callbacks.get.is_none())
        {
            self.reader.at_key("/external", "an external cache that nobody asks: no server has a get callback");
        }
        if external.is_none() {
            let caches = self.servers.iter().map(|name| child(&child("/servers", name), "cache")).collect::<Vec<_>>();
            for cache in caches.iter().map(String::as_str).chain(["/cache"]) {
                let pointer = child(cache, "callbacks");
                if self.reader.places.has(&pointer) {
                    self.reader.at_key(&pointer, "callbacks, and no external cache that they would ask");
                }
            }
        }
    }

    /// The external cache.
    pub(super) fn external(&mut self, value: Option<Value>) -> Option<ExternalSetting> {
        let words: ExternalWords = self.part(value?, "/external")?;
        let takes = self.law_or(words.takes, "/external/takes", 0);
        let gives_up = words.gives_up.map(|Span(wait)| wait);
        if let (Some(gives_up), Some(most)) = (gives_up, takes.most())
            && most <= gives_up
            && words.away.as_ref().is_none_or(Vec::is_empty)
        {
            let message = "a server never gives up: no call takes longer than it waits";
            self.reader.at_value("/external/gives_up", message);
        }
        let retry_after = words.retry_after.map(|Span(wait)| wait);
        if retry_after == Some(0) {
            let message = "a server that calls again at once: so it does without the key";
            self.reader.at_value("/external/retry_after", message);
        } else if retry_after.is_some() && gives_up.is_none() {
            let message = "a server that waits for each answer never has a call to retry: say when it `gives_up:`";
            self.reader.at_key("/external/retry_after", message);
        }
        if words.entries.is_some_and(|Count(entries)| entries == 0) {
            self.reader.at_value("/external/entries", "an external cache of 0 sessions finds none");
        }
        Some(ExternalSetting {
            takes,
            gives_up,
            retry_after,
            lost: words.lost.map_or(0.0, |Share(lost)| lost),
            lag: words.lag.map_or(0, |Span(lag)| lag),
            keeps: words.keeps.map(|WholeSpan(keeps)| keeps),
            entries: words.entries.map(|Count(entries)| entries.into()),
            deletes: words.deletes.unwrap_or(true),
            away: self.away(words.away.unwrap_or_default()),
        })
    }

    fn away(&mut self, words: Vec<AwayWords>) -> Vec<(Moment, Moment)> {
        if !self.are_few(words.len(), MOST_AWAY, "times away", "/external/away") {
            return Vec::new();
        }
        let mut away = Vec::new();
        for (n, words) in words.into_iter().enumerate() {
            away.push(self.window(words.at, words.lasts, &child("/external/away", n), "it is away"));
        }
        away
    }
}

fn all_callbacks(removes: bool) -> Callbacks {
    Callbacks {
        new: Some(NewScript { first: Vec::new(), then: true }),
        get: Some(GetScript { first: Vec::new(), then: Copy::One }),
        remove: removes,
    }
}

fn callbacks(words: &CallbackWords) -> Callbacks {
    let all = all_callbacks(words.remove.is_some());
    Callbacks {
        new: words.new.map(|new| NewScript { first: Vec::new(), then: matches!(new, NewWord::Keep) }),
        get: all.get.filter(|_| words.get.is_some()),
        remove: all.remove,
    }
}
