//! The table of drills as Markdown, and below it each drill, folded.

use super::{alike, legend, marked, of_column, ruling, who};
use crate::drills::{Drill, Drills, Stands, besides};
use crate::render::markdown::{cell, code, fenced};

/// The drills as Markdown, as GitHub and GitLab read it.
#[must_use]
pub fn markdown(drills: &Drills) -> String {
    let mut out = String::from("# What session caches do on an operator's bad days\n\n");
    for line in legend(drills) {
        let (sign, means) = line.split_once("  ").unwrap_or(("", &line));
        out += &format!("- {} {}\n", code(sign), cell(means));
    }
    let names: Vec<_> = drills.columns.iter().map(|column| cell(&column.name)).collect();
    out += &format!("\n| drill | pages | {} |\n|---|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for drill in &drills.drills {
        let cells: Vec<_> = drill.cells.iter().map(|one| code(&marked(drill, one))).collect();
        out += &format!("| {} | {} | {} |\n", cell(&drill.name), drill.settled(), cells.join(" | "));
    }
    out.push('\n');
    drills.drills.iter().for_each(|drill| out += &story(drills, drill));
    out += "\nWho went through the drills:\n\n";
    drills.columns.iter().for_each(|column| out += &format!("- {}\n", cell(&of_column(column))));
    out
}

fn story(drills: &Drills, drill: &Drill) -> String {
    let mut out = format!("<details><summary>{}: {}</summary>\n\n", code(&drill.name), cell(&drill.title));
    out += &format!("{}\n\n**What helps:** {}\n\n", cell(&drill.story), cell(&drill.helps));
    ruling(drill).iter().for_each(|line| out += &format!("- {}\n", cell(line)));
    out.push('\n');
    for cells in alike(drill.cells.iter()) {
        out += &format!("- **{}**: {}\n", cell(&who(drills, &cells)), cells[0].stands.means());
        let more = besides(&cells[0].besides).filter(|_| cells[0].stands == Stands::Otherwise);
        cells[0].words().iter().chain(&more).for_each(|line| out += &format!("  - {}\n", cell(line)));
    }
    out += &format!("\n{}\n</details>\n\n", fenced("yaml", &drill.steps));
    out
}
