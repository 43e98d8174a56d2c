//! The YAML of scenarios: what is written reads back.

use std::path::Path;

use sesscheck::hazards::CallsBack;
use sesscheck::op::{
    Accept, At, Close, Connection, LongIdContext, Makes, Name, Op, Propose, Renegotiate, Renegotiation, SessionSpec,
};
use sesscheck::scenario::{Header, Mistake, Scenario, Vocabulary, op_line, parse, rewrite, schema_text, write};
use sesscheck::trace::{ContextSetup, Names, Setup, Shown, Trace};
use session_model::application::{Callbacks, Copy, ExternalPolicy, GetScript, NewScript};
use session_model::{
    CacheMode, Clause, ContextRef, Edition, IdContext, Mechanism, Protocol, Readings, SessionId, Time, Timeout,
};

fn vocabulary() -> Vocabulary {
    Vocabulary {
        clauses: Clause::all().map(Clause::id).collect(),
        editions: Edition::ALL.iter().map(|edition| edition.name()).collect(),
        readings: Readings::AXES.iter().map(|axis| (axis.name, axis.values.to_vec())).collect(),
    }
}

fn read(text: &str) -> Result<Scenario, Vec<Mistake>> {
    parse("t.yaml", text, &vocabulary())
}

#[track_caller]
fn good(text: &str) -> Scenario {
    read(text).unwrap_or_else(|mistakes| {
        let mistakes: Vec<_> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
        panic!("{}\n\n{text}", mistakes.join("\n\n"))
    })
}

/// splitmix64: the same traces on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("below n")
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flip().then(|| make(self))
    }

    fn seconds(&mut self) -> i128 {
        let few = i128::from(self.next() % 2000) - 5;
        self.pick(&[few.max(0), 0, 1, 1_000_000_000 - 1, 1_000_000_000])
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let text = self.flip();
        let len = self.below(most + 1);
        let byte = |random: &mut Self| if text { b' ' + (random.next() % 95) as u8 } else { random.next() as u8 };
        (0..len).map(|_| byte(self)).collect()
    }

    fn id(&mut self) -> SessionId {
        let mut bytes = self.bytes(31);
        bytes.push(self.next() as u8);
        SessionId::new(&bytes).expect("1 to 32 bytes")
    }

    fn id_context(&mut self) -> IdContext {
        IdContext::new(&self.bytes(32)).expect("at most 32 bytes")
    }

    fn mode(&mut self) -> CacheMode {
        CacheMode::from_bits(self.next() as u32 & 0x783).expect("named bits")
    }

    fn copy(&mut self) -> Copy {
        self.pick(&[Copy::Unset, Copy::Zero, Copy::One])
    }

    fn callbacks(&mut self) -> Callbacks {
        let new = self.maybe(|r| NewScript { first: (0..r.below(3)).map(|_| r.flip()).collect(), then: r.flip() });
        let get = self.maybe(|r| GetScript { first: (0..r.below(3)).map(|_| r.copy()).collect(), then: r.copy() });
        Callbacks { new, get, remove: self.flip() }
    }
}

/// Random traces, regular or not.
struct Traces {
    random: Random,
    contexts: usize,
    /// Names in order of being made, and used after that; else any name anywhere.
    regular: bool,
    sessions: Vec<ContextRef>,
    connections: u32,
    begun: Vec<Accept>,
}

impl Traces {
    fn trace(seed: u64) -> Trace {
        let mut random = Random(seed);
        let (contexts, regular) = (1 + random.below(3), random.flip());
        let mut traces = Self { random, contexts, regular, sessions: Vec::new(), connections: 0, begun: Vec::new() };
        let clock = Time(traces.random.seconds());
        let setups = (0..contexts).map(|_| traces.context_setup()).collect();
        let sessions: Vec<_> = (0..traces.random.below(4)).map(|_| traces.spec()).collect();
        traces.sessions = sessions.iter().map(|spec| spec.context).collect();
        let ops = (0..traces.random.below(30)).map(|_| traces.op(true)).collect();
        let names = traces.names();
        Trace { setup: Setup { clock, contexts: setups, sessions, hazards: false }, ops, shown: Shown::Steps, names }
    }

    fn context_setup(&mut self) -> ContextSetup {
        let r = &mut self.random;
        ContextSetup {
            mode: r.maybe(Random::mode),
            size: r.maybe(|r| r.next() as u32),
            timeout: r.maybe(|r| Timeout(r.seconds())),
            id_context: r.id_context(),
            verify_peer: r.flip(),
            callbacks: r.callbacks(),
            external: ExternalPolicy { stores_new: r.flip(), forgets_removed: r.flip() },
            calls: CallsBack::default(),
        }
    }

    fn context(&mut self) -> ContextRef {
        ContextRef(u8::try_from(self.random.below(self.contexts)).expect("few contexts"))
    }

    fn spec(&mut self) -> SessionSpec {
        let context = self.context();
        let r = &mut self.random;
        SessionSpec {
            context,
            id: r.id(),
            protocol: r.pick(&[Protocol::Tls11, Protocol::Tls12]),
            time: r.maybe(|r| Time(r.seconds())),
            timeout: Timeout(r.seconds()),
            id_context: r.id_context(),
        }
    }

    /// A session that may be used, and its context.
    fn session(&mut self) -> Option<(ContextRef, Name)> {
        if !self.regular {
            return Some((self.context(), Name(self.random.next() as u32 % 9)));
        }
        let index = self.random.below(self.sessions.len().max(1));
        self.sessions.get(index).map(|context| (*context, Name(u32::try_from(index).expect("few sessions"))))
    }

    fn new_session(&mut self, context: ContextRef) -> Name {
        if !self.regular {
            return Name(self.random.next() as u32 % 9);
        }
        self.sessions.push(context);
        Name(u32::try_from(self.sessions.len() - 1).expect("few sessions"))
    }

    fn connection(&mut self) -> Option<Connection> {
        match (self.regular, self.connections) {
            (false, _) => Some(Connection(self.random.next() as u32 % 5)),
            (true, 0) => None,
            (true, made) => Some(Connection(self.random.next() as u32 % made)),
        }
    }

    fn accept(&mut self) -> Accept {
        let context = self.context();
        let client = self.context();
        let client = (self.random.flip() && (!self.regular || client != context)).then_some(client);
        let proposed = self.session().filter(|(of, _)| !self.regular || client.is_none_or(|client| client == *of));
        let propose = match (self.random.below(3), proposed) {
            (0, Some((_, name))) => Propose::Session(name),
            (1, _) if !self.regular || client.is_none() => Propose::Id(self.random.id()),
            _ => Propose::Nothing,
        };
        let server_session = self.random.flip().then(|| self.new_session(context));
        let client_session = match client {
            Some(client) if self.random.flip() => Some(self.new_session(client)),
            None if !self.regular && self.random.flip() => Some(self.new_session(context)),
            _ => None,
        };
        let to = self.context();
        let fits = !self.regular || to != context && Some(to) != client;
        let switch_to = (self.random.flip() && fits).then_some(to);
        Accept {
            context,
            client,
            mechanism: Mechanism::Ids,
            propose,
            id_context: self.random.flip().then(|| self.random.id_context()),
            switch_to,
            makes: Makes::first(server_session, client_session),
        }
    }

    fn op(&mut self, may_repeat: bool) -> Op {
        loop {
            if let Some(op) = self.some_op(may_repeat) {
                return op;
            }
        }
    }

    fn some_op(&mut self, may_repeat: bool) -> Option<Op> {
        let synonym = self.random.flip();
        let context = self.context();
        Some(match self.random.below(38) {
            0 => {
                let spec = self.spec();
                Op::Session(self.new_session(spec.context), spec)
            }
            1 => Op::UpRef(self.session()?.1),
            2 => Op::Free(self.session()?.1),
            3 => Op::SessionSetTime(self.session()?.1, Time(self.random.seconds())),
            4 => Op::SessionGetTime(self.session()?.1),
            5 => Op::SessionSetTimeout(self.session()?.1, Timeout(self.random.seconds())),
            6 => Op::SessionGetTimeout(self.session()?.1),
            7 => Op::IsResumable(self.session()?.1),
            8 => Op::SessionSetIdContext(self.session()?.1, self.random.id_context()),
            9 => {
                let (context, session) = self.session()?;
                Op::AddSession { context, session, synonym }
            }
            10 => {
                let (context, session) = self.session()?;
                Op::RemoveSession { context, session, synonym }
            }
            11 => Op::FlushSessions { context, at: At::Absolute(Time(self.random.seconds())), synonym },
            12 => {
                let later = self.random.pick(&[0, 1, -1, 1_000_000_000, -1_000_000_000]);
                Op::FlushSessions { context, at: At::Now(later), synonym }
            }
            13 => Op::SetSessionCacheMode(context, self.random.mode()),
            14 => Op::GetSessionCacheMode(context),
            15 => Op::SessSetCacheSize(context, self.random.next() as u32),
            16 => Op::SessGetCacheSize(context),
            17 => Op::SetTimeout(context, Timeout(self.random.seconds())),
            18 => Op::GetTimeout(context),
            19 => Op::SetSessionIdContext(context, LongIdContext::new(&self.random.bytes(64)).expect("at most 64")),
            20 => Op::SetCallbacks(context, self.random.callbacks()),
            21 => {
                let (context, session) = self.session()?;
                Op::ExternalStore(context, session)
            }
            22 => {
                let (context, session) = self.session()?;
                Op::ExternalForget(context, session)
            }
            23 => Op::CtxFree(context),
            24 => {
                let accept = self.accept();
                let next = Connection(self.connections);
                self.connections += 1;
                self.begun.push(accept);
                Op::AcceptBegin(if self.regular { next } else { self.connection()? }, accept)
            }
            25 => Op::AcceptFinish(self.connection()?),
            26 => Op::AcceptAbort(self.connection()?),
            27 => Op::Close(self.connection()?, self.random.pick(&[Close::Clean, Close::Unclean])),
            28 => {
                let accept = self.accept();
                Op::Handshake(accept, self.random.pick(&[Close::Clean, Close::Unclean]))
            }
            29 => Op::Advance(self.random.next() as u32),
            30 => Op::SetClock(Time(self.random.seconds())),
            31 if may_repeat => {
                let times = self.random.next() as u32 % 10_000;
                let len = self.random.below(6);
                Op::Repeat(times, (0..len).map(|_| self.op(false)).collect())
            }
            32 => Op::Probe,
            33 => Op::Release(self.session()?.1),
            34 => Op::Hangup(self.connection()?),
            35 => Op::ApplicationRelease(context),
            36 => {
                let connection = self.connection()?;
                let begun = self.begun.get(connection.0 as usize).filter(|_| self.regular).copied();
                let (server, client) = begun.map_or((context, Some(context)), |accept| (accept.context, accept.client));
                let server = self.random.flip().then(|| self.new_session(server));
                let client = client.filter(|_| self.random.flip()).map(|client| self.new_session(client));
                let kinds = [Renegotiation::New, Renegotiation::Abbreviated, Renegotiation::Requested];
                let kind = self.random.pick(&kinds);
                Op::Renegotiate(connection, Renegotiate { kind, makes: Makes::first(server, client) })
            }
            _ => return None,
        })
    }

    /// No names, fewer than there are, or enough, some of which other YAML readers misread.
    fn names(&mut self) -> Names {
        let words = ["a", "b", "no", "ON", "y", "null", "true", "x-1", "e5", "Old.one", "the_other"];
        let some = |random: &mut Random| {
            let from = random.below(words.len());
            let len = random.below(words.len() - from + 1);
            words[from..from + len].iter().map(|word| (*word).to_owned()).collect()
        };
        let random = &mut self.random;
        Names { contexts: some(random), sessions: some(random), connections: some(random) }
    }
}

#[test]
fn every_trace_that_is_written_reads_back_to_itself() {
    let mut listed = 0;
    for seed in 0..1500 {
        let trace = Traces::trace(seed);
        let text = write(&trace, &Header { title: "a trace".to_owned(), ..Header::default() }, &[], &[]);
        let scenario = good(&text);
        assert_eq!(trace.setup, scenario.trace.setup, "seed {seed}\n{text}");
        assert_eq!(trace.ops, scenario.trace.ops, "seed {seed}\n{text}");
        let read = &scenario.trace.names;
        for (n, name) in read.sessions.iter().enumerate() {
            assert_eq!(trace.names.session(Name(n as u32)), *name, "seed {seed}\n{text}");
        }
        for (n, name) in read.connections.iter().enumerate() {
            assert_eq!(trace.names.connection(Connection(n as u32)), *name, "seed {seed}\n{text}");
        }
        for (n, name) in read.contexts.iter().enumerate() {
            assert_eq!(trace.names.context(ContextRef(n as u8)), *name, "seed {seed}\n{text}");
        }
        assert_eq!(text, rewrite(&scenario), "seed {seed}");
        listed += usize::from(text.contains("\nnames: "));
        let ops = scenario.trace.ops.iter().map(|op| op_line(op, read));
        let lines: Vec<_> = text.lines().collect();
        for (line, op) in scenario.lines.iter().zip(ops) {
            let step = lines[line - 1].trim_start_matches("  - ");
            // An op that is too long for its line goes on below.
            assert!(op == step || !step.contains(": "), "seed {seed}: {op}\n{step}");
        }
    }
    // Regular traces need no list, of the others most do.
    assert!((400..900).contains(&listed), "{listed}");
}

#[test]
fn a_written_scenario_is_what_a_person_would_write() {
    let text = "scenario: \"two sessions, one id\"\nclauses: [add.adds]\nreadings: {remove.match: id}\nclock: 1000\n\
        contexts:\n  server: {mode: [\"OFF\"], callbacks: {new: keep, get: record, remove: record}}\nsessions:\n  \
        a: {id: \"01\", time: 990}\n  \"no\": {id: \"01\", timeout: 10, id_context: \"12:30\"}\nsteps:\n  \
        - add_session: a\n    returns: 1\n    callbacks: []\n    members: [a]\n  \
        - flush_sessions: now+1\n  - set_session_cache_mode: [SERVER, NO_AUTO_CLEAR]\n  \
        - handshake: {propose: \"no\", as: s1, close: unclean}\n    returns: resumed\n    \
        callbacks: [{get: none}, {remove: _}]\n    destroyed: [\"no\"]\n    counters: {number: 1, cb_hits: 0}\n    \
        times: {a: 990}\n    resumable: {a: false}\n  \
        - repeat: {times: 254, steps: [{handshake: {}}]}\n    members: [a, _]\nlast:\n  - release: a\n    destroyed: []\n";
    let written = rewrite(&good(text));
    assert_eq!(written.strip_prefix("# yaml-language-server: $schema=../scenario.schema.json\n"), Some(text));
}

#[test]
fn an_op_is_one_line_and_names_its_context_only_among_several() {
    let one = Names { contexts: vec!["server".to_owned()], sessions: vec!["a".to_owned()], ..Names::default() };
    let two = Names { contexts: vec!["server".to_owned(), "client".to_owned()], ..one.clone() };
    let op = Op::AddSession { context: ContextRef(0), session: Name(0), synonym: false };
    assert_eq!(op_line(&op, &one), "add_session: a");
    assert_eq!(op_line(&op, &two), "add_session: {context: server, session: a}");
    assert_eq!(op_line(&Op::Free(Name(7)), &Names::default()), "free: s7");
    let op = Op::Repeat(254, vec![Op::Advance(1), Op::Probe]);
    assert_eq!(op_line(&op, &one), "repeat: {times: 254, steps: [{advance: 1}, {probe: ~}]}");
}

#[test]
fn names_that_no_scenario_can_hold_are_replaced() {
    let spec = SessionSpec {
        context: ContextRef(0),
        id: SessionId::new(&[1]).expect("one byte"),
        protocol: Protocol::Tls12,
        time: None,
        timeout: Timeout(300),
        id_context: IdContext::default(),
    };
    let trace = Trace {
        setup: Setup {
            clock: Time(1000),
            contexts: vec![ContextSetup::default()],
            sessions: vec![spec; 5],
            hazards: false,
        },
        ops: vec![Op::Free(Name(0))],
        shown: Shown::Steps,
        names: Names { sessions: ["_", "a", "a", "none", "s0"].map(str::to_owned).to_vec(), ..Names::default() },
    };
    let read = good(&write(&trace, &Header { title: "x".to_owned(), ..Header::default() }, &[], &[])).trace;
    assert_eq!(read.names.sessions, ["s1", "a", "s2", "s3", "s0"]);
    assert_eq!((read.setup, read.ops), (trace.setup, trace.ops));
}

/// Every scenario file of the project.
fn files() -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the project has scenarios") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                let text = std::fs::read_to_string(&path).expect("a scenario is text");
                files.push((path.display().to_string(), text));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_scenario_of_the_project_reads_and_reads_back() {
    let files = files();
    assert!(!files.is_empty());
    for (file, text) in files {
        let scenario = parse(&file, &text, &vocabulary()).unwrap_or_else(|mistakes| {
            panic!("{}", mistakes.iter().map(|mistake| mistake.render(false)).collect::<Vec<_>>().join("\n\n"))
        });
        let written = rewrite(&scenario);
        let again = good(&written);
        assert_eq!(scenario.trace, again.trace, "{file}\n{written}");
        assert_eq!(written, rewrite(&again), "{file}");
        assert_eq!(scenario.expectations.len(), again.expectations.len(), "{file}\n{written}");
        assert_eq!(scenario.last.len(), again.last.len(), "{file}\n{written}");
    }
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/scenario.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema_text(),
        "scenarios/scenario.schema.json is not what `sesscheck schema` prints; print it there again"
    );
}
