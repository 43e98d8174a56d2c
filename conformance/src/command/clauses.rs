//! `sesscheck clauses`: the registry, what each clause rests on, which of them traces reach, and a reader's own copies of
//! the pages.

use super::arguments::{Clauses, TableFormat};
use super::check::scenarios;
use super::{CouldNotRun, Done, print};
use crate::evidence::Evidence;
use crate::pages;
use crate::reached::{Figures, LANES};
use crate::render;
use crate::source::Lane;

pub(super) fn clauses(clauses: &Clauses) -> Done {
    if let Some(folder) = &clauses.pages {
        let copies = pages::compare_all(folder)?;
        print(&copies.to_string())?;
        return Ok(u8::from(!copies.agree()));
    }
    if clauses.evidence {
        crate::worker::quiet_panics();
        let evidence = Evidence::gather(&scenarios(&[])?)?;
        return print(&match clauses.format {
            TableFormat::Text => render::evidence(&evidence),
            TableFormat::Json => evidence.json(),
        });
    }
    if clauses.reached {
        if clauses.lane.iter().any(|(lane, _)| *lane == Lane::Hazards) {
            return Err(CouldNotRun("no clause rules the lane `hazards`".to_owned()));
        }
        let lanes = if clauses.lane.is_empty() { &LANES[..] } else { &clauses.lane };
        let figures = Figures::gather(&scenarios(&[])?, clauses.seed, lanes);
        return print(&match clauses.format {
            TableFormat::Text => figures.to_string(),
            TableFormat::Json => figures.json(),
        });
    }
    print(&pages::inventory().to_string())
}
