//! The table of ratios, as text.

use std::fmt::Write as _;

use crate::peer::{Less, Subject};
use crate::rounds::Line;

/// The first line: whose figures the columns are, with letters for what they do less.
#[must_use]
pub fn head(subjects: &[Subject]) -> String {
    let mut out = format!("{:<34}", "");
    for subject in subjects {
        let _ = write!(out, " {:>13}", subject.name);
    }
    let _ = write!(out, "\n{:<34}", "");
    for subject in subjects {
        let _ = write!(out, " {:>13}", letters(subject));
    }
    out
}

/// The letters of what a subject does less.
#[must_use]
pub fn letters(subject: &Subject) -> String {
    let letters = Less::ALL.iter().filter(|less| subject.less.contains(less)).map(|less| less.letter());
    letters.map(String::from).collect::<Vec<_>>().join(" ")
}

/// One workload: our figure with its unit, and for the others how many times ours they take.
#[must_use]
pub fn line(line: &Line) -> String {
    let mut out = format!("{:<34}", line.workload);
    for n in 0..line.figures.len() {
        let cell = match (n, line.figure(n), line.ratio(n)) {
            (0, Some(figure), _) => format!("{} {}", short(figure / line.unit.0), line.unit.1),
            (_, _, Some([_, ratio, _])) => format!("{} x", short(ratio)),
            _ => "-".to_owned(),
        };
        let _ = write!(out, " {cell:>13}");
    }
    for name in &line.astray {
        let _ = write!(out, "\n  ! {name} did not find as many as ours did");
    }
    out
}

/// What the letters stand for.
#[must_use]
pub fn legend() -> String {
    let mut out = String::from("The first column is ours; the others are how many times that they take.\n");
    for less in Less::ALL {
        let _ = writeln!(out, "  {}  {}", less.letter(), less.meaning());
    }
    out
}

/// Three digits.
#[must_use]
pub fn short(figure: f64) -> String {
    match figure.abs() {
        0.0..9.995 => format!("{figure:.2}"),
        0.0..99.95 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}
