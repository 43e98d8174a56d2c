//! Subjects by name, as on the command line.

use std::path::PathBuf;

use crate::driver::Library;
use crate::faults::{self, Made, Over};
use crate::profiles::{self, Named};
use crate::releases::{self, sanitised};
use crate::stopwatch::GREETING;
use crate::subject::Subject;
use crate::subjects::exec::{self, Exec};
use crate::subjects::libssl::{self, Api, Libssl};
use crate::subjects::misbehaving::{How, Misbehaving};
use crate::subjects::model::{self, Model};
use crate::subjects::optimised::Optimised;
use crate::threads::planted;

/// A subject that can be named.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Spec {
    /// The model itself.
    Model,
    /// Our cache.
    Optimised,
    /// Our cache, no connection of which waits for more than a step of an automatic flush.
    OptimisedInSteps,
    /// A libssl: the system's, or the one at this path or of this release.
    Libssl(Option<String>),
    /// A program that speaks the protocol of [`crate::subjects::exec`]: its command.
    Exec(String),
    /// The model with a fault of [`faults`], or with `@optimised` behind the name our cache with it; or a subject that
    /// goes down.
    Faulty(String),
}

/// A subject, ready to run, and what it is held to unless somebody says otherwise.
pub struct Opened {
    /// The subject.
    pub subject: Box<dyn Subject>,
    /// Its own profile.
    pub profile: Named,
    /// What it says of itself, such as a version.
    pub about: String,
}

/// Why a subject cannot be run here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CannotOpen(pub String);

impl std::fmt::Display for CannotOpen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannotOpen {}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model => f.write_str("model"),
            Self::Optimised => f.write_str("optimised"),
            Self::OptimisedInSteps => f.write_str("optimised-in-steps"),
            Self::Libssl(None) => f.write_str("libssl"),
            Self::Libssl(Some(path)) => write!(f, "libssl:{path}"),
            Self::Exec(command) => write!(f, "exec:{command}"),
            Self::Faulty(name) => write!(f, "faulty:{name}"),
        }
    }
}

impl std::str::FromStr for Spec {
    type Err = CannotOpen;

    fn from_str(text: &str) -> Result<Self, CannotOpen> {
        match text.split_once(':') {
            None => match text {
                "model" => Ok(Self::Model),
                "optimised" => Ok(Self::Optimised),
                "optimised-in-steps" => Ok(Self::OptimisedInSteps),
                "libssl" => Ok(Self::Libssl(None)),
                _ => Err(unknown(
                    text,
                    [
                        "model",
                        "optimised",
                        "optimised-in-steps",
                        "libssl",
                        "libssl:PATH",
                        "libssl:RELEASE",
                        "exec:COMMAND",
                        "faulty:NAME",
                    ]
                    .into_iter(),
                )),
            },
            Some(("libssl", path)) if !path.is_empty() => Ok(Self::Libssl(Some(path.to_owned()))),
            Some(("exec", command)) => match exec::words_of(command) {
                Ok(_) => Ok(Self::Exec(command.to_owned())),
                Err(why) => Err(CannotOpen(why)),
            },
            Some(("faulty", name)) => faulty_name(name),
            Some(_) => Err(unknown(text, ["libssl:PATH", "libssl:RELEASE", "exec:COMMAND", "faulty:NAME"].into_iter())),
        }
    }
}

/// A fault, or `NAME@optimised` when our cache is to have it.
fn faulty_name(text: &str) -> Result<Spec, CannotOpen> {
    let (name, over) = parts(text)?;
    match faults::by_name(name) {
        _ if How::by_name(text).is_some() || planted::by_name(text).is_some() => Ok(Spec::Faulty(text.to_owned())),
        None => {
            let hazards = How::ALL.iter().map(|(name, _)| *name);
            let planted = planted::ALL.iter().map(|fault| fault.name);
            Err(unknown(name, faults::all().iter().map(|fault| fault.name).chain(hazards).chain(planted)))
        }
        Some(fault) if fault.made != Made::Structure && over == Over::Optimised => Err(CannotOpen(format!(
            "`{name}` is a switch of the model, and our cache has no such switch: `faulty:{name}` is the model with it"
        ))),
        Some(_) => Ok(Spec::Faulty(text.to_owned())),
    }
}

fn parts(text: &str) -> Result<(&str, Over), CannotOpen> {
    match text.split_once('@') {
        None => Ok((text, Over::Model)),
        Some((name, "optimised")) => Ok((name, Over::Optimised)),
        Some((name, "model")) => Ok((name, Over::Model)),
        Some((name, other)) => Err(CannotOpen(format!(
            "`{other}` is nothing that a fault is put into; `{name}@optimised` is our cache with it, `{name}` the model"
        ))),
    }
}

fn unknown(text: &str, known: impl Iterator<Item = &'static str>) -> CannotOpen {
    let near = known.map(|k| (strsim::jaro_winkler(k, text), k)).max_by(|a, b| a.0.total_cmp(&b.0));
    let hint =
        near.filter(|(score, _)| *score > 0.7).map(|(_, k)| format!("; did you mean `{k}`?")).unwrap_or_default();
    CannotOpen(format!("`{text}` is not a subject{hint} (`sesscheck subject --list` names all)"))
}

impl Spec {
    /// Makes the subject ready to run, in this process.
    ///
    /// # Errors
    ///
    /// When it is not there or cannot be loaded: why.
    pub fn open(&self) -> Result<Opened, CannotOpen> {
        match self {
            Self::Model => {
                let profile = shipped("manual");
                let subject = Box::new(model::subject("model", profile.profile));
                Ok(Opened { subject, profile, about: "the model itself: a self-check".to_owned() })
            }
            Self::Optimised => Ok(Opened {
                subject: Box::new(crate::subjects::optimised::optimised()),
                profile: shipped("optimised"),
                about: format!("session-cache {}", env!("CARGO_PKG_VERSION")),
            }),
            Self::OptimisedInSteps => Ok(Opened {
                subject: Box::new(crate::subjects::optimised::in_steps()),
                profile: shipped("optimised-in-steps"),
                about: format!("session-cache {}, automatic flush in steps", env!("CARGO_PKG_VERSION")),
            }),
            Self::Libssl(path) => open_libssl(path.as_deref()),
            Self::Exec(command) => open_exec(command),
            Self::Faulty(name) => faulty(name),
        }
    }
}

impl Spec {
    /// Whether it can take the process down in which it runs.
    #[must_use]
    pub fn can_go_down(&self) -> bool {
        match self {
            Self::Libssl(_) | Self::Exec(_) => true,
            Self::Faulty(name) => How::by_name(name).is_some(),
            Self::Model | Self::Optimised | Self::OptimisedInSteps => false,
        }
    }

    /// The library behind the subject, to be driven step by step in this process, and the profile that it is held to. A
    /// libssl may take the process down with it: who has more to lose than the run starts a process for it.
    ///
    /// # Errors
    ///
    /// When it is not there, or is not driven so: why.
    pub fn library(&self) -> Result<(Box<dyn Library>, Named), CannotOpen> {
        let elsewhere = |why: &str| Err(CannotOpen(format!("`{self}` cannot be driven step by step: {why}")));
        match self {
            Self::Model => {
                let profile = shipped("manual");
                Ok((Box::new(Model::new(profile.profile)), profile))
            }
            Self::Optimised => Ok((Box::new(Optimised::default()), shipped("optimised"))),
            Self::OptimisedInSteps => Ok((Box::new(Optimised::in_steps()), shipped("optimised-in-steps"))),
            Self::Libssl(path) => {
                let api = load_libssl(path.as_deref())?.1;
                Ok((Box::new(Libssl::new(api)), nearest(api.version())))
            }
            Self::Exec(_) => elsewhere("a program is given whole traces"),
            Self::Faulty(name) => {
                if let Some(how) = How::by_name(name) {
                    let library = how.library().map(|library| (library, shipped(how.profile())));
                    return library.map_or_else(|| elsewhere("it goes down over whole traces"), Ok);
                }
                let (fault, over) = parts(name)?;
                match faults::library(fault, over) {
                    Some(library) => Ok((library, shipped("optimised"))),
                    None => elsewhere("it is no fault of a cache alone"),
                }
            }
        }
    }
}

fn shipped(name: &str) -> Named {
    profiles::by_name(name).expect("the built-in subjects have shipped profiles")
}

fn faulty(name: &str) -> Result<Opened, CannotOpen> {
    if let Some(how) = How::by_name(name) {
        let profile = shipped(how.profile());
        let until_then = model::subject(format!("faulty:{name}"), profile.profile);
        let about = "the model up to a step where it goes down".to_owned();
        return Ok(Opened { subject: Box::new(Misbehaving::new(how, until_then, profile.profile)), profile, about });
    }
    if planted::by_name(name).is_some() {
        let why =
            format!("`{name}` shows itself to several threads alone: `sesscheck threads --subject faulty:{name}`");
        return Err(CannotOpen(why));
    }
    let profile = shipped("optimised");
    let (fault, over) = parts(name).map(|(name, over)| (faults::by_name(name), over)).unwrap_or((None, Over::Model));
    let fault = fault.ok_or_else(|| CannotOpen(format!("`{name}` is not a fault")))?;
    let subject = faults::subject(fault.name, over).ok_or_else(|| CannotOpen(format!("`{name}` is not a fault")))?;
    let inside = if over == Over::Optimised { "session-cache" } else { "the model" };
    Ok(Opened { subject, profile, about: format!("{inside} with a fault: {}", fault.does) })
}

fn open_exec(command: &str) -> Result<Opened, CannotOpen> {
    let subject = Exec::start(command, GREETING).map_err(CannotOpen)?;
    let greeted = subject.greeted();
    let has: Vec<_> = greeted.capabilities.iter().map(|capability| capability.word()).collect();
    let beyond = if has.is_empty() { "the core alone".to_owned() } else { format!("with {}", has.join(", ")) };
    let about = format!("{} ({beyond})", greeted.subject);
    Ok(Opened { subject: Box::new(subject), profile: shipped("manual"), about })
}

fn open_libssl(path: Option<&str>) -> Result<Opened, CannotOpen> {
    let (path, _) = load_libssl(path)?;
    let (subject, version) = libssl::subject(&path).map_err(|error| CannotOpen(error.to_string()))?;
    Ok(Opened { subject: Box::new(subject), profile: nearest(&version), about: version })
}

/// The libssl at this path or of this release, or else the machine's: where it is, and loaded.
fn load_libssl(path: Option<&str>) -> Result<(PathBuf, &'static Api), CannotOpen> {
    let path = match path {
        Some(word) => releases::resolve(word).map_err(CannotOpen)?,
        None => libssl::locate().ok_or_else(|| CannotOpen("no libssl found".to_owned()))?,
    };
    // Loaded without its runtime, it ends the process.
    if let Some(runtime) = sanitised::runtime(&path).filter(|runtime| !sanitised::is_preloaded(runtime)) {
        return Err(CannotOpen(format!("{}: wants {runtime} preloaded, as a worker has it", path.display())));
    }
    let api = libssl::load(&path).map_err(|error| CannotOpen(error.to_string()))?;
    Ok((path, api))
}

fn nearest(version: &str) -> Named {
    profiles::nearest(version).expect("a libssl profile is shipped")
}
