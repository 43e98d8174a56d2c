//! `sesscheck clauses`: the registry, what each clause rests on, and a reader's own copies of the pages.

use super::arguments::{Clauses, TableFormat};
use super::check::scenarios;
use super::{Done, print};
use crate::evidence::Evidence;
use crate::pages;
use crate::render;

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
    print(&pages::inventory().to_string())
}
