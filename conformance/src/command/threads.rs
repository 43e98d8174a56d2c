//! `sesscheck threads`: whether what several threads see of one cache can be explained by an order of their calls.
//!
//! The histories are played by a process of their own, since a cache that threads damage may end it: then the program
//! of the last history is told.

use std::io::{Seek, Write};
use std::path::Path;

use super::apart::as_typed_with;
use super::arguments::Threads;
use super::{CouldNotRun, Done, print};
use crate::threads::play::PATIENCE;
use crate::threads::report::{Found, calls, summary, table, told};
use crate::threads::{Asked, History, Kind, Verdict, judge, open, order, run};

pub(super) fn threads(arguments: &Threads) -> Done {
    if arguments.judge.is_none() && arguments.inside.is_none() {
        return apart(arguments);
    }
    let arguments = arguments.clone();
    // The search for an order goes as deep as there are steps.
    let deep =
        std::thread::Builder::new().stack_size(STACK).spawn(move || match (&arguments.judge, &arguments.inside) {
            (Some(file), _) => again(file),
            (None, inside) => self::inside(&arguments, inside.as_deref().expect("it is one of three")),
        })?;
    deep.join().unwrap_or_else(|_| Err(CouldNotRun("a panic, see above".to_owned())))
}

/// In bytes, of which only what is used is taken: more than 80 KiB for each of the 6,000 steps that a search is deep at
/// most.
const STACK: usize = 1 << 29;

fn asked(arguments: &Threads) -> Asked {
    let Threads { seed, first, histories, threads, calls, limit, .. } = *arguments;
    let (without, only) = (arguments.without.clone(), arguments.only.clone());
    Asked { seed, first, histories, threads, calls, without, only, limit, patience: PATIENCE }
}

/// Has another process do it.
fn apart(arguments: &Threads) -> Done {
    let kind = open(&arguments.subject)?;
    if asked(arguments).alphabets(&kind).next().is_none() {
        let has: Vec<_> = kind.alphabets.iter().map(|alphabet| alphabet.word()).collect();
        return Err(CouldNotRun(format!("{}: programs for it are drawn from {} alone", kind.name, has.join(" and "))));
    }
    let word = std::env::temp_dir().join(format!("sesscheck-threads-{}", std::process::id()));
    let status = as_typed_with(vec!["--inside".into(), word.clone().into_os_string()])?.status()?;
    let last = std::fs::read_to_string(&word).unwrap_or_default();
    let _ = std::fs::remove_file(&word);
    if let Some(code) = status.code().filter(|code| is_believed(*code, &last)) {
        return Ok(u8::try_from(code).unwrap_or(2));
    }
    if last.starts_with(TOLD) {
        print(&format!("{}: went down: {status} at the end, after everything was told\n", kind.name))?;
        return Ok(1);
    }
    let mut words = last.split_whitespace().map(str::to_owned);
    let Some(number) = words.next().and_then(|number| number.parse().ok()) else {
        return Err(CouldNotRun(format!("{}: {status} before any history", kind.name)));
    };
    let asked = Asked { without: words.collect(), ..asked(arguments) };
    print(&format!("{}: went down: {status} while threads shared it\n", kind.name))?;
    print(&calls(&asked.program(number, &kind)))?;
    let Asked { seed, threads, calls, without, only, .. } = asked;
    let without: String = without.iter().map(|word| format!(" --without {word}")).collect();
    let only = only.map_or_else(String::new, |word| format!(" --only {word}"));
    print(&format!(
        "  in history {number}; from there on: sesscheck threads --subject {} --seed {seed} --first {number} --threads \
         {threads} --calls {calls}{without}{only}\n",
        kind.name
    ))?;
    Ok(1)
}

/// Whether the status of the other process is its own: anything in it can call `exit`, so it writes the status down when
/// all is told. Before its first history it has written nothing.
fn is_believed(code: i32, last: &str) -> bool {
    last.is_empty() || last == format!("{TOLD}{code}")
}

/// What is before the status with which all was told.
const TOLD: &str = "told, status ";

/// Does it.
fn inside(arguments: &Threads, word: &Path) -> Done {
    let kind = open(&arguments.subject)?;
    // Before hours of work, not after.
    std::fs::create_dir_all(&arguments.out)?;
    let mut word = std::fs::File::create(word)?;
    let done = histories(arguments, &kind, &mut word);
    word.set_len(0)?;
    word.rewind()?;
    write!(word, "{TOLD}{}", done.as_ref().map_or(2, |status| *status))?;
    done
}

/// Plays them, and writes down which one is next.
fn histories(arguments: &Threads, kind: &Kind, word: &mut std::fs::File) -> Done {
    let asked = asked(arguments);
    let mut longest = 0;
    let mut note = |number: u64, without: &[String]| {
        // No text is shorter than one before it: the last one is whole whenever this process ends.
        let without = without.join(" ");
        longest = longest.max(without.len());
        word.rewind()?;
        word.write_all(format!("{number:020} {without:longest$}").as_bytes())
    };
    note(asked.first, &asked.without)?;
    let mut failed = None;
    let report = run(kind, &asked, &mut |number, without| drop(note(number, without)), &mut |number, found| {
        let kept = tell(arguments, &told(kind, &asked, number, found), number, found);
        failed = failed.take().or(kept.err());
    });
    print(&summary(kind, &asked, &report))?;
    if let Some(CouldNotRun(why)) = failed {
        let _ = writeln!(std::io::stderr(), "sesscheck: a history could not be kept: {why}");
    }
    Ok(if report.found.is_empty() && !report.is_evidence() { 2 } else { u8::from(!report.found.is_empty()) })
}

/// Prints a finding, and keeps its history in a new file.
fn tell(arguments: &Threads, text: &str, number: u64, found: &Found) -> Result<(), CouldNotRun> {
    print(text)?;
    let subject: String =
        arguments.subject.to_string().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let name = format!("history-{subject}-{}-{number}", arguments.seed);
    let names = (1..).map(|n| if n == 1 { format!("{name}.json") } else { format!("{name}-{n}.json") });
    let history = serde_json::to_string_pretty(found.history())? + "\n";
    for file in names.map(|name| arguments.out.join(name)) {
        match std::fs::File::create_new(&file) {
            Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {}
            opened => {
                opened?.write_all(history.as_bytes())?;
                let again = format!("; again: sesscheck threads --judge {}", file.display());
                // What has not ended can always be explained.
                let again = if matches!(found, Found::Stuck(_)) { String::new() } else { again };
                print(&format!("  kept: {}{again}\n", file.display()))?;
                break;
            }
        }
    }
    Ok(())
}

/// Judges a history that was kept.
fn again(file: &Path) -> Done {
    let at = |what: String| CouldNotRun(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| at(error.to_string()))?;
    let history: History = serde_json::from_str(&text).map_err(|error| at(error.to_string()))?;
    history.sound().map_err(at)?;
    let profile = super::check::profile_of(&history.profile)?;
    match judge(&history, &profile.profile, order::BUDGET) {
        Verdict::Linearizable(_) => print(&format!("explained under profile {}\n", profile.name)),
        Verdict::Undecided => Err(at("undecided: the search was given up".to_owned())),
        Verdict::Not(why) => {
            let found = Found::NotLinearizable(Box::new(history.clone()), why.clone());
            print(&found.first_line())?;
            print(&table(&history, Some(&why))).map(|_| 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_believed_of_what_has_written_it_down_or_has_not_begun() {
        assert!(is_believed(2, "") && is_believed(0, "told, status 0"));
        assert!(!is_believed(0, "00000000000000000007 ") && !is_believed(0, "told, status 1"));
    }
}
