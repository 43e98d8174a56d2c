//! Works out by itself what a subject does: the profile of it, from nothing.
//!
//! A transcript can be tried under any profile, since [`check`](crate::check::check) is pure. So the subject runs each
//! trace once, what it showed is evidence, and the search for the few entries that explain all evidence asks nobody
//! but the model:
//!
//! 1. every scenario runs on the subject, and [`fit`](Fit) finds the profile that explains them;
//! 2. every profile that differs in one entry is refuted, by a trace made to tell the two apart if need be (`probe`);
//! 3. random traces run under the profile; what diverges is evidence, and all begins again, until a whole budget on a
//!    seed that was not used before passes (`hunt`);
//! 4. each entry gets the shortest scenario that cannot do without it (`separate`).
//!
//! What nothing explains is reduced, reported as new, and set aside. A latitude (an axis on which the pure manual
//! accepts several values) is left to the subject and reported, or pinned on demand: a subject that always chooses
//! alike conforms without the entry, so a minimal profile does not have it.
//!
//! Not here: what readings and departures there are; the model owns those.

mod campaign;
mod diagnosis;
mod entry;
mod evidence;
mod fit;
mod hunt;
mod probe;
mod separate;
mod shorten;
mod text;

pub use diagnosis::{Assurance, Diagnosis, Explained, Latitude, Outcome, SCHEMA};
pub use entry::Entry;
pub use evidence::{Evidence, Judge, Reach};
pub use fit::{Fit, Hopeless};
pub use probe::Open;

use std::time::Duration;

use session_model::{Departures, Edition, Profile, Readings};

use crate::profiles::{Document, LibraryFile, Named};
use crate::report::NotRun;
use crate::source::Lane;
use crate::stopwatch::Stopwatch;
use crate::subjects::Spec;
use crate::suite::File;
use crate::verify::Progress;
use crate::worker::{StartError, Witness};

use campaign::Campaign;
use hunt::Passed;
use probe::Pool;

/// How often everything is thought over, should something new turn up each time.
const THOUGHTS: usize = 3;

/// How often a fit that is stuck searches through worse profiles.
const WANDERS: usize = 6;

/// What is to be found out, and how long it may take.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The subject, for the commands that are printed.
    pub spec: Spec,
    /// What it says of itself.
    pub about: String,
    /// The name of the profile.
    pub name: String,
    /// Where the profile is written, for the commands that are printed.
    pub profile_file: String,
    /// The library file that it is of.
    pub library: Option<LibraryFile>,
    /// The edition of the pages.
    pub edition: Edition,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// How many random traces have to pass.
    pub lanes: Vec<(Lane, u64)>,
    /// Ends it early.
    pub limit: Option<Duration>,
    /// Whether latitudes are pinned.
    pub pin: bool,
}

/// Works out the profile of the subject behind the witness.
///
/// # Errors
///
/// When the subject cannot be run any more.
pub fn diagnose<W: Witness>(
    witness: &mut W,
    plan: &Plan,
    suite: &[File],
    progress: Progress<'_>,
) -> Result<Diagnosis, StartError> {
    let mut campaign = Campaign {
        witness,
        plan,
        progress,
        watch: Stopwatch::start(),
        profile: Profile::manual(plan.edition),
        pinned: Vec::new(),
        evidence: Vec::new(),
        new: Vec::new(),
        alike: 0,
        downs: Vec::new(),
        damaging: Departures::default(),
        unstable: Vec::new(),
        not_run: Vec::new(),
        judge: Judge::default(),
        hopeless: Hopeless::default(),
        wanders: WANDERS,
        early: false,
    };
    campaign.scenarios(suite)?;
    let scenarios = campaign.evidence.len();
    let mut pool = Pool::new(plan.seed);
    let open = campaign.settle(&mut pool)?;
    let mut passed = campaign.confirm(&mut pool, open)?;
    for _ in 0..THOUGHTS {
        if campaign.new.is_empty() || !campaign.in_time() || !campaign.think_again() {
            break;
        }
        let open = campaign.settle(&mut pool)?;
        passed = campaign.confirm(&mut pool, open)?;
    }
    let entries = campaign.separate()?;
    let latitudes = campaign.latitudes();
    let (evidence, alike) = (campaign.evidence.len(), passed.alike);
    let suspects = campaign.suspects().into_iter().map(|clause| clause.id().to_owned()).collect();
    let new = campaign.still_new();
    let Campaign { profile, unstable, not_run, .. } = campaign;
    let named = Named { name: plan.name.clone(), profile, library: plan.library.clone() };
    let assurance = Assurance {
        evidence,
        scenarios,
        traces: passed.tally.traces,
        ops: passed.tally.ops,
        handshakes: passed.tally.handshakes,
        latitudes: passed.tally.latitudes,
        seeds: passed.seeds.clone(),
        alike,
        whole: passed.whole,
    };
    let outcome = if !new.is_empty() || !unstable.is_empty() {
        Outcome::New
    } else if passed.seeds.is_empty() || scenarios == 0 && assurance.traces == 0 {
        Outcome::NotConfirmed
    } else if entries.is_empty() {
        Outcome::Conforms
    } else {
        Outcome::Explained
    };
    Ok(Diagnosis {
        schema: SCHEMA.to_owned(),
        subject: plan.spec.to_string(),
        about: plan.about.clone(),
        outcome,
        profile: Document::of(&named),
        entries,
        new,
        suspects,
        unstable,
        latitudes,
        open: told_open(&passed, pool.len()),
        not_run,
        assurance,
    })
}

/// What the evidence leaves open, in words. A latitude is told elsewhere.
fn told_open(passed: &Passed, traces: usize) -> Vec<NotRun> {
    let words = |open: &Open| match open {
        Open::NoDifference => format!("makes no difference in {traces} random traces on the model"),
        Open::BothAllow => "what was seen is allowed with it and without it".to_owned(),
    };
    let told = passed.open.iter().filter(|(entry, _)| !entry.is_latitude());
    told.map(|(entry, open)| NotRun { what: entry.name(), why: words(open) }).collect()
}

impl<W: Witness> Campaign<'_, W> {
    /// For each latitude of the profile, the values with which all evidence agrees; what one axis agrees with is
    /// taken as settled for the next.
    fn latitudes(&mut self) -> Vec<Latitude> {
        let mut profile = self.profile;
        let mut latitudes = Vec::new();
        for axis in Readings::AXES.iter().filter(|axis| axis.values[0] == "any") {
            if profile.readings.get(axis.name) != Some("any") {
                continue;
            }
            let agrees = |value: &&&str| {
                let mut with = profile;
                with.readings.set(axis.name, value).is_some() && Fit::new(&self.evidence).holds(&with)
            };
            let agrees_with: Vec<_> = axis.values[1..].iter().filter(agrees).map(|value| (*value).to_owned()).collect();
            if let [only] = agrees_with.as_slice() {
                profile.readings.set(axis.name, only).expect("it is a value of the axis");
            }
            latitudes.push(Latitude { axis: axis.name.to_owned(), agrees_with });
        }
        latitudes
    }
}
