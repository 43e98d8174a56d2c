//! Subjects by name, as on the command line.

use session_model::departures::Departure;
use session_model::{Clause, Departures};

use crate::profiles::{self, Named};
use crate::releases::{self, sanitised};
use crate::subject::Subject;
use crate::subjects::misbehaving::{How, Misbehaving};
use crate::subjects::model;

/// A subject that can be named.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Spec {
    /// The model itself.
    Model,
    /// Our cache.
    Optimised,
    /// A libssl: the system's, or the one at this path or of this release.
    Libssl(Option<String>),
    /// The model with a fault: a departure, or a clause that is not kept.
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
            Self::Libssl(None) => f.write_str("libssl"),
            Self::Libssl(Some(path)) => write!(f, "libssl:{path}"),
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
                "libssl" => Ok(Self::Libssl(None)),
                _ => Err(unknown(
                    text,
                    ["model", "optimised", "libssl", "libssl:PATH", "libssl:RELEASE", "faulty:NAME"].into_iter(),
                )),
            },
            Some(("libssl", path)) if !path.is_empty() => Ok(Self::Libssl(Some(path.to_owned()))),
            Some(("faulty", name)) if How::by_name(name).is_some() => Ok(Self::Faulty(name.to_owned())),
            Some(("faulty", name)) if faults().any(|fault| fault.name == name) => Ok(Self::Faulty(name.to_owned())),
            Some(("faulty", name)) => Err(unknown(name, faults().map(|fault| fault.name))),
            Some(_) => Err(unknown(text, ["libssl:PATH", "libssl:RELEASE", "faulty:NAME"].into_iter())),
        }
    }
}

fn unknown(text: &str, known: impl Iterator<Item = &'static str>) -> CannotOpen {
    let near = known.map(|k| (strsim::jaro_winkler(k, text), k)).max_by(|a, b| a.0.total_cmp(&b.0));
    let hint =
        near.filter(|(score, _)| *score > 0.7).map(|(_, k)| format!("; did you mean `{k}`?")).unwrap_or_default();
    CannotOpen(format!("`{text}` is not a subject{hint} (`sesscheck subject --list` names all)"))
}

/// A fault that the model can be given.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// As in `faulty:NAME`.
    pub name: &'static str,
    /// The clause that it breaks.
    pub clause: Clause,
    /// What it does.
    pub does: &'static str,
}

/// All faults: every known departure of a library, and every clause that the model asks about, not kept.
pub fn faults() -> impl Iterator<Item = Fault> {
    use session_model::clause::Kind;
    let departures = Departure::all().map(|departure| {
        let about = departure.about();
        Fault { name: about.name, clause: about.clause, does: about.instead }
    });
    let broken = Clause::all().filter(|clause| clause.entry().kind != Kind::Background);
    departures.chain(broken.map(|clause| Fault { name: clause.id(), clause, does: "this very clause is not kept" }))
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
            Self::Libssl(path) => open_libssl(path.as_deref()),
            Self::Faulty(name) => Ok(faulty(name)),
        }
    }
}

fn shipped(name: &str) -> Named {
    profiles::by_name(name).expect("the built-in subjects have shipped profiles")
}

fn faulty(name: &str) -> Opened {
    let profile = shipped("optimised");
    if let Some(how) = How::by_name(name) {
        let until_then = model::subject(format!("faulty:{name}"), profile.profile);
        let about = "the model up to a step where it goes down".to_owned();
        return Opened { subject: Box::new(Misbehaving::new(how, until_then)), profile, about };
    }
    let mut wrong = profile.profile;
    if let Some(departure) = Departure::by_name(name) {
        wrong.departures = Departures::NONE.with(departure);
    } else {
        wrong.broken = Clause::by_id(name);
    }
    let does = faults().find(|fault| fault.name == name).map_or("", |fault| fault.does);
    let subject = Box::new(model::subject(format!("faulty:{name}"), wrong));
    Opened { subject, profile, about: format!("the model with a fault: {does}") }
}

fn open_libssl(path: Option<&str>) -> Result<Opened, CannotOpen> {
    use crate::subjects::libssl;
    let path = match path {
        Some(word) => releases::resolve(word).map_err(CannotOpen)?,
        None => libssl::locate().ok_or_else(|| CannotOpen("no libssl found".to_owned()))?,
    };
    // Loaded without its runtime, it ends the process.
    if let Some(runtime) = sanitised::runtime(&path).filter(|runtime| !sanitised::is_preloaded(runtime)) {
        return Err(CannotOpen(format!("{}: wants {runtime} preloaded, as a worker has it", path.display())));
    }
    let (subject, version) = libssl::subject(&path).map_err(|error| CannotOpen(error.to_string()))?;
    let profile = profiles::nearest(&version).expect("a libssl profile is shipped");
    Ok(Opened { subject: Box::new(subject), profile, about: version })
}
