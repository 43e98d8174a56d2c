//! The worker's side.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, Write};
use std::os::unix::fs::FileExt;

use super::protocol::{Counts, Random, Reply, Request, lane, trace_of_text};
use session_model::Profile;

use crate::check::{Verdict, check_with};
use crate::damage::until_damage;
use crate::finding::{Came, Parted};
use crate::hazards;
use crate::profiles::Document;
use crate::source::{Seed, trace_of};
use crate::subject::Subject;
use crate::subjects::Spec;
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::transcript::{Ending, Transcript};

/// How many traces of one finding are told.
pub(super) const A_FEW: u32 = 3;

/// Serves requests until the input ends. `word` is where the number of the running trace is left, 8 bytes,
/// little-endian.
///
/// # Errors
///
/// When the parent is gone or speaks another language.
pub fn serve(spec: &Spec, word: &File, input: impl BufRead, out: impl Write) -> std::io::Result<()> {
    // A panic is an observation here; its text goes with it.
    super::quiet_panics();
    let mut replies = Replies(out);
    let mut opened = match spec.open() {
        Ok(opened) => opened,
        Err(why) => return replies.say(&Reply::CannotOpen(why.to_string())),
    };
    replies.say(&Reply::Ready(opened.about, Document::of(&opened.profile)))?;
    let mut desk = Desk {
        subject: opened.subject.as_mut(),
        is_program: matches!(spec, Spec::Exec(_)),
        seen: Transcript::default(),
        ruled: Transcript::default(),
    };
    for line in input.lines() {
        match Request::read(&line?)? {
            Request::Check { trace, everything, careful, profile } => {
                let came = desk.check_text(&trace, everything, careful, profile, &mut replies);
                replies.say(&Reply::Checked(came))?;
            }
            Request::Show { trace, everything, careful } => {
                let reply = desk.show_text(&trace, everything, careful, &mut replies);
                replies.say(&reply)?;
            }
            Request::Random(random) => desk.random(&random, word, &mut replies)?,
        }
    }
    Ok(())
}

struct Replies<W>(W);

impl<W: Write> Replies<W> {
    fn say(&mut self, reply: &Reply) -> std::io::Result<()> {
        writeln!(self.0, "{}", reply.line())?;
        self.0.flush()
    }
}

/// From how many executed steps on a program is not asked for everything at each.
const LONG_FOR_A_PROGRAM: usize = 256;

struct Desk<'s> {
    subject: &'s mut dyn Subject,
    /// A program is asked for each object by itself: with everything at each step of a long trace its answers would be
    /// more than a worker may hold.
    is_program: bool,
    seen: Transcript,
    ruled: Transcript,
}

impl Desk<'_> {
    fn check_text<W: Write>(
        &mut self,
        text: &str,
        everything: bool,
        careful: bool,
        profile: Document,
        replies: &mut Replies<W>,
    ) -> Came {
        let mut trace = match trace_of_text(text) {
            Ok(trace) => trace,
            Err(why) => return Came::NotRun(why),
        };
        let profile = match profile.resolve() {
            Ok(named) => named.profile,
            Err(why) => return Came::NotRun(why.to_string()),
        };
        if trace.setup.hazards {
            return self.endure(&trace, careful, true, replies);
        }
        trace.shown = if everything { self.most_of(&trace) } else { Shown::Steps };
        until_damage(&mut trace, &profile);
        self.run(&trace, careful, replies);
        (&check_with(&trace, &profile, &self.seen, &mut Tally::default(), &mut self.ruled)).into()
    }

    /// The most that can be shown while this trace is checked.
    fn most_of(&self, trace: &Trace) -> Shown {
        let long = trace.executed().nth(LONG_FOR_A_PROGRAM).is_some();
        if self.is_program && long { Shown::Steps } else { Shown::Everything }
    }

    /// Runs a hazards trace: how it ends, and with `rounds` also whether rounds of one that leaves something behind
    /// make the process grow.
    fn endure<W: Write>(&mut self, trace: &Trace, careful: bool, rounds: bool, replies: &mut Replies<W>) -> Came {
        // A parent that is gone shows at the next reply.
        self.subject.run_watched(trace, &mut self.seen, &mut |step| {
            if careful {
                drop(replies.say(&Reply::Step(step)));
            }
        });
        let came = hazards::ended(trace, &self.seen);
        if came != Came::Completed || !rounds || !hazards::leaves_behind(trace, &self.seen) {
            return came;
        }
        let steps = self.seen.steps.len();
        match hazards::leak(self.subject, trace, &mut || drop(replies.say(&Reply::Alive))) {
            None => Came::Completed,
            Some(leak) => Came::WentDown(hazards::went_down(trace, steps - 1, &Ending::Grew(leak.to_string()))),
        }
    }

    /// One random hazards trace. Rounds take long: a trace in eight is tried.
    fn random_hazards<W: Write>(
        &mut self,
        trace: &Trace,
        number: u64,
        since: &mut Since,
        replies: &mut Replies<W>,
    ) -> Option<Parted> {
        since.hazards += 1;
        match self.endure(trace, false, number.is_multiple_of(8), replies) {
            Came::WentDown(parted) => return Some(parted),
            Came::NotRun(why) => {
                since.not_run += 1;
                since.why_not = Some(why);
            }
            _ => {
                since.tally.traces += 1;
                since.tally.ops += self.seen.steps.len() as u64;
            }
        }
        None
    }

    fn run<W: Write>(&mut self, trace: &Trace, careful: bool, replies: &mut Replies<W>) {
        if careful {
            // A parent that is gone shows at the next reply.
            self.subject.run_watched(trace, &mut self.seen, &mut |step| drop(replies.say(&Reply::Step(step))));
        } else {
            self.subject.run(trace, &mut self.seen);
        }
    }

    fn show_text<W: Write>(&mut self, text: &str, everything: bool, careful: bool, replies: &mut Replies<W>) -> Reply {
        match trace_of_text(text) {
            Ok(mut trace) => {
                trace.shown = if everything { Shown::Everything } else { Shown::Steps };
                self.run(&trace, careful, replies);
                Reply::Shown(crate::recording::write_transcript(&self.seen, everything))
            }
            Err(why) => Reply::Cannot(why),
        }
    }

    fn random<W: Write>(&mut self, random: &Random, word: &File, replies: &mut Replies<W>) -> std::io::Result<()> {
        let Some(lane) = lane(&random.lane) else {
            return replies.say(&Reply::Cannot(format!("there is no lane `{}`", random.lane)));
        };
        let profile = match random.profile.clone().resolve() {
            Ok(named) => named.profile,
            Err(why) => return replies.say(&Reply::Cannot(why.to_string())),
        };
        let mut known: BTreeMap<_, u32> = BTreeMap::new();
        let mut since = Since::default();
        for number in random.first..random.first + random.count {
            word.write_all_at(&number.to_le_bytes(), 0)?;
            let mut trace = trace_of(Seed(random.seed), number, lane);
            let parted = if trace.setup.hazards {
                self.random_hazards(&trace, number, &mut since, replies)
            } else {
                let cut = until_damage(&mut trace, &profile);
                self.parts(&mut trace, cut, &profile, &mut since)
            };
            if let Some(parted) = parted {
                since.diverged += 1;
                let times = known.entry(parted.key()).or_default();
                *times += 1;
                // A few of each, should the first not come back.
                if *times <= A_FEW {
                    replies.say(&Reply::Found(number, parted))?;
                }
            }
            if since.is_worth_a_word() {
                replies.say(&Reply::Progress(number + 1, std::mem::take(&mut since).counts()))?;
            }
        }
        replies.say(&Reply::Progress(random.first + random.count, since.counts()))?;
        replies.say(&Reply::Done)
    }

    /// Runs and checks one trace; where it departs, it runs again with everything shown, which tells more.
    fn parts(&mut self, trace: &mut Trace, cut: bool, profile: &Profile, since: &mut Since) -> Option<Parted> {
        let mut first = None;
        let shows: &[_] = match self.most_of(trace) {
            Shown::Everything => &[Shown::Steps, Shown::Everything],
            Shown::Steps => &[Shown::Steps],
        };
        for shown in shows {
            trace.shown = *shown;
            self.subject.run(trace, &mut self.seen);
            // Steps of a trace that diverges do not count as agreed.
            let mut tally = Tally::default();
            match check_with(trace, profile, &self.seen, &mut tally, &mut self.ruled) {
                Verdict::Diverges(divergence) => first = Some(divergence.as_ref().into()),
                Verdict::Conforms => {
                    if first.is_none() {
                        tally.cut += u64::from(cut);
                        since.tally.add(&tally);
                    }
                    break;
                }
                Verdict::NotRun(why) => {
                    // A trace counts once.
                    if first.is_none() {
                        since.not_run += 1;
                        since.why_not = Some(why);
                    }
                    break;
                }
            }
        }
        first
    }
}

/// What came since the last word to the parent.
#[derive(Default)]
struct Since {
    tally: Tally,
    diverged: u64,
    not_run: u64,
    why_not: Option<String>,
    /// Hazards traces: told often, since the next one may be the last.
    hazards: u64,
}

impl Since {
    fn is_worth_a_word(&self) -> bool {
        self.tally.ops >= 50_000
            || self.tally.handshakes >= 500
            || self.diverged >= 20
            || self.not_run >= 100
            || self.hazards > 0
    }

    fn counts(self) -> Counts {
        Counts {
            traces: self.tally.traces,
            cut: self.tally.cut,
            ops: self.tally.ops,
            handshakes: self.tally.handshakes,
            latitudes: self.tally.latitudes,
            absent: self.tally.absent,
            diverged: self.diverged,
            not_run: self.not_run,
            why_not: self.why_not,
            cited: self.tally.cited,
            outcomes: self.tally.outcomes.to_vec(),
        }
    }
}
