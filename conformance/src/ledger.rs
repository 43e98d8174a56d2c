//! What a project accepts of its subject: divergences, each with a scenario of its own, the clause and a reason.
//!
//! Every entry is run again each time. One whose scenario does not diverge any more, or in something else, is stale, and
//! makes the subject diverge: a ledger says what is, or it is red. An accepted divergence is the same clause, op and
//! kind of difference, wherever it comes.
//!
//! Not here: what libraries are known to do otherwise than the pages; that is their profile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use session_model::Clause;

use crate::divergence::Kind;
use crate::finding::{Came, Parted};
use crate::pages::fnv1a;
use crate::profiles::{Named, place_of, place_of_error};
use crate::report::{Accepted, NotRun, SubjectReport};
use crate::scenario::nearest;
use crate::suite::{self, File, SuiteError};
use crate::worker::{Held, StartError};

/// Clause, op and kind of what is accepted.
pub type Keys = BTreeSet<(String, String, String)>;

/// A ledger.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Its entries, in the order of its file.
    pub entries: Vec<Entry>,
}

/// A divergence that is accepted.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The clause that its scenario breaks.
    pub clause: String,
    /// The kinds of difference; none: any but that the subject goes down or breaks off.
    pub kinds: Vec<String>,
    /// What is seen instead; `None`: whatever it is.
    pub seen: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The scenario that shows it.
    pub scenario: File,
}

/// An entry as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see Entry")]
pub struct Written {
    pub scenario: PathBuf,
    pub clause: String,
    #[serde(default, skip_serializing_if = "Kinds::is_none")]
    pub kind: Kinds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    pub reason: String,
}

/// Kinds of difference as written: one, or a list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Kinds {
    /// Left out.
    #[default]
    None,
    /// One.
    One(String),
    /// Several: each is accepted of the clause and op of the scenario, which shows one of them.
    Several(Vec<String>),
}

impl Kinds {
    fn is_none(&self) -> bool {
        *self == Self::None
    }

    fn words(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

/// Why a ledger cannot be used.
#[derive(Debug)]
pub enum LedgerError {
    /// The file cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// A place in it, with line and column counted from 1, and what is wrong there.
    Wrong(PathBuf, (usize, usize), String),
    /// A scenario of an entry cannot be used.
    Scenario(SuiteError),
}

impl std::fmt::Display for LedgerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Wrong(path, (line, column), what) => write!(f, "{}:{line}:{column}: {what}", path.display()),
            Self::Scenario(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LedgerError {}

impl Ledger {
    /// Reads a ledger: a YAML list of entries with `scenario` (a path from the ledger's folder; `FILE [CHOICE]` of a
    /// file that is several), `clause`, `reason` and, if it is to hold to the letter, `kind` (one or a list) and `seen`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no such list, names a clause or kind that there is not or a scenario that cannot
    /// be read, or accepts nothing.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let text = std::fs::read_to_string(path).map_err(|error| LedgerError::Unreadable(path.to_owned(), error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let entry = |Written { scenario, clause, kind, seen, reason }| {
            let mut files = suite::of_path(&folder.join(&scenario)).map_err(LedgerError::Scenario)?;
            match (files.pop(), files.is_empty()) {
                (Some(scenario), true) => {
                    let kinds = kind.words().to_vec();
                    Ok(Entry { clause, kinds, seen, reason, scenario })
                }
                _ => {
                    let shown = scenario.display().to_string();
                    let what = format!("`{shown}` is several scenarios: an entry has one");
                    Err(LedgerError::Wrong(path.to_owned(), place_of(&shown, &text), what))
                }
            }
        };
        Ok(Self { entries: Self::written(path, &text)?.into_iter().map(entry).collect::<Result<_, _>>()? })
    }

    /// The entries of this text, which stands in this file; their scenarios are not looked at.
    ///
    /// # Errors
    ///
    /// As [`Ledger::read`], but for what is wrong with a scenario.
    pub fn written(path: &Path, text: &str) -> Result<Vec<Written>, LedgerError> {
        let wrong = |place, what| Err(LedgerError::Wrong(path.to_owned(), place, what));
        let written: Vec<Written> = match serde_yaml::from_str(text) {
            Ok(written) => written,
            Err(error) => {
                return wrong(place_of_error(&error, text), error.to_string());
            }
        };
        if written.is_empty() {
            return wrong((1, 1), "it accepts nothing: a ledger has at least one entry".to_owned());
        }
        for Written { clause, kind, reason, .. } in &written {
            if Clause::by_id(clause).is_none() {
                return wrong(place_of(clause, text), format!("there is no clause `{clause}`"));
            }
            if let Some(kind) = kind.words().iter().find(|kind| !Kind::names().contains(kind)) {
                let meant = nearest(kind, &Kind::names().iter().map(String::as_str).collect::<Vec<_>>())
                    .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                return wrong(place_of(kind, text), format!("there is no kind of difference `{kind}`{meant}"));
            }
            if *kind == Kinds::Several(Vec::new()) {
                return wrong(place_of("[]", text), format!("`{clause}` is accepted in no kind of difference"));
            }
            if reason.trim().is_empty() {
                return wrong(place_of(clause, text), format!("`{clause}` is accepted without a reason"));
            }
        }
        Ok(written)
    }

    /// A digest of all that it says; empty: it accepts nothing.
    #[must_use]
    pub fn digest(&self) -> String {
        if self.entries.is_empty() {
            return String::new();
        }
        let words = self.entries.iter().flat_map(|entry| {
            let Entry { clause, kinds, seen, reason, scenario } = entry;
            let (kinds, seen) = (kinds.join(", "), seen.as_deref().unwrap_or_default());
            [clause, kinds.as_str(), seen, reason, &scenario.path, &scenario.text].map(ToOwned::to_owned)
        });
        format!("{:016x}", fnv1a(words.flat_map(|word| word.into_bytes().into_iter().chain([0]))))
    }
}

/// Runs the scenario of each entry: what is accepted. What is stale, or was not run, goes into the report.
///
/// # Errors
///
/// When a new worker is needed and cannot be started.
pub(crate) fn holds(
    held: &mut Held,
    profile: &Named,
    ledger: &Ledger,
    report: &mut SubjectReport,
) -> Result<Keys, StartError> {
    let mut keys = Keys::new();
    for entry in &ledger.entries {
        let Entry { clause, reason, scenario, .. } = entry;
        let came = held.check(&scenario.scenario.trace, profile)?;
        let why = match came {
            Came::NotRun(why) => {
                report.not_run.push(NotRun { what: format!("{}, of the ledger", scenario.path), why });
                continue;
            }
            Came::Diverges(parted) => match otherwise(&parted, entry) {
                None => {
                    let (clause, op, kind) = parted.key();
                    keys.extend(entry.kinds.iter().map(|kind| (clause.clone(), op.clone(), kind.clone())));
                    keys.insert((clause, op, kind));
                    let (scenario, reason) = (scenario.path.clone(), reason.clone());
                    report.accepted.push(Accepted { scenario, parted, reason });
                    continue;
                }
                Some(why) => why,
            },
            Came::Conforms => format!("`{clause}` is accepted, and the scenario conforms: strike the entry out"),
            Came::Unstable(why) => format!("`{clause}` is accepted, and the scenario is unstable: {why}"),
            Came::Completed | Came::WentDown(_) => "a hazards scenario breaks no clause".to_owned(),
        };
        report.stale.push(NotRun { what: scenario.path.clone(), why });
    }
    Ok(keys)
}

/// Kinds that are accepted by their name alone: that a subject goes down says nothing of what it would have done.
const DOWN: [Kind; 5] = [Kind::Crashed, Kind::Hung, Kind::Grew, Kind::Broke, Kind::Short];

/// In what a divergence is not the one that is accepted.
fn otherwise(parted: &Parted, entry: &Entry) -> Option<String> {
    let Entry { clause, kinds, seen, .. } = entry;
    if parted.clause != *clause {
        return Some(format!("`{clause}` is accepted, and the scenario breaks `{}` now", parted.clause));
    }
    let is_down = || DOWN.iter().any(|down| down.name() == parted.kind);
    let other = if kinds.is_empty() { is_down() } else { !kinds.contains(&parted.kind) };
    if other {
        let accepted = match kinds.join(", ") {
            none if none.is_empty() => "what it does, as long as it does not go down".to_owned(),
            kinds => kinds,
        };
        return Some(format!("accepted is: {accepted}; and the kind of difference is now: {}", parted.kind));
    }
    let seen = seen.as_ref().filter(|seen| **seen != parted.seen)?;
    Some(format!("accepted is that {seen}, and what is seen now: {}", parted.seen))
}
