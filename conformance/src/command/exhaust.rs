//! `sesscheck exhaust`: every trace of a small scope.

use std::time::Duration;

use super::arguments::{Exhaust, TableFormat};
use super::check::{profile_of, progress_bar};
use super::explore::write;
use super::{CouldNotRun, Done, print};
use crate::exhaust::{Covered, Exhausted, MOST_STATES, SCHEMA, Scope, Searched, Walk, Word, search};
use crate::finding::Came;
use crate::profiles::Named;
use crate::render;
use crate::report::Found;
use crate::stopwatch::Stopwatch;
use crate::trace::Trace;
use crate::verify::{quoted, reduced, written};
use crate::worker::{Checks, Held, Here, quiet_panics};

/// The length when neither a length nor a time is asked for.
const LENGTH: usize = 4;

pub(super) fn exhaust(arguments: &Exhaust) -> Done {
    let mut opened = Bench::open(arguments)?;
    if let Some(word) = arguments.trace {
        return one(arguments, &mut opened, word);
    }
    let watch = Stopwatch::start();
    let length = arguments.length.unwrap_or(if arguments.limit.is_some() { Word::MOST } else { LENGTH });
    let mut areas: Vec<Area> =
        scopes(&arguments.scope)?.into_iter().map(|scope| Area::new(scope, &opened, length)).collect();
    // They share the memory.
    let most = MOST_STATES / areas.len();
    areas.iter_mut().for_each(|area| area.walk.set_most_states(most));
    // All scopes at one length, before the next: what is short is found first.
    let mut in_time = true;
    for length in 1..=length {
        for area in &mut areas {
            in_time = in_time && area.search(arguments, &mut opened, length, &watch)?;
        }
    }
    let early = |area: &Area| area.walk.counts().complete < length && !area.walk.counts().closed;
    let scopes = areas.into_iter().map(|area| {
        let why = (early(&area) && !in_time)
            .then(|| format!("the time limit, on the way to {} ops", area.walk.counts().complete + 1));
        Covered::of(&area.walk, &area.searched, area.found, why)
    });
    let exhausted = Exhausted {
        schema: SCHEMA.to_owned(),
        subject: arguments.subject.to_string(),
        about: opened.about.clone(),
        profile: opened.profile.name.clone(),
        scopes: scopes.collect(),
        millis: u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    print(&match arguments.format {
        TableFormat::Json => exhausted.json(),
        TableFormat::Text => render::exhausted(&exhausted),
    })?;
    Ok(exhausted.status())
}

/// The scopes of these names; all of them, when none is named.
fn scopes(names: &[String]) -> Result<Vec<&'static Scope>, CouldNotRun> {
    if names.is_empty() {
        return Ok(Scope::all().iter().collect());
    }
    let known: Vec<_> = Scope::all().iter().map(|scope| scope.name).collect();
    let unknown = |name: &String| CouldNotRun(format!("scope `{name}`: scopes are {}", known.join(", ")));
    names.iter().map(|name| Scope::by_name(name).ok_or_else(|| unknown(name))).collect()
}

/// The subject, and what it is held to.
struct Bench {
    witness: Box<dyn Checks>,
    profile: Named,
    about: String,
    /// Clause, op and kind of what was told, of any scope.
    known: Vec<(String, String, String)>,
}

impl Bench {
    /// What cannot take the process down runs in this one.
    fn open(arguments: &Exhaust) -> Result<Self, CouldNotRun> {
        let (witness, own, about): (Box<dyn Checks>, _, _) = if arguments.subject.can_go_down() {
            let held = Held::start(std::env::current_exe()?, arguments.subject.clone())?;
            let (profile, about) = (held.profile.clone(), held.about.clone());
            (Box::new(held), profile, about)
        } else {
            quiet_panics();
            let opened = arguments.subject.open()?;
            (Box::new(Here::new(opened.subject)), opened.profile, opened.about)
        };
        let profile = arguments.profile.as_deref().map(profile_of).transpose()?.unwrap_or(own);
        Ok(Self { witness, profile, about, known: Vec::new() })
    }
}

/// A scope that is being searched.
struct Area {
    walk: Walk,
    searched: Searched,
    found: Vec<Found>,
    /// How many of what was found is reduced and told.
    told: usize,
}

impl Area {
    fn new(scope: &'static Scope, bench: &Bench, length: usize) -> Self {
        let walk = Walk::new(scope, bench.profile.profile, length);
        Self { walk, searched: Searched::default(), found: Vec::new(), told: 0 }
    }

    /// Goes on up to this length; whether there was time.
    fn search(
        &mut self,
        arguments: &Exhaust,
        bench: &mut Bench,
        length: usize,
        watch: &Stopwatch,
    ) -> Result<bool, CouldNotRun> {
        let bar = progress_bar();
        let in_time = |limit: Option<Duration>| limit.is_none_or(|limit| watch.elapsed() < limit);
        let mut go_on = |walk: &Walk, searched: &Searched| {
            let ((done, of), counts) = (walk.done_of(), walk.counts());
            bar.set_message(format!(
                "{}, {} ops: {done} of {of} states; {} behaviours, {} findings",
                walk.scope().name,
                walk.level(),
                counts.behaviours,
                searched.found.len()
            ));
            in_time(arguments.limit)
        };
        let Self { walk, searched, .. } = self;
        let whole = search(walk, length, bench.witness.as_mut(), &bench.profile, searched, &mut go_on)?;
        bar.finish_and_clear();
        self.tell(arguments, bench)?;
        Ok(whole)
    }

    /// What is new is reduced, printed and written.
    fn tell(&mut self, arguments: &Exhaust, bench: &mut Bench) -> Result<(), CouldNotRun> {
        let scope = self.walk.scope().name;
        for (word, trace, parted) in self.searched.found.iter().skip(self.told) {
            self.told += 1;
            if self.found.len() >= arguments.most || bench.known.contains(&parted.key()) {
                continue;
            }
            bench.known.push(parted.key());
            let replay = replay(arguments, scope, *word);
            let Some(found) = shortest(bench, trace, replay)? else {
                let why = "it came once, and not when it was run again".to_owned();
                self.searched.unstable.push((*word, why));
                continue;
            };
            if found.parted.key() != parted.key() {
                if bench.known.contains(&found.parted.key()) {
                    continue;
                }
                bench.known.push(found.parted.key());
            }
            if arguments.format == TableFormat::Text {
                print(&render::found_in_scope(&arguments.subject.to_string(), scope, &found))?;
            }
            if let Some(folder) = &arguments.out {
                write(folder, &found)?;
            }
            self.found.push(found);
        }
        Ok(())
    }
}

/// A trace that was found, through the reducer; `None`: it does not depart again.
fn shortest(bench: &mut Bench, trace: &Trace, replay: String) -> Result<Option<Found>, CouldNotRun> {
    let shortest = reduced(bench.witness.as_mut(), &bench.profile, trace)?;
    Ok(shortest.map(|(shortest, parted)| written(&shortest, parted, trace.ops.len(), replay)))
}

/// One trace of a scope again.
fn one(arguments: &Exhaust, bench: &mut Bench, word: Word) -> Done {
    let asked = scopes(&arguments.scope)?;
    let &[scope] = asked.as_slice() else { return Err(CouldNotRun("`--trace` is of one `--scope`".to_owned())) };
    let mut walk = Walk::new(scope, bench.profile.profile, Word::MOST);
    let trace = walk.trace_of(word).ok_or_else(|| {
        CouldNotRun(format!("scope `{}` has no trace {word}, or it is on what is not there", scope.name))
    })?;
    match bench.witness.check(&trace, &bench.profile)? {
        Came::Conforms => {
            print(&format!("{} conforms on all {} steps\n", arguments.subject, trace.ops.len()))?;
            Ok(0)
        }
        Came::Unstable(why) => {
            print(&format!("{}: unstable: {why}\n", arguments.subject))?;
            Ok(1)
        }
        Came::Diverges(_) => {
            let replay = replay(arguments, scope.name, word);
            let Some(found) = shortest(bench, &trace, replay)? else {
                return Err(CouldNotRun("it departed once, and not when it was run again".to_owned()));
            };
            print(&render::found(&arguments.subject.to_string(), &found))?;
            Ok(1)
        }
        Came::NotRun(why) => Err(CouldNotRun(format!("not run: {why}"))),
        Came::Completed | Came::WentDown(_) => unreachable!("no scope has hazards"),
    }
}

fn replay(arguments: &Exhaust, scope: &str, word: Word) -> String {
    let profile = arguments.profile.as_ref().map(|typed| format!(" --profile {}", quoted(typed))).unwrap_or_default();
    let subject = quoted(&arguments.subject.to_string());
    format!("sesscheck exhaust --subject {subject}{profile} --scope {scope} --trace {word}")
}
