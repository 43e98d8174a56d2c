//! The YAML of a workload, as types: what may stand where, and nothing about what it means.
//!
//! The doc comments are what an editor shows; the JSON Schema is made of them. Parts that are lists or maps of parts
//! stay [`Value`]s here and are read one by one, so that one mistake does not hide the next.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Value;

use super::scalars::{AtOnce, Clock, Drift, Evenly, Now, Number, Rate, Share, Shift, Span, WholeSpan};
use crate::scenario::{Brief, Count, Flag, NewWord, Ordered, ProtocolWord, Record, TicketsWord};

/// A service, its clients, and what happens to it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `workload:`, `lasts:`, `clients:`")]
#[schemars(rename = "workload")]
pub(super) struct Document {
    /// What it is, as a sentence.
    pub(super) workload: String,
    /// What it teaches: a paragraph for who runs it.
    pub(super) teaches: Option<String>,
    /// How long it lasts in virtual time: `90s`, `5m`, `2h`, `1d`.
    pub(super) lasts: Span,
    /// What a clock that is right shows at the start, in seconds since the Epoch; without it, 1767225600: midnight at
    /// the begin of 2026, by UTC.
    pub(super) clock: Option<Clock>,
    /// How many servers there are, or a map of their names; without it, one called `server`. Of several that are only
    /// counted, the first is called `server1`. Each has ticket keys of its own; a fleet that shares its keys is one server
    /// here, since a stateless ticket is answered alike by each.
    #[schemars(with = "Option<Brief<Count, Ordered<ServerWords>>>")]
    pub(super) servers: Option<Brief<Count, Ordered<Value>>>,
    /// Which server a connection goes to; without it, `random`.
    pub(super) balancer: Option<BalancerWord>,
    /// How the servers' contexts are set; without it, as the library makes them.
    #[schemars(with = "Option<CacheWords>")]
    pub(super) cache: Option<Value>,
    /// The external cache that the servers share; without it, there is none, and no callback is set.
    #[schemars(with = "Option<ExternalWords>")]
    pub(super) external: Option<Value>,
    /// The clients, in groups of those that behave alike.
    #[schemars(with = "Option<Ordered<ClientWords>>")]
    pub(super) clients: Option<Ordered<Value>>,
    /// Attacks.
    #[schemars(with = "Option<Ordered<FloodWords>>")]
    pub(super) floods: Option<Ordered<Value>>,
    /// What is done to servers. What is done at one moment is done in this order, before anything else of that moment.
    #[schemars(with = "Option<Vec<HappeningWords>>")]
    pub(super) happenings: Option<Vec<Value>>,
}

/// A server: one context, in a process and on a machine of its own.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a map; `{}` is a server like the others")]
#[schemars(rename = "server")]
pub(super) struct ServerWords {
    /// By how much its clock is ahead at the start; negative: behind.
    pub(super) ahead: Option<Shift>,
    /// By how many microseconds its clock gains in a second; negative: loses.
    pub(super) drift: Option<Drift>,
    /// How its context is set, where it differs from the `cache:` of all.
    #[schemars(with = "Option<CacheWords>")]
    pub(super) cache: Option<Value>,
}

/// Which server a connection goes to.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum BalancerWord {
    /// Any of those that the group goes to.
    Random,
    /// One after the other.
    RoundRobin,
    /// For a client always the same; while that is taken out, always the same other one.
    ByClient,
}

/// How a context is set; what is left out is as the library makes it.
#[derive(Deserialize, JsonSchema, Default, Clone)]
#[serde(deny_unknown_fields, expecting = "a map; `{}` is a context as the library makes it")]
#[schemars(rename = "cache")]
pub(super) struct CacheWords {
    /// The session cache mode: flags without `SSL_SESS_CACHE_`.
    pub(super) mode: Option<Vec<Flag>>,
    /// The cache size; 0 is unlimited.
    pub(super) size: Option<Count>,
    /// The timeout of new sessions.
    pub(super) timeout: Option<WholeSpan>,
    /// The session id context: text, or `hex:` and digits.
    pub(super) id_context: Option<String>,
    /// Whether the server asks for the peer's certificate (`SSL_VERIFY_PEER`).
    pub(super) verify_peer: Option<bool>,
    /// The callbacks by which the external cache is asked and told; without it, all. `{}` is a server that asks none.
    pub(super) callbacks: Option<CallbackWords>,
}

/// The callbacks that are set.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields, expecting = "a map of callbacks")]
#[schemars(inline)]
pub(super) struct CallbackWords {
    /// `new_session_cb`, which stores: `record` returns 0, `keep` returns 1.
    pub(super) new: Option<NewWord>,
    /// `get_session_cb`, which asks.
    pub(super) get: Option<Record>,
    /// `remove_session_cb`, which deletes.
    pub(super) remove: Option<Record>,
}

/// An external cache at the other end of a network.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map; `{}` is an external cache that answers at once")]
#[schemars(rename = "external")]
pub(super) struct ExternalWords {
    /// How long a call takes; without it, no time at all.
    pub(super) takes: Option<LawWords>,
    /// After how long a server waits no longer, and goes on without an answer; without it, it waits.
    pub(super) gives_up: Option<Span>,
    /// For how long a server calls no more once it has given a call up, and goes on at once as without an answer; then one
    /// call tries. Without it, a server calls each time. Each server knows its own calls only.
    pub(super) retry_after: Option<Span>,
    /// The share of stores and deletes that never arrive.
    pub(super) lost: Option<Share>,
    /// After how long what was stored or deleted shows.
    pub(super) lag: Option<Span>,
    /// How long it keeps a session, by a clock that is right; without it, for the session's timeout.
    pub(super) keeps: Option<WholeSpan>,
    /// How many sessions it has at most; the oldest makes room. Without it, any number.
    pub(super) entries: Option<Count>,
    /// Whether it deletes the sessions that a server removes; without it, true.
    pub(super) deletes: Option<bool>,
    /// When it does not answer at all.
    pub(super) away: Option<Vec<AwayWords>>,
}

/// A time without an answer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{at: 2h, for: 5m}`")]
#[schemars(inline)]
pub(super) struct AwayWords {
    /// Since when, from the start.
    pub(super) at: Span,
    /// For how long.
    #[serde(rename = "for")]
    pub(super) lasts: Span,
}

/// A law for a length of time: a length, which it always is, or a map that says how it is drawn.
pub(super) type LawWords = Brief<Span, DrawnWords>;

/// How a length of time is drawn: one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{exponential: 10m}`, `{uniform: {from: 1s, to: 3s}}`")]
#[schemars(rename = "law")]
pub(super) struct DrawnWords {
    /// Any between two, each as likely.
    pub(super) uniform: Option<UniformWords>,
    /// Exponential, with this mean.
    pub(super) exponential: Option<Span>,
    /// Pareto: most are short, and a few very long.
    pub(super) pareto: Option<ParetoWords>,
}

/// Any between two, each as likely.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{from: 1s, to: 3s}`")]
#[schemars(inline)]
pub(super) struct UniformWords {
    /// The shortest.
    pub(super) from: Span,
    /// The longest.
    pub(super) to: Span,
}

/// Most are short, and a few very long.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{least: 1s, shape: 1.5}`")]
#[schemars(inline)]
pub(super) struct ParetoWords {
    /// The shortest.
    pub(super) least: Span,
    /// The exponent of the tail, from 1.01 to 100: the smaller, the heavier.
    pub(super) shape: Number,
}

/// Clients that behave alike. They come by `arrivals:`, or each again by `thinks:`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `number:`, and `arrivals:` or `thinks:`")]
#[schemars(rename = "clients")]
pub(super) struct ClientWords {
    /// How many they are.
    pub(super) number: Count,
    /// When somebody of the group comes, whoever it is.
    #[schemars(with = "Option<ArrivalWords>")]
    pub(super) arrivals: Option<Value>,
    /// For how long each client thinks after a connection before its next one.
    pub(super) thinks: Option<LawWords>,
    /// How long a connection stays open after its handshake; without it, 1s.
    pub(super) lasts: Option<LawWords>,
    /// How long after its begin a handshake is finished; without it, 50ms.
    pub(super) round_trip: Option<LawWords>,
    /// How the clients' connections have sessions resumed, each with its share of the clients; without it, TLSv1.2 and
    /// session ids.
    #[schemars(with = "Option<Vec<ProtocolWords>>")]
    pub(super) protocols: Option<Vec<Value>>,
    /// The share of connections that are freed without having been shut down; their sessions are removed.
    pub(super) unclean: Option<Share>,
    /// The share of connections that the client leaves before the handshake is finished.
    pub(super) aborts: Option<Share>,
    /// For how long a client keeps what it was given; without it, until it is given something else.
    pub(super) keeps: Option<Span>,
    /// Whether a client proposes a session of TLSv1.3 once, as browsers do (RFC 8446, C.4), and nothing until it is given
    /// another; without it, false. Sessions of TLSv1.2 are proposed again and again all the same.
    pub(super) single_use: Option<bool>,
    /// The servers that they go to; without it, all.
    pub(super) goes_to: Option<Vec<String>>,
}

/// Arrivals by Poisson's law, with a rate that may change over time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{rate: 200/s}`")]
#[schemars(rename = "arrivals")]
pub(super) struct ArrivalWords {
    /// How many in a second, a minute, an hour or a day, in the mean: `200/s`, `30/m`.
    pub(super) rate: Rate,
    /// How that changes over the day, as a sine.
    pub(super) daily: Option<DailyWords>,
    /// How that changes over the day: 24 weights, from midnight on by UTC. Only their proportions count.
    #[schemars(length(equal = 24))]
    pub(super) by_hour: Option<Vec<Number>>,
    /// Times in which there are more, or fewer.
    pub(super) crowds: Option<Vec<CrowdWords>>,
    /// Who comes; without it, `evenly`: any of the group.
    pub(super) who: Option<Brief<Evenly, WhoWords>>,
}

/// A day as a sine.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{swing: 60%, peak: 14h}`")]
#[schemars(inline)]
pub(super) struct DailyWords {
    /// By which share of the mean there are more at the peak, and fewer half a day away.
    pub(super) swing: Share,
    /// When the peak is: hours after midnight, by UTC.
    pub(super) peak: Span,
}

/// A time in which there are more, or fewer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{at: 2h, for: 10m, times: 5}`")]
#[schemars(inline)]
pub(super) struct CrowdWords {
    /// Since when, from the start.
    pub(super) at: Span,
    /// For how long.
    #[serde(rename = "for")]
    pub(super) lasts: Span,
    /// How many times as many.
    pub(super) times: Number,
}

/// Who comes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`evenly`, or a map: `{zipf: 1.1}`")]
#[schemars(inline)]
pub(super) struct WhoWords {
    /// A few come often and most seldom: the nth with a likelihood of n to the power of minus this, from 0 to 10.
    pub(super) zipf: Number,
}

/// How connections have sessions resumed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{protocol: TLSv1.3, tickets: stateful, share: 60%}`")]
#[schemars(inline)]
pub(super) struct ProtocolWords {
    /// The protocol: `TLSv1.2` or `TLSv1.3`.
    pub(super) protocol: ProtocolWord,
    /// What the server issues; without it, session ids of TLSv1.2.
    pub(super) tickets: Option<TicketsWord>,
    /// How many tickets a server of TLSv1.3 sends; without it, 2.
    pub(super) num_tickets: Option<Count>,
    /// The share of the clients; without it, what the others leave.
    pub(super) share: Option<Share>,
}

/// Connections of an attacker, who never comes twice.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{unknown_ids: 500/s, at: 1h, for: 10m}`")]
#[schemars(rename = "flood")]
pub(super) struct FloodWords {
    /// How often an id is proposed that no server has given out; the connection is left before its handshake is
    /// finished.
    pub(super) unknown_ids: Option<Rate>,
    /// How often a full handshake is finished and closed at once, so that its session stays and fills the cache.
    pub(super) handshakes: Option<Rate>,
    /// Since when, from the start; without it, from the start on.
    pub(super) at: Option<Span>,
    /// For how long; without it, until the end.
    #[serde(rename = "for")]
    pub(super) lasts: Option<Span>,
    /// The protocol; without it, TLSv1.2.
    pub(super) protocol: Option<ProtocolWord>,
    /// What the server issues; without it, session ids of TLSv1.2.
    pub(super) tickets: Option<TicketsWord>,
    /// How many tickets a server of TLSv1.3 sends; without it, 2.
    pub(super) num_tickets: Option<Count>,
    /// How long after its begin a handshake is finished or left; without it, 50ms.
    pub(super) round_trip: Option<LawWords>,
    /// The servers that are attacked; without it, all.
    pub(super) goes_to: Option<Vec<String>>,
}

/// A restart that takes its time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`now`, or a map: `{away: 2m}`")]
#[schemars(inline)]
pub(super) struct RestartWords {
    /// For how long there is no such process. What is set or flushed there meanwhile is not.
    pub(super) away: Span,
}

/// For how long something is so.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{for: 10m}`")]
#[schemars(inline)]
pub(super) struct WhileWords {
    /// For how long.
    #[serde(rename = "for")]
    pub(super) lasts: Span,
}

/// Something that is done to a server, or to all: one of the calls.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map: `{at: 2h, restart: now}`")]
#[schemars(rename = "happening")]
pub(super) struct HappeningWords {
    /// When, from the start; without it, when `every:` has passed for the first time.
    pub(super) at: Option<Span>,
    /// Again each time that this has passed.
    pub(super) every: Option<Span>,
    /// The server; without it, each of them.
    pub(super) server: Option<String>,
    /// The servers, in this order.
    pub(super) servers: Option<Vec<String>>,
    /// It starts anew, with an empty cache, new keys of tickets, and its settings of the start: `now`, or a map that says
    /// how long it is `away` before. Its connections are gone at once, and the balancer gives it none while it is away.
    pub(super) restart: Option<Brief<AtOnce, RestartWords>>,
    /// The balancer gives it no connections for a while, as when a health check fails or the server is drained; those that
    /// are open stay. Where all servers that clients go to are out, no connections are made, which are counted.
    pub(super) take_out: Option<WhileWords>,
    /// The balancer gives clients to any server for a while, also with `balancer: by_client`.
    pub(super) scatter: Option<WhileWords>,
    /// Its clock is moved: `-1h`, `30s`.
    pub(super) step_clock: Option<Shift>,
    /// `SSL_CTX_set_session_cache_mode`
    pub(super) set_session_cache_mode: Option<Vec<Flag>>,
    /// `SSL_CTX_sess_set_cache_size`
    pub(super) sess_set_cache_size: Option<Count>,
    /// `SSL_CTX_set_timeout`
    pub(super) set_timeout: Option<WholeSpan>,
    /// `SSL_CTX_flush_sessions`, at the time of the server's clock.
    pub(super) flush_sessions: Option<Now>,
}
