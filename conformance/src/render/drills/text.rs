//! The table of drills for a terminal, and drills with their whole story, within 100 columns.

use std::fmt::Write;

use super::{alike, below, legend, marked, of_column, ruling, who};
use crate::drills::{Cell, Drill, Drills, Stands, besides};
use crate::render::lines::{WIDTH, put, wrap};

/// How wide the column is that says how far the pages settle a drill.
const PAGES: usize = 6;

/// The table of drills by who went through them.
#[must_use]
pub fn text(drills: &Drills) -> String {
    let mut out = String::new();
    put(&mut out, "What session caches do on an operator's bad days, against the man pages.\n");
    legend(drills).iter().for_each(|line| wrap(&mut out, 0, 3, line));
    out.push('\n');
    let name = drills.drills.iter().map(|drill| drill.name.len()).max().unwrap_or(0) + 2 + PAGES;
    let widths: Vec<_> = drills.columns.iter().map(|column| column.name.len().max(2) + 1).collect();
    // Columns that do not fit beside each other go on in a further table.
    let mut from = 0;
    while from < widths.len() {
        let mut to = from + 1;
        while to < widths.len() && name + widths[from..=to].iter().sum::<usize>() <= WIDTH {
            to += 1;
        }
        columns(&mut out, drills, name, &widths, from..to);
        from = to;
    }
    put(&mut out, "Who went through the drills:");
    drills.columns.iter().for_each(|column| wrap(&mut out, 2, 4, &of_column(column)));
    put(&mut out, "\nThe whole story of one: sesscheck drills NAME");
    out
}

fn columns(out: &mut String, drills: &Drills, name: usize, widths: &[usize], range: std::ops::Range<usize>) {
    let line = |first: &str, pages: &str, cells: &dyn Fn(usize) -> String| {
        let mut line = format!("{first:<width$}{pages:<PAGES$}", width = name - PAGES);
        for at in range.clone() {
            write!(line, "{:<width$}", cells(at), width = widths[at]).expect("a string takes it all");
        }
        line.trim_end().to_owned()
    };
    put(out, &line("", "pages", &|at| drills.columns[at].name.clone()));
    for drill in &drills.drills {
        put(out, &line(&drill.name, drill.settled(), &|at| marked(drill, &drill.cells[at])));
        if range.start == 0 {
            below(drill).iter().for_each(|said| wrap(out, 4, 7, said));
        }
    }
    out.push('\n');
}

/// Each drill with its story, what rules it, what everybody does, and its steps.
#[must_use]
pub fn stories(drills: &Drills) -> String {
    let told: Vec<_> = drills.drills.iter().map(|drill| story(drills, drill)).collect();
    told.join("\n")
}

fn story(drills: &Drills, drill: &Drill) -> String {
    let mut out = String::new();
    wrap(&mut out, 0, 2, &format!("{}: {}", drill.name, drill.title));
    out.push('\n');
    drill.story.split("\n\n").for_each(|paragraph| wrap(&mut out, 2, 2, paragraph));
    wrap(&mut out, 2, 2, &format!("What helps: {}", drill.helps));
    put(&mut out, "\nThe pages:");
    ruling(drill).iter().for_each(|line| wrap(&mut out, 2, 4, line));
    put(&mut out, "\nWho does what:");
    for cells in alike(drill.cells.iter()) {
        together(&mut out, drills, &cells);
    }
    put(&mut out, &format!("\nThe steps, of {}:", drill.file));
    drill.steps.lines().for_each(|line| put(&mut out, &format!("    {line}")));
    put(&mut out, "\nWho is who:");
    drills.columns.iter().for_each(|column| wrap(&mut out, 2, 4, &of_column(column)));
    out
}

/// Those who do the same.
fn together(out: &mut String, drills: &Drills, cells: &[&Cell]) {
    wrap(out, 2, 4, &format!("{}: {}", who(drills, cells), cells[0].stands.means()));
    cells[0].words().iter().for_each(|line| wrap(out, 4, 6, line));
    if cells[0].stands == Stands::Otherwise {
        besides(&cells[0].besides).iter().for_each(|line| wrap(out, 4, 6, line));
    }
    let mut causes: Vec<_> = cells[0].claims.iter().flat_map(|claim| &claim.causes).chain(&cells[0].besides).collect();
    causes.sort_by_key(|cause| &cause.behaviour);
    causes.dedup();
    for cause in causes {
        wrap(out, 6, 8, &format!("{} [{}]: {}", cause.behaviour, cause.clause, cause.does));
    }
}
