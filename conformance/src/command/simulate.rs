//! `sesscheck simulate`: days of a service's traffic in seconds, once or under several settings side by side.
//!
//! Exit status 0: it ran, and nothing that was checked differs; 1: a divergence or a broken promise; 2: it could not be
//! run, or nothing would have happened in it.

use std::path::Path;

use super::arguments::{AnswersFormat, Simulate};
use super::check::progress_bar;
use super::{CouldNotRun, Done, print};
use crate::render::{found as render_found, simulation as render};
use crate::report::Found;
use crate::simulate::answers::{Answers, Breach, Facts};
use crate::simulate::cut::{Again, cut};
use crate::simulate::event::Moment;
use crate::simulate::run::{self, Part};
use crate::simulate::service::{Against, Checked, Parting};
use crate::simulate::sweep::{Run, Swept, Variation, side_by_side, variations};
use crate::simulate::traffic::Traffic;
use crate::simulate::watched::Watched;
use crate::simulate::workload::Workload;
use crate::simulate::{read, shipped};
use crate::stopwatch::Stopwatch;
use crate::subjects::Spec;
use crate::suite::SuiteError;
use crate::verify::quoted;
use crate::worker::Held;

/// The longest that a run may be told to last: ten years, as a workload.
const LONGEST: u64 = 10 * 365 * 86_400 * 1_000_000;

pub(super) fn simulate(arguments: &Simulate) -> Done {
    if arguments.list {
        return list();
    }
    let workload = workload(arguments)?;
    let variations = variations(&arguments.sweep).map_err(CouldNotRun)?;
    possible(arguments, &variations)?;
    writable(arguments)?;
    let told = if arguments.sweep.is_empty() {
        Told::One(Box::new(one(arguments, &workload)?))
    } else {
        Told::Several(several(arguments, &workload, &variations)?)
    };
    told.tell(arguments)
}

/// The shipped workloads, each with what it teaches.
fn list() -> Done {
    let mut text = String::new();
    for (name, workload) in shipped::shipped() {
        text.push_str(&format!("{name:<24}{}\n", workload.title));
        if let Some(teaches) = &workload.teaches {
            text.push_str(&format!("{:<24}{}\n", "", teaches.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    print(&text)
}

/// The workload of a file, or a shipped one, to last as long as is asked for.
fn workload(arguments: &Simulate) -> Result<Workload, CouldNotRun> {
    let named = arguments.workload.as_deref().expect("it is required without --list");
    let mut workload = match shipped::by_name(named) {
        Some(workload) => workload,
        None => read_file(named)?,
    };
    if let Some(lasts) = arguments.lasts {
        let micros = u64::try_from(lasts.as_micros()).ok().filter(|micros| (1..=LONGEST).contains(micros));
        let why = || CouldNotRun("`--for` is to be more than nothing, and at most ten years".to_owned());
        workload.lasts = Moment(micros.ok_or_else(why)?);
    }
    Ok(workload)
}

fn read_file(file: &str) -> Result<Workload, CouldNotRun> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let names: Vec<_> = shipped::texts().iter().map(|(name, _)| *name).collect();
        CouldNotRun(format!("{file}: neither a shipped workload ({}) nor a file: {error}", names.join(", ")))
    })?;
    read::parse(file, &text).map_err(|mistakes| super::unreadable(SuiteError::Mistakes(mistakes)))
}

/// What cannot be, told before anything is run.
fn possible(arguments: &Simulate, variations: &[Variation]) -> Result<(), CouldNotRun> {
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

/// One run, with words about its progress.
fn one(arguments: &Simulate, workload: &Workload) -> Result<Answers, CouldNotRun> {
    let (bar, watch) = (progress_bar(), Stopwatch::start());
    let answers = ran(arguments, workload, &Variation::default(), &mut |events, at| {
        let speed = events as f64 / watch.elapsed().as_secs_f64();
        bar.set_message(format!("{} of virtual time, {events} events, {speed:.0} a second", render::time(at.0)));
    });
    bar.finish_and_clear();
    answers
}

/// A run under each setting, as many at once as there are cores.
fn several(arguments: &Simulate, workload: &Workload, variations: &[Variation]) -> Result<Swept, CouldNotRun> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (bar, ended) = (progress_bar(), std::sync::atomic::AtomicUsize::new(0));
    let made = side_by_side(variations, arguments.threads.unwrap_or(cores), |variation| {
        let answers = ran(arguments, workload, variation, &mut |_, at| {
            bar.set_message(format!("{variation}: {} of virtual time", render::time(at.0)));
        });
        let ended = 1 + ended.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bar.set_message(format!("{ended} of {} settings", variations.len()));
        answers
    });
    bar.finish_and_clear();
    let settings = variations.iter().zip(made);
    let settings = settings.map(|(variation, answers)| Ok(Run { setting: variation.to_string(), answers: answers? }));
    Ok(Swept { again: again(arguments, true), settings: settings.collect::<Result<_, CouldNotRun>>()? })
}

/// A run of the workload, varied; what parts is cut out of it.
fn ran(
    arguments: &Simulate,
    workload: &Workload,
    variation: &Variation,
    told: &mut dyn FnMut(u64, Moment),
) -> Result<Answers, CouldNotRun> {
    let mut setting = workload.setting.clone();
    variation.vary(&mut setting);
    let seed = variation.seed().unwrap_or(arguments.seed);
    let against = against(arguments, variation);
    let service = Watched::open(&setting, &against, seed, workload.lasts);
    let mut service = service.map_err(|why| CouldNotRun(format!("{}: {why}", arguments.subject)))?;
    let facts = Facts {
        again: again(arguments, false),
        seed,
        subject: arguments.subject.to_string(),
        about: arguments.subject.open()?.about,
        model: arguments.model.to_string(),
        ..Facts::of(workload, &setting)
    };
    let mut answers = run::run(facts, &mut Traffic::new(workload, seed), &mut service, told);
    // What ends at its first event has found something.
    if answers.is_empty() && answers.checked.found.is_empty() {
        let why = "nobody came: there is nothing to say of a cache that no client met; try a longer `--for`";
        return Err(CouldNotRun(format!("{}: {why}", workload.title)));
    }
    if let (Some(parting), Some(breach)) = (service.parted(), answers.checked.found.last_mut()) {
        let source = &mut Traffic::new(workload, seed);
        let again = Again { setting: &setting, against: &against, seed, source };
        let replay = again_of(arguments, variation, seed);
        *breach = match reduced(arguments, again, parting) {
            Ok(found) => {
                let told = render_found(&arguments.subject.to_string(), &Found { replay, ..found });
                Breach::new(parting.at, parting.server, &told)
            }
            Err(why) => {
                let told = format!("{parting}\n  it could not be cut out of the run: {why}\n  again: {replay}\n");
                Breach::new(parting.at, parting.server, &told)
            }
        };
    }
    Ok(answers)
}

fn against(arguments: &Simulate, variation: &Variation) -> Against {
    let checked = match arguments.model {
        Part::Every => Checked::Every,
        Part::OneIn(parts) => Checked::OneIn(parts),
        Part::Never => Checked::Never,
    };
    Against { subject: arguments.subject.clone(), checked, victim: variation.victim() }
}

/// What parts, as a scenario, which is kept where that is asked for.
fn reduced(arguments: &Simulate, again: Again<'_>, parting: &Parting) -> Result<Found, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut held = Held::start(program, arguments.subject.clone()).map_err(|error| error.to_string())?;
    let (found, _) = cut(again, parting, &mut held, "found.yaml").map_err(|error| error.to_string())?;
    if let Some(folder) = &arguments.found {
        super::explore::write(folder, &found).map_err(|CouldNotRun(why)| why)?;
    }
    Ok(found)
}

/// The command that runs one setting of a sweep again, or the run that there is.
fn again_of(arguments: &Simulate, variation: &Variation, seed: u64) -> String {
    let one = Simulate { seed, ..arguments.clone() };
    let command = again(&one, !variation.0.is_empty());
    if variation.0.is_empty() { command } else { format!("{command} (the setting {variation})") }
}

/// The command that runs it again; where it goes and in which form is not of the run.
fn again(arguments: &Simulate, sweep: bool) -> String {
    let Simulate { workload, seed, model, subject, lasts, sweep: axes, .. } = arguments;
    let workload = quoted(workload.as_deref().unwrap_or_default());
    let mut command = format!("sesscheck simulate {workload} --seed {seed} --model {model}");
    if *subject != Spec::Optimised {
        command.push_str(&format!(" --subject {}", quoted(&subject.to_string())));
    }
    if let Some(lasts) = lasts {
        command.push_str(&format!(" --for {}s", lasts.as_secs()));
    }
    for axis in axes.iter().filter(|_| sweep) {
        command.push_str(&format!(" --sweep {}", quoted(&axis.to_string())));
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
