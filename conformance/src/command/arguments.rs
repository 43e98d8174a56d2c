//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use session_model::Edition;

use super::apart::Down;
use crate::author::Accept;
use crate::campaign::Shard;
use crate::convert::Form;
use crate::exhaust::Word;
use crate::power::Engine;
use crate::releases::Release;
use crate::simulate::part::Part;
use crate::simulate::read::lasting;
use crate::simulate::sweep::Axis;
use crate::source::Lane;
use crate::stopwatch::duration;
use crate::subjects::Spec;
use crate::threads::alphabet::Alphabet;
use crate::threads::program::Call;

/// What `--silence` is, of whichever command.
const SILENCE: &str = "How long a subject in a process of its own may be silent before it is taken to hang, such as 10s \
                       or 2m: a trace that is silent for so long has five times as long when it is run again, an event \
                       of a service has seven times as long; to reduce what hangs may take some forty times as long. \
                       Default: 45s";

/// Holds session caches against the man pages of the OpenSSL session cache.
///
/// Alone it checks the project of `sesscheck.toml`, where there is one, and else does the main job: every scenario and a bounded number of random traces on our own cache, which decides
/// the exit status, and on the libssl of the machine, which is reported.
///
/// Exit status: 0 conforms, 1 diverges, 2 could not run.
#[derive(Parser, Debug)]
#[command(name = "sesscheck", version, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
    #[command(flatten)]
    pub(super) gate: Gate,
}

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Hold a subject against its profile; the exit status depends on it
    Check(Check),
    /// Put the reports of all shards of one check together
    Merge(Merge),
    /// Search for divergences at random, reduce them, and write them as scenarios
    Explore(Explore),
    /// Search for hours in a folder that keeps what was found; ended at any moment, it goes on where it was
    Campaign(CampaignArguments),
    /// Run every trace of a small scope, shortest first, each behaviour once
    Exhaust(Exhaust),
    /// Work out the profile of a subject from nothing: what it does otherwise than the pages, and nothing else
    Diagnose(Diagnose),
    /// Let several threads share one cache, and look for an order of their calls that explains what they saw
    Threads(Threads),
    /// Run days of a service's traffic in seconds of virtual time, the model in step, and tell what a cache does to it
    Simulate(Simulate),
    /// Hold simulated hit rates against closed forms: what the simulator is worth, and that mistakes would be noticed
    Calibrate(Calibrate),
    /// Run one trace again: a scenario file, or a random trace by seed, lane and number
    Replay(Replay),
    /// Write a trace in another form: a scenario, trace text, a proptest case, fuzz bytes, or a C program
    Convert(Convert),
    /// Show step by step what the manual rules in a scenario, by which clauses, and what subjects do
    Explain(Explain),
    /// Write a commented scenario to start from; without flags it asks
    New(New),
    /// Read scenarios, tell their mistakes, and hold their claims against the manual
    Lint(Lint),
    /// Propose what a subject shows and a scenario does not state yet; what is confirmed is written into it
    Bless(Bless),
    /// Lay scenario files out the one way, keeping comments
    Fmt(Fmt),
    /// Print the JSON Schema of a scenario, of a workload, or of the protocol of a subject
    Schema(SchemaArguments),
    /// List the clauses, or compare a reader's own copy of the pages
    Clauses(Clauses),
    /// Build a released libssl from its published source, or list the libssls that are here
    #[command(subcommand)]
    Libssl(Libssl),
    /// Show which release of libssl does what, since when, until when, and how that is known
    Atlas(Atlas),
    /// Go through small stories of an operator's bad day: what the pages rule, what our cache and each libssl do
    Drills(Drills),
    /// Measure which known faults the harness finds: by engine, after how many ops, and how short the trace is
    Power(PowerArguments),
    /// List the subjects, or print the protocol of a program that is one
    Subject(SubjectArguments),
    /// Go through the protocol with a program step by step, then run the scenarios that it can
    SubjectTest(SubjectTest),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write one for the command and each of its verbs into a folder
    Man {
        /// The folder
        folder: Option<PathBuf>,
    },
    /// A subject in a process of its own; started by the other verbs
    #[command(hide = true)]
    Worker(Worker),
}

/// What every search takes.
#[derive(Args, Clone, Debug)]
pub(super) struct Common {
    /// Scenario files or folders, instead of the built-in ones; a check then runs no random traces but those of --lane
    #[arg(long, value_name = "PATH")]
    pub(super) scenarios: Vec<PathBuf>,
    /// Seed of the random traces; default: 1
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Random traces by lane, such as direct:2000; lanes: direct, handshakes, mixed, tickets, mutated (scenarios
    /// with edits), scopes (small scopes by number), hazards, uniform. May be
    /// repeated
    #[arg(long, value_name = "LANE:COUNT", value_parser = lane_count)]
    pub(super) lane: Vec<(Lane, u64)>,
    /// End the random traces after so long, such as 90s, 5m or 1h; the report says so
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(super) limit: Option<Duration>,
    /// How many findings to reduce at most; default: 12
    #[arg(long, value_parser = at_least_one)]
    pub(super) most: Option<usize>,
    /// Run hazards, and nothing else unless it is asked for: what the pages forbid or never mention, in a worker with a
    /// memory limit. A subject that does not survive it makes the exit status 1
    #[arg(long)]
    pub(super) hazards: bool,
}

impl Common {
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }

    pub(super) fn most(&self) -> usize {
        self.most.unwrap_or(12)
    }
}

/// A subject, and what it is held to.
#[derive(Args, Clone, Debug)]
pub(super) struct Subject {
    /// The subject; default: our cache. `sesscheck subject --list` names all
    #[arg(long)]
    pub(super) subject: Option<Spec>,
    /// What it is held to: a shipped profile's name, or a file
    #[arg(long)]
    pub(super) profile: Option<String>,
}

/// How a report is told, and what it is held against.
#[derive(Args, Clone, Debug)]
pub(super) struct Telling {
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Write the report to a file as well, such as junit:report.xml. May be repeated
    #[arg(long, value_name = "FORM:FILE", value_parser = also)]
    pub(super) also: Vec<(Format, PathBuf)>,
    /// An earlier report in JSON: tell what is new, gone or changed since
    #[arg(long, value_name = "REPORT")]
    pub(super) baseline: Option<PathBuf>,
    /// Let the exit status depend on what is new or changed alone
    #[arg(long, requires = "baseline")]
    pub(super) only_new: bool,
}

/// What a gate takes.
#[derive(Args, Clone, Debug)]
pub(super) struct Gate {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) telling: Telling,
    /// Subjects without which the result is not whole: not run makes the exit status 2
    #[arg(long, value_name = "SUBJECT")]
    pub(super) require: Vec<Spec>,
    /// Run one part of all, such as 2/4; `sesscheck merge` puts the JSON reports of all parts together
    #[arg(long, value_name = "PART/PARTS", default_value_t = Shard::WHOLE, hide_default_value = true,
          conflicts_with_all = ["baseline", "hazards"])]
    pub(super) shard: Shard,
    /// The project file; default: `sesscheck.toml`, if it is there and no subject is named
    #[arg(long, value_name = "FILE")]
    pub(super) project: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Check {
    /// A subject; default: those of `sesscheck.toml`, where there is one, else our cache. May be repeated. `sesscheck
    /// subject --list` names all
    #[arg(long)]
    pub(super) subject: Vec<Spec>,
    /// What they are held to: a shipped profile's name, or a file; default: the shipped one for each
    #[arg(long)]
    pub(super) profile: Option<String>,
    /// Divergences that are accepted of the one subject: a YAML list, see README
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    #[command(flatten)]
    pub(super) gate: Gate,
    /// Run the scenarios again each time one of their files is saved, until Ctrl-C
    #[arg(long, requires = "scenarios",
          conflicts_with_all = ["ledger", "format", "also", "baseline", "require", "shard", "project"])]
    pub(super) watch: bool,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Merge {
    /// The reports in JSON
    #[arg(required = true)]
    pub(super) reports: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) telling: Telling,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Explore {
    #[command(flatten)]
    pub(super) check: Subject,
    #[command(flatten)]
    pub(super) common: Common,
    /// Folder for the scenarios that are found
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Write a program beside each of them that shows it by itself
    #[arg(long, value_enum, value_name = "FORM", requires = "out")]
    pub(super) reproducer: Option<Reproducer>,
}

/// The form of a program that shows a finding by itself.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reproducer {
    /// As `sesscheck convert --to c` writes it
    C,
}

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct CampaignArguments {
    #[command(subcommand)]
    pub(super) verb: Option<CampaignVerb>,
    #[command(flatten)]
    pub(super) run: CampaignRun,
}

#[derive(Args, Clone, Debug)]
pub(super) struct CampaignRun {
    /// The subject; `sesscheck subject --list` names all
    #[arg(long, default_value = "optimised")]
    pub(super) subject: Spec,
    /// What it is held to: a shipped profile's name, or a file
    #[arg(long)]
    pub(super) profile: Option<String>,
    /// Folder of the campaign; one that is there goes on
    #[arg(long = "dir", value_name = "DIR", default_value = "sesscheck-campaign")]
    pub(super) folder: PathBuf,
    /// End it after so long, such as 90s, 5m or 8h; a finding that is being reduced is finished
    #[arg(long = "for", value_name = "TIME", value_parser = duration, required_unless_present = "units")]
    pub(super) limit: Option<Duration>,
    /// End it when so many units of work are done in all
    #[arg(long, value_name = "COUNT")]
    pub(super) units: Option<u64>,
    /// How many worker processes; default: one a core
    #[arg(long, value_name = "COUNT")]
    pub(super) workers: Option<usize>,
    /// Seed of all units
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// The part that is done here, such as 2/4; each part needs a folder of its own
    #[arg(long, value_name = "PART/PARTS", default_value_t = Shard::WHOLE)]
    pub(super) shard: Shard,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(super) format: TableFormat,
}

#[derive(Subcommand, Clone, Debug)]
pub(super) enum CampaignVerb {
    /// Show what a campaign has come to, also while it runs
    Report {
        /// Its folder
        folder: PathBuf,
        /// Form of the report
        #[arg(long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
    /// Put the shards of one campaign together
    Merge {
        /// Their folders
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// A new folder for the whole
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
}

#[derive(Args, Clone, Debug)]
pub(super) struct Threads {
    /// The subject: `optimised`, `optimised-in-steps`, a `libssl`, or a planted fault
    #[arg(long, default_value = "optimised")]
    pub(super) subject: Spec,
    /// The number of the first history
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) first: u64,
    /// How many histories to play; a new cache each
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) histories: u64,
    /// The most threads that share a cache; each number from 2 on takes its turn
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=8))]
    pub(super) threads: u32,
    /// How many calls each thread makes
    #[arg(long, value_name = "COUNT", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) calls: u32,
    /// Make no calls of this kind. May be repeated
    #[arg(long, value_name = "CALL", value_parser = clap::builder::PossibleValuesParser::new(Call::WORDS))]
    pub(super) without: Vec<String>,
    /// Draw from these calls alone: of a libssl, its functions without handshakes, or handshakes with
    /// functions that a server calls; of `optimised-in-steps`, all, or those around long flushes;
    /// default: each in its turn
    #[arg(long, value_name = "CALLS", value_parser = clap::builder::PossibleValuesParser::new(Alphabet::WORDS))]
    pub(super) only: Option<String>,
    /// Seed of the calls; how they meet is up to the machine
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Play no more after so long, such as 90s, 5m or 1h
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(super) limit: Option<Duration>,
    /// Folder for a history that nothing explains
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) out: PathBuf,
    /// Judge a history that was kept, and play none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["subject", "first", "histories", "without", "only", "threads", "calls", "seed", "limit", "out"])]
    pub(super) judge: Option<PathBuf>,
    /// Play here, in this process, and write the number of each history to this file
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) inside: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Simulate {
    /// The workload: a file, or the name of a shipped one
    #[arg(value_name = "FILE|NAME")]
    pub(super) workload: Option<String>,
    /// List the shipped workloads, or the one of this name, with what each teaches
    #[arg(long, conflicts_with_all = ["seed", "model", "subject", "profile", "lasts", "sweep", "threads", "format", "found", "out", "also", "silence"])]
    pub(super) list: bool,
    /// Seed of everything that is drawn: on one machine, the same seed gives the same answers to the byte
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// How much of the run the model follows: `every` event, a part such as `1/50`, or `never`
    #[arg(long, value_name = "PART", default_value = "every")]
    pub(super) model: Part,
    /// The cache; `sesscheck subject --list` names all
    #[arg(long, default_value = "optimised")]
    pub(super) subject: Spec,
    /// What it is held to: a shipped profile's name, or a file
    #[arg(long)]
    pub(super) profile: Option<String>,
    /// Run it for so much virtual time, as a workload says it, such as 250ms, 90s, 5m, 2h or 1d, instead of what it says
    #[arg(long = "for", value_name = "TIME", value_parser = lasting)]
    pub(super) lasts: Option<Duration>,
    /// Run it under several settings, side by side: size, timeout, mode, victim (of the subject `model`) or seed, with
    /// the values of each, such as size=1000,5000 or mode=+UPDATE_TIME,+NO_AUTO_CLEAR. May be repeated: every choice
    #[arg(long, value_name = "NAME=VALUE,...")]
    pub(super) sweep: Vec<Axis>,
    /// How many runs of a sweep go on at once; default: one a core
    #[arg(long, value_name = "COUNT", requires = "sweep", value_parser = at_least_one)]
    pub(super) threads: Option<usize>,
    /// Form of the answers
    #[arg(long, value_enum, default_value_t = AnswersFormat::Text)]
    pub(super) format: AnswersFormat,
    /// Folder for the scenario that a divergence comes down to
    #[arg(long, value_name = "DIR")]
    pub(super) found: Option<PathBuf>,
    /// File for the answers, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write the answers to a file as well, such as html:page.html. May be repeated
    #[arg(long, value_name = "FORM:FILE", value_parser = also_answers)]
    pub(super) also: Vec<(AnswersFormat, PathBuf)>,
    #[arg(long, value_name = "TIME", value_parser = some_time, help = SILENCE)]
    pub(super) silence: Option<Duration>,
    /// Do it in this process, and write what is about to happen to this file
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) inside: Option<PathBuf>,
    /// Make the runs of a sweep one after the other, whatever `--threads` says
    #[arg(long, hide = true)]
    pub(super) one_by_one: bool,
    /// Where a process that did it before went down
    #[arg(long, value_name = "JSON", hide = true)]
    pub(super) down: Vec<Down>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Calibrate {
    /// A case; default: all. May be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) case: Vec<String>,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// How many times as long as in a short run, which has about 60,000 connections a case
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) times: u32,
    /// Form of what it comes to
    #[arg(long, value_enum, default_value_t = CalibrationFormat::Text)]
    pub(super) format: CalibrationFormat,
    /// File for it, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Exhaust {
    /// The subject
    #[arg(long, default_value = "optimised")]
    pub(super) subject: Spec,
    /// What it is held to: a shipped profile's name, or a file
    #[arg(long)]
    pub(super) profile: Option<String>,
    /// A scope, such as direct or handshakes; default: all of them. May be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) scope: Vec<String>,
    /// The longest traces, in ops; default: 4, or with --for as long as there is time
    #[arg(long, value_name = "OPS", value_parser = word_length)]
    pub(super) length: Option<usize>,
    /// End it after so long, such as 90s, 5m or 1h; the report says so
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(super) limit: Option<Duration>,
    /// How many findings of a scope to reduce at most
    #[arg(long, default_value_t = 12, value_parser = at_least_one)]
    pub(super) most: usize,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(super) format: TableFormat,
    /// Folder for the scenarios that are found
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// One trace of a scope again, by its letters, such as 3.0.17
    #[arg(long, value_name = "LETTERS", requires = "scope")]
    pub(super) trace: Option<Word>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Diagnose {
    /// The subject
    #[arg(long, default_value = "libssl")]
    pub(super) subject: Spec,
    /// Edition of the pages to start from; default: that of the subject's shipped profile
    #[arg(long, value_parser = edition)]
    pub(super) edition: Option<Edition>,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Random traces that have to pass, by lane, such as direct:2000. May be repeated
    #[arg(long, value_name = "LANE:COUNT", value_parser = lane_count)]
    pub(super) lane: Vec<(Lane, u64)>,
    /// End it after so long, such as 90s, 5m or 1h; the report says so
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(super) limit: Option<Duration>,
    /// Pin what the pages leave to the subject, where it always chooses alike
    #[arg(long)]
    pub(super) pin: bool,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(super) format: TableFormat,
    /// File for the profile
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Folder for the separating scenarios
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Replay {
    /// The scenario
    #[arg(required_unless_present = "number")]
    pub(super) file: Option<PathBuf>,
    /// The subject
    #[arg(long, default_value = "optimised")]
    pub(super) subject: Spec,
    /// What it is held to: a shipped profile's name, or a file
    #[arg(long)]
    pub(super) profile: Option<String>,
    /// Seed of the random trace
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Lane of the random trace
    #[arg(long, default_value = "direct", value_parser = lane)]
    pub(super) lane: Lane,
    /// Number of the random trace
    #[arg(long, conflicts_with = "file")]
    pub(super) number: Option<u64>,
    /// The trace is one of hazards
    #[arg(long)]
    pub(super) hazards: bool,
    /// Show the trace as it was found, without reducing it
    #[arg(long)]
    pub(super) whole: bool,
    /// Print what the subject shows, step by step, and hold it against nothing
    #[arg(long, conflicts_with_all = ["profile", "hazards", "whole"])]
    pub(super) transcript: bool,
    #[arg(long, value_name = "TIME", value_parser = some_time, help = SILENCE)]
    pub(super) silence: Option<Duration>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Convert {
    /// The trace: a file, or a built-in scenario
    pub(super) file: PathBuf,
    /// Its form; default: by the end of its name (.yaml, .txt, .rs, and bytes of a fuzz target for any other)
    #[arg(long, value_enum, value_name = "FORM")]
    pub(super) from: Option<FormWord>,
    /// The form to write
    #[arg(long, value_enum, value_name = "FORM")]
    pub(super) to: FormWord,
    /// File to write, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// What a C program holds the library to: a shipped profile's name, or a file
    #[arg(long, default_value = "manual")]
    pub(super) profile: String,
}

/// A form of a trace.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FormWord {
    /// A scenario
    Yaml,
    /// A scenario that claims nothing, as workers are given it
    Text,
    /// A test function for the state machines in `conformance/tests/state_machine.rs`
    Proptest,
    /// The bytes of the fuzz targets that run traces
    Fuzz,
    /// A program for `cc x.c -lssl -lcrypto`, which holds a libssl to the pages; it is only written
    C,
}

impl FormWord {
    pub(super) fn form(self) -> Form {
        match self {
            Self::Yaml => Form::Yaml,
            Self::Text => Form::Text,
            Self::Proptest => Form::Proptest,
            Self::Fuzz => Form::Fuzz,
            Self::C => Form::C,
        }
    }
}

#[derive(Args, Clone, Debug)]
pub(super) struct Explain {
    /// The scenario
    pub(super) file: PathBuf,
    /// Show what a subject does as well, beside the manual. May be repeated
    #[arg(long, value_name = "SUBJECT")]
    pub(super) subject: Vec<Spec>,
    /// Under which profile: a shipped one's name, or a file; default: what the scenario is a claim about
    #[arg(long)]
    pub(super) profile: Option<String>,
    #[arg(long, requires = "subject", value_name = "TIME", value_parser = some_time, help = SILENCE)]
    pub(super) silence: Option<Duration>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Lint {
    /// Scenario files or folders; default: the built-in ones
    pub(super) paths: Vec<PathBuf>,
    /// Also tell what shows nothing: clauses listed in vain, claims that no known fault, broken rule or other reading
    /// makes fail, steps without which as much is found. It is advice, and no part of the exit status
    #[arg(long)]
    pub(super) bite: bool,
}

#[derive(Args, Clone, Debug)]
pub(super) struct New {
    /// The file to write; `-` is standard output
    pub(super) file: Option<PathBuf>,
    /// The behaviour in a sentence; default: the file's name
    #[arg(long, value_name = "SENTENCE")]
    pub(super) name: Option<String>,
    /// A clause that it shows; `sesscheck clauses` lists them. May be repeated
    #[arg(long, value_name = "CLAUSE", value_delimiter = ',')]
    pub(super) clause: Vec<String>,
    /// A step, such as add_session, add_session:b or flush_sessions:now+301; several with commas between. May be
    /// repeated
    #[arg(long, alias = "ops", value_name = "STEP")]
    pub(super) step: Vec<String>,
    /// A session made by hand with its timeout in seconds, such as a:300. May be repeated
    #[arg(long, value_name = "NAME:TIMEOUT", value_delimiter = ',')]
    pub(super) session: Vec<String>,
    /// A flag of the session cache mode, such as NO_INTERNAL. May be repeated
    #[arg(long, value_name = "FLAG", value_delimiter = ',')]
    pub(super) mode: Vec<String>,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Bless {
    /// The scenario file
    pub(super) file: PathBuf,
    /// The subject that is run
    #[arg(long)]
    pub(super) subject: Spec,
    /// What to write: all that the manual bears out, or numbers such as 1,3-5, or none; without it, each is asked for
    /// on a terminal
    #[arg(long, value_name = "NUMBERS")]
    pub(super) accept: Option<Accept>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Fmt {
    /// Scenario files or folders; `-` is standard input, laid out on standard output
    #[arg(required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Change nothing: name the files that would change, with exit status 1
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Clauses {
    /// A folder with your own copies of the pages, to be compared with the recorded fingerprints
    #[arg(long, value_name = "DIR")]
    pub(super) pages: Option<PathBuf>,
    /// Show for each clause where the manual cites it, which scenarios show it, and which known faults the scenarios
    /// find by it, in this very run
    #[arg(long, conflicts_with = "pages", group = "run")]
    pub(super) evidence: bool,
    /// Show how many rules the model executes while scenarios and random traces run, and how many pairs of clauses meet
    /// in one trace, in this very run
    #[arg(long, conflicts_with = "pages", group = "run")]
    pub(super) reached: bool,
    /// Random traces by lane, such as direct:2000, instead of those of the lanes direct, handshakes, mixed and tickets. May be
    /// repeated
    #[arg(long, value_name = "LANE:COUNT", value_parser = lane_count, requires = "reached")]
    pub(super) lane: Vec<(Lane, u64)>,
    /// Seed of the random traces
    #[arg(long, default_value_t = 1, requires = "reached")]
    pub(super) seed: u64,
    /// Form of the evidence, or of what was reached
    #[arg(long, value_enum, default_value_t = TableFormat::Text, requires = "run")]
    pub(super) format: TableFormat,
}

#[derive(Subcommand, Clone, Debug)]
pub(super) enum Libssl {
    /// Get the source of a release, build it as shared libraries, and print the path of its libssl
    ///
    /// The source is the published crate `openssl-src`, which Cargo gets. perl, make and a C compiler are needed. A
    /// build that was ended goes on where it was.
    Build(LibsslBuild),
    /// A line for each libssl that is here: release, path, where from, sanitised or not, and its profile
    List(LibsslList),
}

#[derive(Args, Clone, Debug)]
pub(super) struct LibsslBuild {
    /// The release, such as 3.3.1 or 1.1.1w
    pub(super) release: Release,
    /// With the address sanitiser in it; the subject is then `libssl:RELEASE-asan`
    #[arg(long)]
    pub(super) sanitize: bool,
    /// Folder for the builds, instead of `libssl` in the target folder
    #[arg(long, value_name = "DIR")]
    pub(super) into: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct LibsslList {
    /// Folder of the builds, instead of `libssl` in the target folder
    #[arg(long = "in", value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Atlas {
    /// Every reading and departure, also where all releases are as the pages
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub(super) all: bool,
    /// Only what changes on the way from this release on; default: the first
    #[arg(long, value_name = "RELEASE")]
    pub(super) from: Option<String>,
    /// Only what changes on the way to this release; default: the last
    #[arg(long, value_name = "RELEASE")]
    pub(super) to: Option<String>,
    /// A column for our own cache as well
    #[arg(long)]
    pub(super) ours: bool,
    /// A build of a release to be run now, such as libssl:PATH, beside the recorded transcripts. May be repeated
    #[arg(long, value_name = "SUBJECT")]
    pub(super) subject: Vec<Spec>,
    /// Instead of a table: record every scenario on the subjects, in this folder, a file a release
    #[arg(long, value_name = "DIR", requires = "subject")]
    pub(super) record: Option<PathBuf>,
    /// Form of the table
    #[arg(long, value_enum, default_value_t = AtlasFormat::Text)]
    pub(super) format: AtlasFormat,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Drills {
    /// Drills by name, or files of one's own, each told with its whole story; default: the table of all shipped ones
    #[arg(value_name = "DRILL")]
    pub(super) drills: Vec<String>,
    /// A subject that goes through them beside our cache, such as libssl:PATH; default: the libssls that are here. May
    /// be repeated
    #[arg(long, value_name = "SUBJECT")]
    pub(super) subject: Vec<Spec>,
    /// Show the drills that are named step by step as well, as `explain` does, beside the subjects that ran
    #[arg(long, requires = "drills")]
    pub(super) steps: bool,
    /// Instead of a table: record what the subjects show, in this folder, a file a release
    #[arg(long, value_name = "DIR", requires = "subject", conflicts_with = "drills")]
    pub(super) record: Option<PathBuf>,
    /// Form of the table
    #[arg(long, value_enum, default_value_t = DrillsFormat::Text)]
    pub(super) format: DrillsFormat,
}

#[derive(Args, Clone, Debug)]
pub(super) struct PowerArguments {
    /// A fault, as in faulty:NAME; default: all of them. May be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) fault: Vec<String>,
    /// An engine: scenarios, a lane of random traces (uniform is a yardstick), exhaustive, or gate, which is what
    /// `sesscheck` alone runs on our cache; default: all but uniform and gate. May be repeated
    #[arg(long)]
    pub(super) engine: Vec<Engine>,
    /// Ops that an engine has for each fault and seed; exhaustive has a million at least, scenarios and gate are run to
    /// their end
    #[arg(long, default_value_t = 100_000)]
    pub(super) ops: u64,
    /// The first seed of the random traces
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// How many seeds to try from there on
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = at_least_one)]
    pub(super) seeds: usize,
    /// File for what the gate finds, which it says of itself afterwards
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Form of the table
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(super) format: TableFormat,
}

#[derive(Args, Clone, Debug)]
pub(super) struct SubjectArguments {
    /// Name all subjects, faulty ones included
    #[arg(long)]
    pub(super) list: bool,
    /// Print the protocol of `exec:COMMAND`, with a session
    #[arg(long, conflicts_with = "list")]
    pub(super) protocol: bool,
}

#[derive(Args, Clone, Debug)]
pub(super) struct SchemaArguments {
    /// Of a line of the protocol of `exec:COMMAND`
    #[arg(long, conflicts_with = "workload")]
    pub(super) protocol: bool,
    /// Of a workload to be simulated
    #[arg(long)]
    pub(super) workload: bool,
}

#[derive(Args, Clone, Debug)]
pub(super) struct SubjectTest {
    /// The subject: exec:COMMAND
    pub(super) subject: Spec,
    /// What its scenarios are held to: a shipped profile's name, or a file
    #[arg(long, default_value = "manual")]
    pub(super) profile: String,
    /// Scenario files or folders, instead of the built-in ones; no random traces are run here
    #[arg(long, value_name = "PATH")]
    pub(super) scenarios: Vec<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Worker {
    pub(super) subject: Spec,
    #[arg(long)]
    pub(super) word: PathBuf,
    /// Of hazards, which have less memory
    #[arg(long)]
    pub(super) guarded: bool,
}

/// The form of a report.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    /// For a terminal
    Text,
    /// Versioned JSON
    Json,
    /// JUnit XML
    Junit,
    /// Annotations of a GitHub workflow, each with file and line where there are any
    Github,
    /// SARIF 2.1.0
    Sarif,
    /// Markdown, for the summary of a job
    Markdown,
    /// One page for a browser, which needs nothing else: with what each cell rests on, and pictures of the cache
    Html,
}

/// The form of what is no report.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TableFormat {
    /// For a terminal
    Text,
    /// Versioned JSON
    Json,
}

/// The form of what a simulation comes to.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AnswersFormat {
    /// For a terminal, within 100 columns
    Text,
    /// Versioned JSON
    Json,
    /// A row for each stretch of time and server; of a sweep, for each setting
    Csv,
    /// The counters as a monitoring system would have scraped them: OpenMetrics, with virtual time; not of a sweep
    Prometheus,
    /// One page for a browser, which needs nothing else
    Html,
}

/// The form of a calibration.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CalibrationFormat {
    /// For a terminal, within 100 columns
    Text,
    /// For a document
    Markdown,
    /// Versioned JSON
    Json,
    /// One page for a browser, which needs nothing else
    Html,
}

/// The form of an atlas.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AtlasFormat {
    /// For a terminal, within 100 columns
    Text,
    /// Versioned JSON
    Json,
    /// One page for a browser, which needs nothing else
    Html,
}

/// The form of the table of drills.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DrillsFormat {
    /// For a terminal, within 100 columns
    Text,
    /// For a page on a forge
    Markdown,
    /// Versioned JSON
    Json,
    /// One page for a browser, which needs nothing else
    Html,
}

fn edition(text: &str) -> Result<Edition, String> {
    let all = || Edition::ALL.iter().map(|edition| edition.name()).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|_| format!("editions are {}", all()))
}

fn lane(word: &str) -> Result<Lane, String> {
    crate::worker::lane(word)
        .ok_or_else(|| "lanes are direct, handshakes, mixed, tickets, mutated, scopes, hazards and uniform".to_owned())
}

fn lane_count(text: &str) -> Result<(Lane, u64), String> {
    let (word, count) = text.split_once(':').ok_or("a lane and a count, such as direct:2000")?;
    let count = count.parse().ok().filter(|count| *count > 0);
    Ok((lane(word)?, count.ok_or("a lane and a count from 1 on, such as direct:2000")?))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|most| *most > 0).ok_or_else(|| "a number from 1 on".to_owned())
}

fn some_time(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time.is_zero() { Err("more than nothing, such as 10s".to_owned()) } else { Ok(time) }
}

fn word_length(text: &str) -> Result<usize, String> {
    let length = text.parse().ok().filter(|length| (1..=Word::MOST).contains(length));
    length.ok_or_else(|| format!("a number from 1 to {}", Word::MOST))
}

fn also(text: &str) -> Result<(Format, PathBuf), String> {
    form_and_file(text, "junit:report.xml")
}

fn also_answers(text: &str) -> Result<(AnswersFormat, PathBuf), String> {
    form_and_file(text, "html:page.html")
}

fn form_and_file<F: ValueEnum>(text: &str, such_as: &str) -> Result<(F, PathBuf), String> {
    let (form, file) = text.split_once(':').ok_or_else(|| format!("a form and a file, such as {such_as}"))?;
    if file.is_empty() {
        return Err("there is no file after the colon".to_owned());
    }
    Ok((F::from_str(form, false)?, file.into()))
}
