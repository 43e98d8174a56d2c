//! Proposals confirmed one by one, and what was confirmed written into the file.

use std::io::{self, BufRead, Write};
use std::str::FromStr;

use super::proposals::{Manual, Proposal};
use crate::scenario::{Addition, Expect, Scenario, Vocabulary, format, insert, parse_each, rewrite, same_comments};
use crate::suite::{File, vocabulary};

/// Which proposals are confirmed beforehand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Accept {
    /// All that the manual bears out.
    All,
    /// These, counted from 1, whatever the manual says; may be none.
    Numbers(Vec<std::ops::RangeInclusive<usize>>),
}

impl FromStr for Accept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse().ok().filter(|number: &usize| *number > 0);
        let range = |part: &str| match part.split_once('-') {
            Some((from, to)) => Some(number(from)?..=number(to)?).filter(|range| !range.is_empty()),
            None => number(part).map(|number| number..=number),
        };
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::Numbers(Vec::new())),
            _ => {
                let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
                ranges.map(Self::Numbers).ok_or_else(|| "`all`, `none`, or numbers such as 1,3-5".to_owned())
            }
        }
    }
}

impl Accept {
    /// Those of the proposals that are confirmed.
    ///
    /// # Errors
    ///
    /// When a number is none of theirs: in words.
    pub fn of<'p>(&self, proposals: &'p [Proposal]) -> Result<Vec<&'p Proposal>, String> {
        match self {
            Self::All => Ok(proposals.iter().filter(|one| !matches!(one.manual, Manual::Otherwise(_))).collect()),
            Self::Numbers(ranges) => {
                if let Some(beyond) = ranges.iter().map(|range| *range.end()).find(|end| *end > proposals.len()) {
                    return Err(format!("{beyond} is no number of a proposal: there are {}", proposals.len()));
                }
                let chosen = |n: usize| ranges.iter().any(|range| range.contains(&n));
                Ok(proposals.iter().zip(1..).filter(|(_, n)| chosen(*n)).map(|(one, _)| one).collect())
            }
        }
    }
}

/// Asks for each proposal whether it is confirmed: `y`, `n`, or `q` for none of the rest, which the end of the answers
/// means too.
///
/// # Errors
///
/// When the answers cannot be read, or the questions not be asked.
pub fn ask<'p>(
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    proposals: &'p [Proposal],
) -> io::Result<Vec<&'p Proposal>> {
    let mut confirmed = Vec::new();
    for (proposal, n) in proposals.iter().zip(1..) {
        loop {
            write!(out, "{n}: {}: {}  write it? [y/n/q] ", proposal.key, proposal.value)?;
            out.flush()?;
            let mut line = String::new();
            let read = input.read_line(&mut line)?;
            match line.trim() {
                "q" => return Ok(confirmed),
                _ if read == 0 => return Ok(confirmed),
                "y" => confirmed.push(proposal),
                "n" => {}
                _ => continue,
            }
            break;
        }
    }
    Ok(confirmed)
}

/// The text of the file with what was confirmed, and nothing else changed: read again it says what it said, and that.
///
/// # Errors
///
/// When it would not: why. The file is then better left as it is.
pub fn write_in(files: &[File], text: &str, confirmed: &[&Proposal]) -> Result<String, String> {
    let Some(file) = files.first().map(File::on_disk) else { return Ok(text.to_owned()) };
    let vocabulary = vocabulary();
    written(files, text, confirmed, &vocabulary).map_err(|why| {
        let mut steps: Vec<_> = confirmed.chunk_by(|one, next| one.step == next.step).collect();
        steps.retain(|of_step| written(files, text, of_step, &vocabulary).is_err());
        match steps.first() {
            Some([one, ..]) => format!(
                "{file}: left as it is: the layout of step {} cannot take it; `sesscheck fmt` first\n{why}",
                one.step + 1
            ),
            _ => format!("{file}: left as it is: {why}"),
        }
    })
}

fn written(files: &[File], text: &str, confirmed: &[&Proposal], vocabulary: &Vocabulary) -> Result<String, String> {
    let file = files[0].on_disk();
    let additions: Vec<_> = confirmed
        .iter()
        .map(|one| Addition { step: one.step, key: one.key.clone(), value: one.value.clone() })
        .collect();
    let told = |mistakes: Vec<crate::scenario::Mistake>| {
        mistakes.iter().map(|m| m.render(false)).collect::<Vec<_>>().join("\n")
    };
    let mut written = insert(text, &additions).map_err(told)?;
    // A file in the one layout keeps it, also where a line becomes long.
    if format(file, text, vocabulary).is_ok_and(|laid_out| laid_out == text) {
        written = format(file, &written, vocabulary).unwrap_or(written);
    }
    let read = parse_each(file, &written, vocabulary).map_err(told)?;
    let wanted = files.iter().enumerate().map(|(n, file)| with(&file.scenario, n, confirmed));
    if !wanted.map(|scenario| rewrite(&scenario)).eq(read.iter().map(rewrite)) {
        return Err("with this written into it, it would say something else".to_owned());
    }
    same_comments(text, &written)?;
    Ok(written)
}

/// The scenario with the claims of the file's scenario of this number.
fn with(scenario: &Scenario, number: usize, confirmed: &[&Proposal]) -> Scenario {
    let mut scenario = scenario.clone();
    for proposal in confirmed {
        let claim = proposal.claims[number].clone();
        let at = match scenario.expectations.binary_search_by_key(&proposal.step, |(step, _)| *step) {
            Ok(at) => at,
            Err(at) => {
                scenario.expectations.insert(at, (proposal.step, Expect::default()));
                at
            }
        };
        scenario.expectations[at].1.add(claim);
    }
    scenario
}
