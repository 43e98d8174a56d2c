//! `sesscheck simulate`: days of a service's traffic in seconds, once or under several settings side by side.
//!
//! Exit status 0: it ran, and nothing that was checked differs; 1: a divergence or a broken promise; 2: it could not be
//! run, or nothing would have happened in it.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::apart::{Down, apart};
use super::arguments::{AnswersFormat, Simulate};
use super::check::{profile_of, progress_bar};
use super::noted::{NotedSource, NotedWitness};
use super::word::{Line, Word};
use super::{CouldNotRun, Done, print};
use crate::profiles::Named;
use crate::render::{found as render_found, simulation as render};
use crate::report::Found;
use crate::scenario::SIZE_LIMIT;
use crate::simulate::answers::{Answers, Breach, Facts};
use crate::simulate::asks::Asks;
use crate::simulate::cut::{Again, cut};
use crate::simulate::event::{Moment, Server};
use crate::simulate::run;
use crate::simulate::service::{Against, Parting, unset_timeout};
use crate::simulate::sweep::{Run, Swept, Variation, side_by_side, variations};
use crate::simulate::traffic::Traffic;
use crate::simulate::watched::Watched;
use crate::simulate::workload::Workload;
use crate::simulate::{read, shipped};
use crate::stopwatch::{SILENCE, Stopwatch};
use crate::subjects::Spec;
use crate::suite::SuiteError;
use crate::verify::quoted;
use crate::worker::{Checks, Held, Here, quiet_panics};

pub(super) fn simulate(arguments: &Simulate) -> Done {
    if arguments.list {
        return list(arguments.workload.as_deref());
    }
    let workload = workload(arguments)?;
    let variations = variations(&arguments.sweep).map_err(CouldNotRun)?;
    possible(arguments, &workload, &variations)?;
    let profile = arguments.profile.as_deref().map(profile_of).transpose()?;
    let inside = match (&arguments.subject, &arguments.inside) {
        (subject, None) if subject.can_go_down() => {
            if let Spec::Libssl(_) = subject {
                tell_of_many(&workload, variations.len());
            }
            return apart(&subject.to_string(), &again(arguments, true), silence(arguments));
        }
        (_, None) => None,
        (_, Some(word)) => Some(Arc::new(Word::open(word)?)),
    };
    let given = Given { arguments, workload: &workload, profile, inside };
    let done = given.run_and_tell(&variations);
    if let Some(word) = &given.inside {
        word.told(*done.as_ref().unwrap_or(&2))?;
    }
    done
}

/// The shipped workloads, or the one of this name, each with what it teaches.
fn list(named: Option<&str>) -> Done {
    let mut text = String::new();
    let all = shipped::shipped();
    if let Some(named) = named
        && all.iter().all(|(name, _)| *name != named)
    {
        return Err(CouldNotRun(format!("no workload `{named}` is shipped: those that are: {}", names())));
    }
    for (name, workload) in all.into_iter().filter(|(name, _)| named.is_none_or(|named| *name == named)) {
        text.push_str(&format!("{name:<24}{}\n", workload.title));
        if let Some(teaches) = &workload.teaches {
            text.push_str(&format!("{:<24}{}\n", "", teaches.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    print(&text)
}

/// The workload of a file, or a shipped one, to last as long as is asked for.
fn workload(arguments: &Simulate) -> Result<Workload, CouldNotRun> {
    let Some(named) = arguments.workload.as_deref() else {
        let why =
            format!("which workload? a file, or one that is shipped: {}; `--list` says what each teaches", names());
        return Err(CouldNotRun(why));
    };
    let shipped = shipped::texts().iter().find(|(name, _)| *name == named);
    let text = shipped.map_or_else(|| read_file(named), |(_, text)| Ok((*text).to_owned()))?;
    let lasts = arguments.lasts.map(|lasts| Moment(u64::try_from(lasts.as_micros()).expect("read as few years")));
    read::parse_lasting(named, &text, lasts).map_err(|mistakes| super::unreadable(SuiteError::Mistakes(mistakes)))
}

/// The names of the shipped workloads.
fn names() -> String {
    shipped::texts().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The text of a file, or as much of it as shows that it is too long.
fn read_file(file: &str) -> Result<String, CouldNotRun> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(file).and_then(|open| open.take(1 + SIZE_LIMIT as u64).read_to_end(&mut bytes));
    read.map_err(|error| CouldNotRun(format!("{file}: neither a shipped workload ({}) nor a file: {error}", names())))?;
    if bytes.len() > SIZE_LIMIT {
        return Err(CouldNotRun(format!("{file}: too many bytes; a workload has at most {SIZE_LIMIT}")));
    }
    String::from_utf8(bytes).map_err(|error| CouldNotRun(format!("{file}: no text in UTF-8: {error}")))
}

/// What cannot be, told before anything is run.
fn possible(arguments: &Simulate, workload: &Workload, variations: &[Variation]) -> Result<(), CouldNotRun> {
    let wrong = |why: &str| Err(CouldNotRun(why.to_owned()));
    if variations.iter().any(|variation| variation.victim().is_some()) && arguments.subject != Spec::Model {
        return wrong(
            "which session is dropped is a reading of the model, which alone can take each: `--subject model`",
        );
    }
    let forms = [arguments.format].into_iter().chain(arguments.also.iter().map(|(form, _)| *form));
    if !arguments.sweep.is_empty() && forms.into_iter().any(|form| form == AnswersFormat::Prometheus) {
        return wrong("`prometheus` is of one run: a sweep would be scraped several times at each moment");
    }
    for variation in variations {
        let mut varied = workload.clone();
        variation.vary(&mut varied.setting);
        let of = if variation.0.is_empty() { workload.title.clone() + ":" } else { format!("with {variation},") };
        read::fits(&varied, unset_timeout(&arguments.subject)).map_err(|why| CouldNotRun(format!("{of} {why}")))?;
    }
    one_place_each(arguments)
}

/// Two forms in one file would be the last of them alone.
fn one_place_each(arguments: &Simulate) -> Result<(), CouldNotRun> {
    let mut places = Vec::new();
    for file in arguments.out.iter().chain(arguments.also.iter().map(|(_, file)| file)) {
        let place = std::fs::canonicalize(file).or_else(|_| std::path::absolute(file))?;
        if places.contains(&place) {
            let why = "two forms of the answers would be written there: give each a file of its own";
            return Err(CouldNotRun(format!("{}: {why}", file.display())));
        }
        places.push(place);
    }
    Ok(())
}

/// From how many connections on it is told that a libssl takes long for them.
const MANY: f64 = 2e6;

/// How many connections a libssl begins and ends in a second, about.
const A_SECOND: f64 = 3e3;

/// Says that it will take long, if it will.
fn tell_of_many(workload: &Workload, runs: usize) {
    let connections = workload.connections() * runs as f64;
    if connections > MANY {
        let millions = connections / 1e6;
        let minutes = connections / A_SECOND / 60.0;
        let _ = writeln!(
            std::io::stderr(),
            "sesscheck: about {millions:.1} million connections come, and a libssl makes a few thousand handshakes a \
             second: some {minutes:.0} minutes; `--for` asks for less of it"
        );
    }
}

/// Whether the cache has what the connections take.
fn refused(workload: &Workload, against: &Against) -> Result<(), CouldNotRun> {
    for mechanism in workload.mechanisms() {
        let refused = against.refuses(mechanism).map_err(|why| CouldNotRun(format!("{}: {why}", against.subject)))?;
        if let Some(why) = refused {
            return Err(CouldNotRun(format!("{}: {why}, which connections of this workload take", against.subject)));
        }
    }
    Ok(())
}

/// Whether the files can be written; what is there stays until the answers are.
fn writable(arguments: &Simulate) -> Result<(), CouldNotRun> {
    for file in arguments.out.iter().chain(arguments.also.iter().map(|(_, file)| file)) {
        let opened = std::fs::File::options().append(true).create(true).open(file);
        opened.map_err(|error| CouldNotRun(format!("{}: {error}", file.display())))?;
    }
    Ok(())
}

/// What all runs have in common.
struct Given<'a> {
    arguments: &'a Simulate,
    workload: &'a Workload,
    /// What the cache is held to; `None`: its own profile.
    profile: Option<Named>,
    /// Where a process that was started for the runs writes what they are about to do.
    inside: Option<Arc<Word>>,
}

impl Given<'_> {
    fn run_and_tell(&self, variations: &[Variation]) -> Done {
        let arguments = self.arguments;
        Line::of(self.inside.clone(), 0, &arguments.subject).about("the cache is opened");
        refused(self.workload, &self.against(&Variation::default()))?;
        writable(arguments)?;
        let told = if arguments.sweep.is_empty() {
            Told::One(Box::new(one(self)?))
        } else {
            Told::Several(several(self, variations)?)
        };
        told.tell(arguments)
    }

    fn against(&self, variation: &Variation) -> Against {
        let Simulate { subject, model, .. } = self.arguments;
        Against { subject: subject.clone(), profile: self.profile.clone(), checked: *model, victim: variation.victim() }
    }
}

/// One run, with words about its progress.
fn one(given: &Given<'_>) -> Result<Answers, CouldNotRun> {
    let bar = progress_bar();
    let answers = ran(given, 0, &Variation::default(), &mut |word| bar.set_message(word.to_owned()));
    bar.finish_and_clear();
    answers
}

/// A run under each setting, as many at once as there are cores.
fn several(given: &Given<'_>, variations: &[Variation]) -> Result<Swept, CouldNotRun> {
    let arguments = given.arguments;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if arguments.one_by_one { 1 } else { arguments.threads.unwrap_or_else(cores) };
    let (bar, ended) = (progress_bar(), std::sync::atomic::AtomicUsize::new(0));
    let numbered: Vec<_> = (0..).zip(variations).collect();
    let made = side_by_side(&numbered, at_once, |(number, variation)| {
        let answers = ran(given, *number, variation, &mut |word| bar.set_message(format!("{variation}: {word}")));
        let ended = 1 + ended.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bar.set_message(format!("{ended} of {} settings", variations.len()));
        answers
    });
    bar.finish_and_clear();
    let settings = variations.iter().zip(made);
    let settings = settings.map(|(variation, answers)| Ok(Run { setting: variation.to_string(), answers: answers? }));
    Ok(Swept { again: again(arguments, true), settings: settings.collect::<Result<_, CouldNotRun>>()? })
}

/// The run of this number, varied; what parts is cut out of it. `told` is given a word on how far it is.
fn ran(
    given: &Given<'_>,
    number: usize,
    variation: &Variation,
    told: &mut dyn FnMut(&str),
) -> Result<Answers, CouldNotRun> {
    let Given { arguments, workload, .. } = given;
    let mut setting = workload.setting.clone();
    variation.vary(&mut setting);
    let seed = variation.seed().unwrap_or(arguments.seed);
    let (against, line) = (given.against(variation), Line::of(given.inside.clone(), number, variation));
    let down = arguments.down.iter().find(|down| down.run == number);
    line.about("the servers are started");
    let service = Watched::open(&setting, &against, seed, workload.lasts);
    let service = service.map_err(|why| CouldNotRun(format!("{}: {why}", arguments.subject)))?;
    let [before, asked] = [(); 2].map(|()| line.clone());
    let mut service = service.telling(Box::new(move |number, event| before.event(number, event)));
    if given.inside.is_some() {
        service = service.counting(&Asks::new(Box::new(move |number| asked.ask(number)), down.map(Down::fall)));
    }
    let facts = Facts {
        again: again(arguments, false),
        seed,
        subject: arguments.subject.to_string(),
        unset_timeout: unset_timeout(&arguments.subject),
        about: arguments.subject.open()?.about,
        held_to: given.profile.as_ref().map_or_else(String::new, |profile| profile.name.clone()),
        model: arguments.model.to_string(),
        ..Facts::of(workload, &setting)
    };
    let watch = Stopwatch::start();
    let mut answers = run::run(facts, &mut Traffic::new(workload, seed), &mut service, &mut |events, at| {
        let speed = events as f64 / watch.elapsed().as_secs_f64();
        told(&format!("{} of virtual time, {events} events, {speed:.0} a second", render::time(at.0)));
    });
    // What ends at its first event has found something.
    if answers.is_empty() && answers.checked.found.is_empty() {
        let why = "nobody came: there is nothing to say of a cache that no client met; try a longer `--for`";
        return Err(CouldNotRun(format!("{}: {why}", workload.title)));
    }
    if let Some(why) = service.in_vain() {
        return Err(CouldNotRun(format!("{}: {why}", workload.title)));
    }
    let replay = again_of(arguments, variation, seed);
    let fell = service.parted().is_some_and(|parting| parting.down);
    if let (Some(parting), Some(breach)) = (service.parted(), answers.checked.found.last_mut()) {
        // Whatever takes the process down from here on, this is known.
        if given.inside.is_some() && !parting.down {
            tell_of(arguments, parting, &replay);
        }
        let source = &mut Traffic::new(workload, seed);
        let again = Again { setting: &setting, against: &against, seed, source, fall: down.map(Down::fall) };
        let found = reduced(arguments, again, parting, (replay.clone(), &line), told);
        let down = down.filter(|_| fell);
        *breach = Breach::new(parting.at, parting.server, &in_words(arguments, parting, (found, down), &replay));
    }
    if let Some(down) = down.filter(|_| !fell) {
        let told = not_cut(&down.told(&arguments.subject.to_string()), "made again, it does not go down", &replay);
        answers.checked.found.push(Breach::new(workload.lasts, Server(0), &told));
    }
    line.about("the servers are freed");
    service.end();
    line.over();
    Ok(answers)
}

/// Says where a run parts, before it is cut out of it.
fn tell_of(arguments: &Simulate, parting: &Parting, replay: &str) {
    let text = format!("sesscheck: {} parts: {parting}; cut out of the run\n  again: {replay}\n", arguments.subject);
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// What was found, or why it could not be cut out. `down`: what was seen of a cache that took its process down.
fn in_words(
    arguments: &Simulate,
    parting: &Parting,
    (found, down): (Result<Found, String>, Option<&Down>),
    replay: &str,
) -> String {
    let subject = arguments.subject.to_string();
    match (found, down) {
        (Ok(found), None) => render_found(&subject, &found),
        (Ok(found), Some(down)) => format!("{}  in the run, {}\n", render_found(&subject, &found), down.told(&subject)),
        (Err(why), Some(down)) => not_cut(&down.told(&subject), &why, replay),
        (Err(why), None) => not_cut(&format!("{parting}\n"), &why, replay),
    }
}

fn not_cut(told: &str, why: &str, replay: &str) -> String {
    format!("{told}  it could not be cut out of the run: {why}\n  again: {replay}\n")
}

/// What parts, as a scenario, which is kept where that is asked for.
fn reduced(
    arguments: &Simulate,
    again: Again<'_>,
    parting: &Parting,
    (replay, line): (String, &Line),
    told: &mut dyn FnMut(&str),
) -> Result<Found, String> {
    let again = Again { source: &mut NotedSource::new(again.source, line), ..again };
    let told = &mut |word: &str| {
        line.about(word);
        told(word);
    };
    line.reduction("a worker is started");
    let mut witness = NotedWitness::new(witness(arguments)?, line);
    line.about("it parts");
    let (found, _) = cut(again, parting, &mut witness, replay, told).map_err(|error| error.to_string())?;
    if let Some(folder) = &arguments.found {
        super::explore::write(folder, &found).map_err(|CouldNotRun(why)| why)?;
    }
    Ok(found)
}

/// Whoever runs parts of the run by themselves. What cannot take this process down is run in it, without a limit to the
/// length of a trace.
fn witness(arguments: &Simulate) -> Result<Box<dyn Checks>, String> {
    let subject = &arguments.subject;
    if !subject.can_go_down() {
        quiet_panics();
        return Ok(Box::new(Here::new(subject.open().map_err(|error| error.to_string())?.subject)));
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut held = Held::start(program, subject.clone()).map_err(|error| error.to_string())?;
    held.set_silence(silence(arguments));
    Ok(Box::new(held))
}

/// How long a subject may be silent before it is taken to hang.
fn silence(arguments: &Simulate) -> Duration {
    arguments.silence.unwrap_or(SILENCE)
}

/// The command that runs one setting of a sweep again, or the run that there is.
fn again_of(arguments: &Simulate, variation: &Variation, seed: u64) -> String {
    let one = Simulate { seed, ..arguments.clone() };
    let command = again(&one, !variation.0.is_empty());
    if variation.0.is_empty() { command } else { format!("{command} (the setting {variation})") }
}

/// The command that runs it again; where it goes and in which form is not of the run.
fn again(arguments: &Simulate, sweep: bool) -> String {
    let Simulate { workload, seed, model, subject, profile, lasts, sweep: axes, silence, .. } = arguments;
    let workload = quoted(workload.as_deref().unwrap_or_default());
    let mut command = format!("sesscheck simulate {workload} --seed {seed} --model {model}");
    if *subject != Spec::Optimised {
        command.push_str(&format!(" --subject {}", quoted(&subject.to_string())));
    }
    if let Some(profile) = profile {
        command.push_str(&format!(" --profile {}", quoted(profile)));
    }
    if let Some(lasts) = lasts {
        command.push_str(&format!(" --for {}", read::as_typed(*lasts)));
    }
    for axis in axes.iter().filter(|_| sweep) {
        command.push_str(&format!(" --sweep {}", quoted(&axis.to_string())));
    }
    if let Some(silence) = silence.filter(|_| subject.can_go_down()) {
        command.push_str(&format!(" --silence {}", read::as_typed(silence)));
    }
    command
}

/// What there is to tell.
enum Told {
    One(Box<Answers>),
    Several(Swept),
}

impl Told {
    fn tell(&self, arguments: &Simulate) -> Done {
        let text = self.in_form(arguments.format);
        match &arguments.out {
            None => drop(print(&text)?),
            Some(file) => write(file, &text)?,
        }
        for (form, file) in &arguments.also {
            write(file, &self.in_form(*form))?;
        }
        Ok(match self {
            Self::One(answers) => answers.status(),
            Self::Several(swept) => swept.status(),
        })
    }

    fn in_form(&self, form: AnswersFormat) -> String {
        match (self, form) {
            (Self::One(answers), AnswersFormat::Text) => render::text(answers),
            (Self::One(answers), AnswersFormat::Json) => render::json(answers),
            (Self::One(answers), AnswersFormat::Csv) => render::csv(answers),
            (Self::One(answers), AnswersFormat::Prometheus) => render::prometheus(answers),
            (Self::One(answers), AnswersFormat::Html) => render::html(answers),
            (Self::Several(swept), AnswersFormat::Text) => render::sweep_text(swept),
            (Self::Several(swept), AnswersFormat::Json) => render::sweep_json(swept),
            (Self::Several(swept), AnswersFormat::Csv) => render::sweep_csv(swept),
            (Self::Several(swept), AnswersFormat::Html) => render::sweep_html(swept),
            (Self::Several(_), AnswersFormat::Prometheus) => unreachable!("refused before anything was run"),
        }
    }
}

fn write(file: &Path, text: &str) -> Result<(), CouldNotRun> {
    std::fs::write(file, text).map_err(|error| CouldNotRun(format!("{}: {error}", file.display())))
}
