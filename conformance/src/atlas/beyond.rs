//! Where the pages rule nothing, and so no profile does: what was recorded of the drills in which releases differ there.
//!
//! Not here: what a drill is about, and running one ([`mod@crate::drills`]).

use serde::{Deserialize, Serialize};

use super::{Compared, Evidence, Release};
use crate::drills::{self, Drill};

/// A drill in which the pages rule nothing, and releases do not all do the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Beyond {
    /// Its name: `sesscheck drills NAME` tells the story.
    pub drill: String,
    /// What happens, as a sentence.
    pub title: String,
    /// What was seen, in words, and in which releases; in the order of releases.
    pub seen: Vec<Seen>,
    /// Releases of which it is not recorded.
    pub unrecorded: Vec<String>,
}

/// What releases did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// In words.
    pub does: String,
    /// These releases.
    pub releases: Vec<String>,
}

/// The drills in which these releases, or the two that are compared, differ.
pub(super) fn beyond(releases: &[Release], compared: Option<&Compared>) -> Vec<Beyond> {
    let is_asked = |release: &str| match compared {
        Some(Compared { from, to }) => release == from || release == to,
        None => releases.iter().any(|asked| asked.release == release),
    };
    let unruled: Vec<_> = drills::shipped().into_iter().filter(|told| told.file.scenario.trace.setup.hazards).collect();
    let table = drills::build(&unruled, &drills::participants(Vec::new(), &unruled));
    table.drills.iter().map(|drill| of_drill(drill, &is_asked)).filter(|beyond| beyond.seen.len() > 1).collect()
}

fn of_drill(drill: &Drill, is_asked: &dyn Fn(&str) -> bool) -> Beyond {
    let (mut seen, mut unrecorded) = (Vec::<Seen>::new(), Vec::new());
    for cell in drill.cells.iter().filter(|cell| is_asked(&cell.column)) {
        let (release, does) = (cell.column.clone(), cell.said.clone().unwrap_or_default());
        match seen.iter_mut().find(|seen| seen.does == does) {
            _ if cell.evidence != Evidence::Recorded => unrecorded.push(release),
            Some(same) => same.releases.push(release),
            None => seen.push(Seen { does, releases: vec![release] }),
        }
    }
    Beyond { drill: drill.name.clone(), title: drill.title.clone(), seen, unrecorded }
}
