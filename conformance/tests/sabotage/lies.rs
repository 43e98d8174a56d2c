//! A worker that lies. It is started as any worker is; its subject is `faulty:LIE/SUBJECT`, and but for the lie it
//! serves as the command does.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::rc::Rc;

use sesscheck::finding::{Came, Parted};
use sesscheck::profiles::{self, Document};
use sesscheck::subjects::Spec;
use sesscheck::worker::{self, Reply, Request, trace_of_text};
use session_model::departures::Departure;

/// What is done to what the parent asks and to what it is answered.
trait Lie {
    fn asked(&mut self, _request: &mut Request) {}

    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        vec![reply]
    }

    /// Printed before the next reply.
    fn noise(&mut self) -> &'static str {
        ""
    }
}

/// The subject that is served with this lie.
pub(crate) fn lying(lie: &str, subject: &str) -> Spec {
    Spec::Faulty(format!("{lie}/{subject}"))
}

/// Serves with the lie that the arguments name.
pub(crate) fn serve(arguments: &[String]) -> std::io::Result<()> {
    let word = arguments.iter().position(|argument| argument == "--word").expect("a worker is told where");
    let spec = arguments.last().and_then(|last| last.strip_prefix("faulty:")).expect("a subject");
    let (name, subject) = spec.split_once('/').expect("a lie and a subject");
    // Where nobody looks, nobody learns which trace it was.
    let word = if name == "tells no number" { "/dev/null" } else { &arguments[word + 1] };
    let word = File::options().write(true).open(word)?;
    let lie: Lying = Rc::new(RefCell::new(lie(name)));
    let input = BufReader::new(Asked { lie: Rc::clone(&lie), left: Vec::new() });
    worker::serve(&subject.parse().expect("a subject"), &word, input, Answered { lie, line: Vec::new() })
}

fn lie(name: &str) -> Box<dyn Lie> {
    match name {
        "nothing" | "tells no number" => Box::new(Nothing),
        "skips" => Box::new(Skips),
        "does nothing" => Box::new(DoesNothing),
        "counts one more" => Box::new(CountsOneMore(false)),
        "agrees with all" => Box::new(AgreesWithAll),
        "agrees at random" => Box::new(AgreesAtRandom),
        "hides what it found" => Box::new(HidesWhatItFound),
        "invents" => Box::new(Invents),
        "babbles" => Box::new(Babbles),
        "answers something else" => Box::new(AnswersSomethingElse),
        "quits" => Box::new(Quits),
        "is lenient" => Box::new(IsLenient),
        "takes all for the same" => Box::new(TakesAllForTheSame(None)),
        "changes the clause" => Box::new(ChangesTheClause { steps: 0, first: None }),
        _ => panic!("{name} is no lie"),
    }
}

struct Nothing;

impl Lie for Nothing {}

/// Runs half of the random traces.
struct Skips;

impl Lie for Skips {
    fn asked(&mut self, request: &mut Request) {
        if let Request::Random(random) = request {
            random.count /= 2;
        }
    }
}

/// Says at once that it is done.
struct DoesNothing;

impl Lie for DoesNothing {
    fn asked(&mut self, request: &mut Request) {
        if let Request::Random(random) = request {
            random.count = 0;
        }
    }
}

/// Whether it has.
struct CountsOneMore(bool);

impl Lie for CountsOneMore {
    fn answered(&mut self, mut reply: Reply) -> Vec<Reply> {
        if let Reply::Progress(_, counts) = &mut reply {
            counts.traces += u64::from(!std::mem::replace(&mut self.0, true));
        }
        vec![reply]
    }
}

struct AgreesWithAll;

impl Lie for AgreesWithAll {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        match reply {
            Reply::Checked(_) => vec![Reply::Checked(Came::Conforms)],
            other => agreed(other),
        }
    }
}

struct AgreesAtRandom;

impl Lie for AgreesAtRandom {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        agreed(reply)
    }
}

/// Random traces that diverge, as if they agreed.
fn agreed(reply: Reply) -> Vec<Reply> {
    match reply {
        Reply::Found(..) => Vec::new(),
        Reply::Progress(number, mut counts) => {
            counts.traces += std::mem::take(&mut counts.diverged);
            vec![Reply::Progress(number, counts)]
        }
        other => vec![other],
    }
}

struct HidesWhatItFound;

impl Lie for HidesWhatItFound {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        if matches!(reply, Reply::Found(..)) { Vec::new() } else { vec![reply] }
    }
}

/// Finds something where nothing is.
struct Invents;

impl Lie for Invents {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        let invented = || Reply::Found(0, parted("add.returns", "answer"));
        if reply == Reply::Done { vec![invented(), reply] } else { vec![reply] }
    }
}

fn parted(clause: &str, kind: &str) -> Parted {
    Parted {
        clause: clause.to_owned(),
        kind: kind.to_owned(),
        op: "add_session".to_owned(),
        place: "step 1".to_owned(),
        index: 0,
        ruled: "it returns 1".to_owned(),
        seen: "it returns 0".to_owned(),
    }
}

struct Babbles;

impl Lie for Babbles {
    fn noise(&mut self) -> &'static str {
        "all is well\n"
    }
}

struct AnswersSomethingElse;

impl Lie for AnswersSomethingElse {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        if matches!(reply, Reply::Checked(_)) { vec![Reply::Done] } else { vec![reply] }
    }
}

/// Ends, as if all were well, when it is asked for random traces.
struct Quits;

impl Lie for Quits {
    fn asked(&mut self, request: &mut Request) {
        if matches!(request, Request::Random(_)) {
            std::process::exit(0);
        }
    }
}

/// Says that its own profile, by its shipped name, allows what its subject does wrong.
struct IsLenient;

impl Lie for IsLenient {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        let Reply::Ready(about, _) = reply else { return vec![reply] };
        let mut profile = profiles::by_name("optimised").expect("it is shipped");
        let departure = Departure::by_name("flush-zero-empties").expect("it is known");
        profile.profile.departures = profile.profile.departures.with(departure);
        vec![Reply::Ready(about, Document::of(&profile))]
    }
}

/// Once something diverges, all diverges like it.
struct TakesAllForTheSame(Option<Parted>);

impl Lie for TakesAllForTheSame {
    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        match (reply, &self.0) {
            (Reply::Checked(_), Some(first)) => vec![Reply::Checked(Came::Diverges(first.clone()))],
            (Reply::Checked(Came::Diverges(parted)), None) => {
                self.0 = Some(parted.clone());
                vec![Reply::Checked(Came::Diverges(parted))]
            }
            (other, _) => vec![other],
        }
    }
}

/// Of a short trace it names another clause than of a long one, but whatever diverges after the first it takes for the
/// same as that.
struct ChangesTheClause {
    steps: usize,
    first: Option<Parted>,
}

/// Up to so many steps a trace is short.
const FEW: usize = 5;

impl Lie for ChangesTheClause {
    fn asked(&mut self, request: &mut Request) {
        if let Request::Check { trace, .. } = request {
            self.steps = trace_of_text(trace).map_or(0, |trace| trace.ops.len());
        }
    }

    fn answered(&mut self, reply: Reply) -> Vec<Reply> {
        let Reply::Checked(Came::Diverges(mut parted)) = reply else { return vec![reply] };
        if self.steps <= FEW {
            "remove.returns".clone_into(&mut parted.clause);
        }
        let first = self.first.get_or_insert_with(|| parted.clone());
        parted.clause.clone_from(&first.clause);
        parted.kind.clone_from(&first.kind);
        vec![Reply::Checked(Came::Diverges(parted))]
    }
}

type Lying = Rc<RefCell<Box<dyn Lie>>>;

/// What the parent asks, altered, a line a read.
struct Asked {
    lie: Lying,
    left: Vec<u8>,
}

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.is_empty() {
            let mut line = String::new();
            if std::io::stdin().read_line(&mut line)? == 0 {
                return Ok(0);
            }
            let mut request = serde_json::from_str(&line)?;
            self.lie.borrow_mut().asked(&mut request);
            self.left = serde_json::to_vec(&request)?;
            self.left.push(b'\n');
        }
        let n = self.left.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.left[..n]);
        self.left.drain(..n);
        Ok(n)
    }
}

/// What the parent is answered, altered.
struct Answered {
    lie: Lying,
    line: Vec<u8>,
}

impl Write for Answered {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            self.line.push(*byte);
            if *byte != b'\n' {
                continue;
            }
            let reply: Reply = serde_json::from_slice(&std::mem::take(&mut self.line))?;
            let ready = matches!(reply, Reply::Ready(..));
            let mut out = std::io::stdout().lock();
            if !ready {
                out.write_all(self.lie.borrow_mut().noise().as_bytes())?;
            }
            for reply in self.lie.borrow_mut().answered(reply) {
                serde_json::to_writer(&mut out, &reply)?;
                out.write_all(b"\n")?;
            }
            out.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
