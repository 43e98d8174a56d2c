//! The scenarios as claims about the manual: those that the model does not bear out, each with its line and the clause that
//! decides otherwise.
//!
//! Not here: whether a claim holds ([`crate::judge`]).

use session_model::{Called, Clause, Profile, What};

use crate::driver::{Driver, Library};
use crate::judge::{About, Unmet};
use crate::pages::fnv1a;
use crate::report::{Manual, UnmetClaim};
use crate::scenario::Spot;
use crate::subjects::model::Model;
use crate::suite::File;
use crate::trace::Shown;
use crate::transcript::Transcript;

/// What the scenarios claim, held against the model of each edition that they are about.
#[must_use]
pub fn manual(suite: &[File]) -> Manual {
    let unmet = suite.iter().flat_map(|file| {
        file.claims_about()
            .flat_map(move |profile| file.unmet(profile).into_iter().map(move |unmet| claim(file, profile, unmet)))
    });
    let bytes = suite.iter().flat_map(|file| file.path.bytes().chain([0]).chain(file.text.bytes()).chain([0]));
    let listed = suite
        .iter()
        .map(|file| (file.path.clone(), file.scenario.clauses.iter().map(|clause| clause.value.clone()).collect()));
    Manual {
        scenarios: suite.len(),
        digest: format!("{:016x}", fnv1a(bytes)),
        unmet: unmet.collect(),
        clauses: listed.collect(),
    }
}

fn claim(file: &File, profile: Profile, unmet: Unmet) -> UnmetClaim {
    let clause = decided(file, profile, &unmet).map_or_else(String::new, |clause| clause.id().to_owned());
    UnmetClaim {
        place: format!("{}:{}:{}", file.on_disk(), unmet.spot.line, unmet.spot.column),
        edition: profile.edition.to_string(),
        stated: match file.scenario.with.as_str() {
            "" => unmet.stated,
            with => format!("{} ({with})", unmet.stated),
        },
        ruled: unmet.seen,
        clause,
        excerpt: excerpt(&file.whole, &unmet.spot),
        built_in: file.built_in,
    }
}

/// The line of a place, and carets under what is meant of it.
fn excerpt(text: &str, spot: &Spot) -> String {
    let Some(line) = text.lines().nth(spot.line.saturating_sub(1)) else { return String::new() };
    let number = spot.line.to_string();
    let (blank, before) = (" ".repeat(number.len()), spot.column.saturating_sub(1));
    let rest = line.trim_end().chars().count().saturating_sub(before);
    let meant = text.get(spot.bytes.clone()).map_or(0, |meant| meant.lines().next().unwrap_or("").chars().count());
    let carets = "^".repeat(meant.min(rest).max(1));
    format!("  {blank} |\n  {number} | {}\n  {blank} | {}{carets}\n", line.trim_end(), " ".repeat(before))
}

/// The clause that decided last of what a claim is about, in its step or, for what lasts, before it.
fn decided(file: &File, profile: Profile, unmet: &Unmet) -> Option<Clause> {
    let trace = &file.scenario.trace;
    let mut driver = Driver::new(Model::new(profile), &trace.setup, Shown::Everything);
    let (mut ruled, mut found) = (Transcript::default(), None);
    for (index, (_, op)) in trace.executed().enumerate().take(unmet.index + 1) {
        if driver.library().refuses(&op).is_some() {
            break;
        }
        driver.step(&op, &mut ruled);
        let here = index == unmet.index;
        let decided = &driver.library().ruling.decided;
        if here || lasts(&unmet.about) {
            let last = decided.iter().rev().find(|(_, what)| is_about(&unmet.about, *what));
            found = last.map(|(clause, _)| *clause).or(found);
        }
        if here {
            found = found.or_else(|| decided.last().map(|(clause, _)| *clause));
        }
    }
    found
}

/// Whether a claim is about what stays as it is until something changes it.
fn lasts(about: &About) -> bool {
    !matches!(about, About::Step | About::Answer | About::Callbacks | About::Destroyed)
}

fn is_about(about: &About, what: What) -> bool {
    match (about, what) {
        (About::Answer, What::TheAnswer) | (About::Destroyed, What::Destroys(_)) => true,
        (About::Callbacks, What::Calls(Called::New(..) | Called::Get(..) | Called::Remove(..))) => true,
        (About::Members(ctx, who), What::Enters(at, c) | What::Leaves(at, c)) => *ctx == at && who.contains(&c),
        (About::Members(_, who), What::Stays(c)) => who.contains(&c),
        (About::Counter(ctx, counter), What::Counts(at, counted)) => *ctx == at && *counter == counted,
        (About::Counter(ctx, counter), What::Enters(at, _) | What::Leaves(at, _)) => {
            *ctx == at && *counter == session_model::Counter::Number
        }
        (About::Time(of), What::Times(c))
        | (About::Timeout(of), What::TimesOut(c))
        | (About::Mark(of), What::Marks(c)) => *of == Some(c),
        _ => false,
    }
}
