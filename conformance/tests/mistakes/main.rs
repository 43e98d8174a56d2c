//! Mistakes that a program makes in the shipped scenarios: each is refused, nearly all at the very place where it was
//! made and with the word or the rule that would put it right.
//!
//! The program knows what it broke and where, and nothing of how that is found. The first mistake that is reported is
//! the one that counts. `SESSCHECK_MISTAKES=FILE` writes all of them there, a line of JSON each, for others to find. How long it takes is printed and decides nothing; that no text grows when it is read is held
//! by [`no_more_is_said_than_is_there`]. Not here: what each message says word by word (`scenario_mistakes.rs`).

mod layout;
mod lists;
mod made;
mod sites;
mod words;

use std::time::Duration;

use made::{Die, Made, Wants};
use serde_json::json;
use sesscheck::scenario::{Mistake, SIZE_LIMIT, Vocabulary, parse_each, rewrite};
use sesscheck::stopwatch::Stopwatch;
use sesscheck::suite::{self, vocabulary};
use sites::Good;

/// How many mistakes of each kind.
const EACH: u64 = 50;

/// Makes a mistake of its kind in a good file, unless that has no place for it.
type Maker = fn(&Good, &mut Die) -> Option<Made>;

const KINDS: [(&str, Maker); 18] = [
    ("misspelt key", words::misspelt_key),
    ("wrong flag", words::wrong_flag),
    ("wrong type", words::wrong_type),
    ("undeclared name", words::undeclared_name),
    ("indentation", layout::indentation),
    ("key twice", layout::twice),
    ("bad time", words::bad_time),
    ("alias bomb", layout::bomb),
    ("misspelt clause", words::misspelt_clause),
    ("list of for", lists::bad_list),
    ("$name undeclared", lists::undeclared),
    ("tab", layout::tab),
    ("number too large", words::too_large),
    ("missing colon", layout::no_colon),
    ("quote not closed", layout::quote),
    ("bracket not closed", layout::bracket),
    ("two ops in a step", words::two_ops),
    ("wrong argument", words::wrong_argument),
];

fn goods() -> Vec<Good> {
    suite::embedded().expect("the built-in scenarios are read").iter().map(Good::of).collect()
}

/// The mistakes of a kind, each with the file that it was made in.
fn cases<'g>(goods: &'g [Good], kind: usize, words: &Vocabulary) -> Vec<(&'g Good, Made)> {
    let (name, make) = KINDS[kind];
    let mut die = Die::of(kind as u64 + 1);
    let mut cases = Vec::new();
    for _ in 0..10_000 {
        if cases.len() as u64 == EACH {
            return cases;
        }
        let good = &goods[die.below(goods.len())];
        let Some(made) = make(good, &mut die) else { continue };
        // What says the same as before is no mistake.
        let says = |text: &str| {
            let read = parse_each("t.yaml", text, words).ok()?;
            Some(read.iter().map(rewrite).collect::<Vec<_>>())
        };
        if says(&made.text).is_none_or(|now| Some(now) != says(&good.text)) {
            cases.push((good, made));
        }
    }
    panic!("{name}: too few of the files have a place for it");
}

/// What was made of a mistake.
#[derive(Default)]
struct Told {
    refused: bool,
    line: bool,
    column: bool,
    useful: bool,
    said: String,
}

fn told(made: &Made, mistakes: &[Mistake]) -> Told {
    let Some(first) = mistakes.first() else { return Told::default() };
    let (line, column) = made.place();
    let said = first.render(false);
    let useful = match &made.wants {
        Wants::Word(word) => {
            let allowed = said
                .lines()
                .filter_map(|line| line.split_once("allowed here: "))
                .any(|(_, list)| list.split(", ").any(|one| one == word));
            allowed || first.meant().is_some_and(|meant| meant == word || meant.split("` or `").any(|one| one == word))
        }
        Wants::Says(any) => any.iter().any(|words| said.contains(words)),
    };
    let spot = first.spot();
    Told { refused: true, line: spot.line == line, column: spot.line == line && spot.column == column, useful, said }
}

#[derive(Default)]
struct Row {
    refused: usize,
    line: usize,
    column: usize,
    useful: usize,
    all: usize,
    slowest: Duration,
}

impl Row {
    fn print(&self, name: &str, of: u64) {
        let Self { refused, line, column, useful, all, slowest } = self;
        let ms = slowest.as_secs_f64() * 1000.0;
        eprintln!("{name:18} {of:5} {refused:8} {line:6} {column:7} {useful:7} {all:5} {ms:8.1} ms");
    }
}

#[test]
fn mistakes_are_refused_at_their_place_with_what_would_be_right() {
    let (goods, words) = (goods(), vocabulary());
    let mut sum = Row::default();
    let (mut short, mut floors, mut written) = (Vec::new(), Vec::new(), String::new());
    eprintln!("{:18} {:>5} refused   line  column  useful   all  slowest", "kind", "made");
    for (kind, (name, _)) in KINDS.into_iter().enumerate() {
        let mut row = Row::default();
        for (good, made) in cases(&goods, kind, &words) {
            let watch = Stopwatch::start();
            let mistakes = parse_each(&good.path, &made.text, &words).err().unwrap_or_default();
            row.slowest = row.slowest.max(watch.elapsed());
            let told = told(&made, &mistakes);
            let (line, column) = made.place();
            let case = json!({"kind": name, "path": good.path, "line": line, "column": column, "text": made.text});
            written += &format!("{case}\n");
            let whole = told.refused && told.column && told.useful;
            row.refused += usize::from(told.refused);
            row.line += usize::from(told.line);
            row.column += usize::from(told.column);
            row.useful += usize::from(told.useful);
            row.all += usize::from(whole);
            if !whole {
                let text = made.text.lines().nth(line - 1).unwrap_or_default();
                let (path, wants, said) = (&good.path, &made.wants, &told.said);
                let case = format!("{name}: {path}:{line}:{column}: {wants:?}\n  > {text}\n{said}\n");
                eprintln!("{case}");
                short.push((told.refused, case));
            }
        }
        row.print(name, EACH);
        floors.push((name, row.all));
        sum.refused += row.refused;
        sum.line += row.line;
        sum.column += row.column;
        sum.useful += row.useful;
        sum.all += row.all;
        sum.slowest = sum.slowest.max(row.slowest);
    }
    if let Some(file) = std::env::var_os("SESSCHECK_MISTAKES") {
        std::fs::write(file, written).expect("the file can be written");
    }
    let made = EACH * KINDS.len() as u64;
    sum.print("all", made);
    if let Some((_, case)) = short.iter().find(|(refused, _)| !refused) {
        panic!("accepted silently: {case}");
    }
    for (name, all) in floors {
        let case = short.iter().find_map(|(_, case)| case.starts_with(name).then_some(case.as_str()));
        assert!(all as u64 * 100 >= EACH * 95, "{name}: {all} of {EACH} are as they should be; {}", case.unwrap_or(""));
    }
}

/// Texts that are long, or that say much in little.
#[test]
fn no_more_is_said_than_is_there() {
    const HEAD: &str = "scenario: x\nclauses: []\n";
    let words = vocabulary();
    // What is bounded at this length is at any.
    let fill = |part: &str| part.repeat(SIZE_LIMIT / 16 / part.len());
    let lists: String = (1..2_000).fold("bomb:\n  - &l0 [x, x, x]\n".to_owned(), |bomb, level| {
        format!("{bomb}  - &l{level} [{}]\n", vec![format!("*l{}", level - 1); 9].join(", "))
    });
    let thousand: Vec<_> = (0..1_000).map(|n| n.to_string()).collect();
    let texts = [
        ("aliases of aliases", format!("{HEAD}{lists}")),
        ("unknown verbs", format!("{HEAD}steps:\n{}", fill("  - x: 1\n"))),
        ("unknown keys", (0..20_000).fold(HEAD.to_owned(), |text, n| format!("{text}k{n}: 1\n"))),
        ("unknown clauses", format!("scenario: x\nsteps: []\nclauses: [{}]\n", fill("x, "))),
        ("unknown names", format!("{HEAD}steps:\n{}", fill("  - free: x\n"))),
        ("wrong flags", format!("{HEAD}steps:\n  - set_session_cache_mode: [{}]\n", fill("x, "))),
        ("tabs", format!("{HEAD}steps: [{}]\n", fill("\té"))),
        ("quotes", format!("{HEAD}steps:\n{}", fill("  - free: a\"\n"))),
        ("brackets", format!("{HEAD}steps: {}", fill("["))),
        ("no colons", format!("{HEAD}steps:\n{}", fill("  - free a\n    b\n"))),
        (
            "lists of for",
            format!("{HEAD}for: {{a: [{}]}}\nsteps:\n{}", thousand.join(", "), "  - advance: $a\n".repeat(5_000)),
        ),
        ("one long key", format!("{HEAD}{}: 1\n", fill("x"))),
    ];
    for (name, text) in texts {
        let watch = Stopwatch::start();
        let mistakes = parse_each("t.yaml", &text, &words).expect_err(name);
        let ms = watch.elapsed().as_millis();
        eprintln!("{name:20} {:8} bytes {:4} mistakes {ms:6} ms", text.len(), mistakes.len());
        assert!((1..=200).contains(&mistakes.len()), "{name}: {} mistakes", mistakes.len());
    }
}
