//! Drills as files: a scenario, and above it, as a comment, the story for who operates a server.
//!
//! The last paragraph of the story begins with `What helps:`. Not here: what a drill's steps mean.

use std::path::Path;

use crate::suite::{self, File, SuiteError};

include!(concat!(env!("OUT_DIR"), "/drills.rs"));

/// What the last paragraph of a story begins with.
const HELPS: &str = "What helps: ";

/// A drill with its story.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its name, which is that of its file.
    pub name: String,
    /// What happens to the operator.
    pub story: String,
    /// What helps.
    pub helps: String,
    /// The scenario.
    pub file: File,
}

/// Why there is no drill.
#[derive(Debug)]
pub enum NoDrill {
    /// None has this name; one that has a name like it.
    Unknown(String, Option<String>),
    /// The scenario cannot be read.
    Unreadable(SuiteError),
    /// The file is several scenarios.
    Several(String),
    /// The file has no story, or one that does not end with what helps.
    NoStory(String),
}

impl std::fmt::Display for NoDrill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(name, near) => {
                write!(f, "`{name}`: there is no such drill")?;
                near.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
            }
            Self::Unreadable(why) => why.fmt(f),
            Self::Several(path) => write!(f, "{path}: a drill is one scenario; this file is several, by its `for`"),
            Self::NoStory(path) => write!(
                f,
                "{path}: no story above `scenario:`: comments that say what happens, and in a last paragraph what helps, \
                 which begins with `{}`",
                HELPS.trim_end()
            ),
        }
    }
}

impl std::error::Error for NoDrill {}

/// The drills that come with the harness, in order of name.
///
/// # Panics
///
/// Never: a test reads them all.
#[must_use]
pub fn shipped() -> Vec<Told> {
    let read = |(path, text): &(&str, &str)| {
        let mut told = told(path, text).expect("shipped drills are tested");
        told.file.built_in = true;
        told
    };
    DRILLS.iter().map(read).collect()
}

/// The shipped drill of this name.
///
/// # Errors
///
/// When there is none.
pub fn by_name(name: &str) -> Result<Told, NoDrill> {
    let shipped = shipped();
    let near = shipped.iter().map(|told| (strsim::jaro_winkler(&told.name, name), &told.name));
    let near = near.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.7);
    let unknown = NoDrill::Unknown(name.to_owned(), near.map(|(_, near)| near.clone()));
    shipped.into_iter().find(|told| told.name == name).ok_or(unknown)
}

/// The drill in this file.
///
/// # Errors
///
/// When it cannot be read, is several scenarios, or has no story.
pub fn of_file(path: &Path) -> Result<Told, NoDrill> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| NoDrill::Unreadable(SuiteError::Unreadable(path.to_owned(), error)))?;
    told(&path.display().to_string(), &text)
}

fn told(path: &str, text: &str) -> Result<Told, NoDrill> {
    let mut files = suite::of_text(path, text).map_err(NoDrill::Unreadable)?;
    let (Some(file), true) = (files.pop(), files.is_empty()) else {
        return Err(NoDrill::Several(path.to_owned()));
    };
    let (story, helps) = story_of(text).ok_or_else(|| NoDrill::NoStory(path.to_owned()))?;
    let name = Path::new(path).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(Told { name, story, helps, file })
}

/// The story above the scenario and what helps, each without the breaks of its lines but those between paragraphs.
fn story_of(text: &str) -> Option<(String, String)> {
    let head = text.lines().take_while(|line| line.starts_with('#'));
    let said = head.filter(|line| !line.starts_with("# yaml-language-server:"));
    let said: Vec<_> = said.map(|line| line.trim_start_matches('#').trim()).collect();
    let mut paragraphs: Vec<_> = said.split(|line| line.is_empty()).map(|lines| lines.join(" ")).collect();
    let helps = paragraphs.pop()?.strip_prefix(HELPS)?.to_owned();
    let story = paragraphs.join("\n\n");
    (!story.is_empty()).then_some((story, helps))
}

impl Told {
    /// The scenario without its story: what an operator types along.
    pub(super) fn steps(&self) -> String {
        let lines: Vec<_> = self.file.whole.lines().skip_while(|line| line.starts_with('#')).collect();
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "scenario: s\nclauses: [flush.zero]\nsteps:\n  - flush_sessions: 0\n";

    #[test]
    fn a_story_is_what_stands_above_the_scenario() {
        let text = format!("# yaml-language-server: $schema=x\n# It\n# rains.\n#\n# What helps: A\n# roof.\n{BODY}");
        let told = told("a/rain.yaml", &text).expect("it is a drill");
        assert_eq!((told.name.as_str(), told.story.as_str(), told.helps.as_str()), ("rain", "It rains.", "A roof."));
        assert_eq!(told.steps(), BODY);
    }

    #[test]
    fn a_scenario_without_a_story_is_no_drill() {
        for head in ["", "# It rains.\n", "# What helps: A roof.\n", "# It rains.\n#\n# A roof helps.\n"] {
            let why = told("a/rain.yaml", &format!("{head}{BODY}")).expect_err("it has no story");
            assert!(matches!(&why, NoDrill::NoStory(_)), "{head}: {why}");
        }
    }

    #[test]
    fn a_file_that_is_several_scenarios_is_no_drill() {
        let text = "# It rains.\n#\n# What helps: A roof.\nscenario: s\nclauses: [flush.zero]\nfor: {n: [1, 2]}\n\
                    steps:\n  - advance: $n\n";
        assert!(matches!(told("a/rain.yaml", text), Err(NoDrill::Several(_))));
    }

    #[test]
    fn a_name_that_is_nearly_one_is_told() {
        let why = by_name("flush-at-zer").expect_err("it is none").to_string();
        assert_eq!(why, "`flush-at-zer`: there is no such drill; did you mean `flush-at-zero`?");
        assert_eq!(by_name("flush-at-zero").expect("it is one").name, "flush-at-zero");
    }
}
