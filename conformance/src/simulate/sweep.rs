//! One workload under several settings, side by side: which parameter takes which values, and the runs.
//!
//! Every run has the same seed, unless that is what is varied, so that the same clients come at the same moments, and what
//! differs is due to the setting. Runs are spread over the cores, and told in the order in which they were asked for. Not here: what a run is.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use session_model::reading::Victim;
use session_model::{CacheMode, Timeout};

use super::answers::Answers;
use super::setting::Setting;

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-simulation-sweep-1";

/// The most settings of a sweep, that of the workload apart.
pub const MOST: usize = 64;

/// A parameter and the values that it takes, such as `size=1000,5000`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axis {
    /// The parameter.
    pub parameter: Parameter,
    /// Its values, at least one.
    pub values: Vec<Value>,
    /// As it was typed.
    typed: String,
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

/// What can be varied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parameter {
    /// `SSL_CTX_sess_set_cache_size` of every server.
    Size,
    /// `SSL_CTX_set_timeout` of every server, in seconds.
    Timeout,
    /// `SSL_CTX_set_session_cache_mode` of every server.
    Mode,
    /// Which session is dropped for size: a reading, so that the cache must be the model.
    Victim,
    /// The seed, and nothing else: how much is chance.
    Seed,
}

impl Parameter {
    /// All of them, as they are typed.
    pub const ALL: [(&'static str, Self); 5] = [
        ("size", Self::Size),
        ("timeout", Self::Timeout),
        ("mode", Self::Mode),
        ("victim", Self::Victim),
        ("seed", Self::Seed),
    ];
}

/// A value of a parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// A size; 0: any number of sessions.
    Size(u32),
    /// A timeout in seconds.
    Timeout(u32),
    /// A change of the mode.
    Mode(Flags),
    /// A victim.
    Victim(Victim),
    /// A seed.
    Seed(u64),
}

/// What becomes of a mode: flags that are set and others that are not, or another mode altogether.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flags {
    /// From whatever the mode is: flags that are added, and flags that are taken away.
    Change(CacheMode, CacheMode),
    /// This one.
    Instead(CacheMode),
}

/// Victims, as a profile writes them.
const VICTIMS: [(&str, Victim); 3] =
    [("any", Victim::Any), ("soonest_to_expire", Victim::SoonestToExpire), ("first_added", Victim::FirstAdded)];

impl FromStr for Axis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Parameter::ALL.map(|(name, _)| name).join(", ");
        let (name, values) = text.split_once('=').ok_or("a parameter and its values, such as size=1000,5000")?;
        let parameter = Parameter::ALL.into_iter().find(|(word, _)| *word == name).map(|(_, parameter)| parameter);
        let parameter = parameter.ok_or_else(|| format!("`{name}` cannot be varied; what can is {}", known()))?;
        let values = values.split(',').map(|value| parameter.read(value)).collect::<Result<Vec<_>, _>>()?;
        match (1..values.len()).find(|n| values[..*n].contains(&values[*n])) {
            Some(twice) => Err(format!("{} is there twice", values[twice])),
            None => Ok(Self { parameter, values, typed: text.to_owned() }),
        }
    }
}

impl Parameter {
    fn read(self, text: &str) -> Result<Value, String> {
        let number = |what: &str| text.parse::<u32>().map_err(|_| format!("`{text}` is no {what}"));
        match self {
            Self::Size => number("number of sessions (0 is any number)").map(Value::Size),
            Self::Timeout => number("number of seconds").map(Value::Timeout),
            Self::Seed => text.parse().map(Value::Seed).map_err(|_| format!("`{text}` is no seed")),
            Self::Mode => flags(text).map(Value::Mode),
            Self::Victim => {
                let found = VICTIMS.into_iter().find(|(word, _)| *word == text);
                let all = VICTIMS.map(|(word, _)| word).join(", ");
                found.map(|(_, victim)| Value::Victim(victim)).ok_or_else(|| format!("victims are {all}, not `{text}`"))
            }
        }
    }
}

/// `+UPDATE_TIME-NO_AUTO_CLEAR`, or `SERVER|NO_INTERNAL`.
fn flags(text: &str) -> Result<Flags, String> {
    if !text.starts_with(['+', '-']) {
        let mode = text.split('|').try_fold(CacheMode::OFF, |mode, name| Ok::<_, String>(mode | flag(name)?));
        return mode.map(Flags::Instead);
    }
    let (mut set, mut unset, mut rest) = (CacheMode::OFF, CacheMode::OFF, text);
    while let Some(sign) = rest.chars().next() {
        let end = rest[1..].find(['+', '-']).map_or(rest.len(), |end| end + 1);
        let of = if sign == '+' { &mut set } else { &mut unset };
        *of = *of | flag(&rest[1..end])?;
        rest = &rest[end..];
    }
    Ok(Flags::Change(set, unset))
}

fn flag(name: &str) -> Result<CacheMode, String> {
    let found = CacheMode::NAMES.into_iter().find(|(word, _)| *word == name);
    found.map(|(_, mode)| mode).ok_or_else(|| {
        let all = CacheMode::NAMES.map(|(word, _)| word).join(", ");
        format!("`{name}` is no flag of a mode; flags are {all}, with + or - in front to change the mode that is set")
    })
}

impl Flags {
    fn of(&self, mode: CacheMode) -> CacheMode {
        match *self {
            Self::Instead(mode) => mode,
            Self::Change(set, unset) => {
                let bits = (mode.bits() | set.bits()) & !unset.bits();
                CacheMode::from_bits(bits).expect("flags with names make a mode")
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(0) => f.write_str("no size limit"),
            Self::Size(size) => write!(f, "size {size}"),
            Self::Timeout(seconds) => write!(f, "timeout {seconds} s"),
            Self::Mode(Flags::Instead(mode)) => write!(f, "mode {mode:?}"),
            Self::Mode(Flags::Change(set, unset)) => {
                let signs = [("+", set), ("-", unset)];
                let named = signs.iter().flat_map(|(sign, mode)| mode.flags().map(move |(name, _)| (sign, name)));
                named
                    .enumerate()
                    .try_for_each(|(n, (sign, name))| write!(f, "{}{sign}{name}", if n == 0 { "" } else { " " }))
            }
            Self::Victim(victim) => {
                let word = VICTIMS.iter().find(|(_, known)| known == victim).map_or("", |(word, _)| *word);
                write!(f, "victim {word}")
            }
            Self::Seed(seed) => write!(f, "seed {seed}"),
        }
    }
}

/// One setting of a sweep: the values that are otherwise than in the workload; none: as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Variation(pub Vec<Value>);

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("as it is");
        }
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }
}

impl Variation {
    /// The setting, varied. Happenings that set it otherwise later still do.
    pub fn vary(&self, setting: &mut Setting) {
        for server in &mut setting.servers {
            let context = &mut server.context;
            for value in &self.0 {
                match value {
                    Value::Size(size) => context.size = Some(*size),
                    Value::Timeout(seconds) => context.timeout = Some(Timeout(i128::from(*seconds))),
                    Value::Mode(flags) => context.mode = Some(flags.of(context.mode.unwrap_or(CacheMode::SERVER))),
                    Value::Victim(_) | Value::Seed(_) => {}
                }
            }
        }
    }

    /// Which session is dropped for size, where that is varied.
    #[must_use]
    pub fn victim(&self) -> Option<Victim> {
        self.0.iter().find_map(|value| if let Value::Victim(victim) = value { Some(*victim) } else { None })
    }

    /// The seed, where that is varied.
    #[must_use]
    pub fn seed(&self) -> Option<u64> {
        self.0.iter().find_map(|value| if let Value::Seed(seed) = value { Some(*seed) } else { None })
    }
}

/// The workload as it is, and then every choice of a value for each parameter, the last one changing first.
///
/// # Errors
///
/// When a parameter is there twice, or there are more than [`MOST`] settings.
pub fn variations(axes: &[Axis]) -> Result<Vec<Variation>, String> {
    if let Some(n) = (1..axes.len()).find(|n| axes[..*n].iter().any(|axis| axis.parameter == axes[*n].parameter)) {
        let name = Parameter::ALL.iter().find(|(_, parameter)| *parameter == axes[n].parameter).map_or("", |(n, _)| *n);
        return Err(format!("`{name}` is varied twice"));
    }
    let settings = axes.iter().try_fold(1usize, |all, axis| all.checked_mul(axis.values.len()));
    if settings.is_none_or(|settings| settings > MOST) {
        return Err(format!("a sweep has {MOST} settings at most"));
    }
    let product = axes.iter().fold(vec![Vec::new()], |all, axis| {
        let with = |chosen: &Vec<Value>| {
            let chosen = chosen.clone();
            axis.values.iter().map(move |value| chosen.iter().cloned().chain([value.clone()]).collect())
        };
        all.iter().flat_map(with).collect()
    });
    let varied = product.into_iter().filter(|chosen: &Vec<Value>| !chosen.is_empty()).map(Variation);
    Ok(std::iter::once(Variation::default()).chain(varied).collect())
}

/// What a sweep comes to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Swept {
    /// The command that runs it again.
    pub again: String,
    /// Its settings; the first is the workload as it is.
    pub settings: Vec<Run>,
}

/// One setting and its run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Run {
    /// The setting in words.
    pub setting: String,
    /// What it came to.
    pub answers: Answers,
}

impl Swept {
    /// The seeds of its runs, each once and in their order: one, unless the seed is varied.
    #[must_use]
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds = Vec::new();
        for run in &self.settings {
            if !seeds.contains(&run.answers.facts.seed) {
                seeds.push(run.answers.facts.seed);
            }
        }
        seeds
    }

    /// The exit status: 0 when nothing was found in any run, 1 when something was.
    #[must_use]
    pub fn status(&self) -> u8 {
        self.settings.iter().map(|run| run.answers.status()).max().unwrap_or_default()
    }
}

/// Does it for each of them, on this many threads at most; the answers are in the order of what was asked.
///
/// # Panics
///
/// When one of them does.
pub fn side_by_side<Of: Sync, Made: Send>(of: &[Of], threads: usize, make: impl Fn(&Of) -> Made + Sync) -> Vec<Made> {
    let next = AtomicUsize::new(0);
    let made: Vec<Mutex<Option<Made>>> = of.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, of.len().max(1)) {
            scope.spawn(|| {
                while let Some(one) = {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    of.get(n).map(|one| (n, one))
                } {
                    let value = make(one.1);
                    *made[one.0].lock().expect("nobody panics with it") = Some(value);
                }
            });
        }
    });
    made.into_iter().map(|cell| cell.into_inner().expect("nobody panics with it").expect("each was made")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(text: &str) -> Axis {
        text.parse().expect("it is one")
    }

    fn words(axes: &[&str]) -> Vec<String> {
        let axes: Vec<_> = axes.iter().map(|text| axis(text)).collect();
        variations(&axes).expect("there are few").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_workload_as_it_is_comes_first_and_the_last_parameter_changes_first() {
        assert_eq!(words(&[]), ["as it is"]);
        assert_eq!(
            words(&["size=0,5", "timeout=60,300"]),
            [
                "as it is",
                "no size limit, timeout 60 s",
                "no size limit, timeout 300 s",
                "size 5, timeout 60 s",
                "size 5, timeout 300 s"
            ]
        );
    }

    #[test]
    fn flags_are_added_to_the_mode_taken_from_it_or_put_in_its_place() {
        let of = |text: &str, mode| match axis(text).values.as_slice() {
            [Value::Mode(flags)] => flags.of(mode),
            other => panic!("{other:?}"),
        };
        let both = CacheMode::BOTH | CacheMode::UPDATE_TIME;
        assert_eq!(of("mode=+UPDATE_TIME", CacheMode::BOTH), both);
        assert_eq!(of("mode=-UPDATE_TIME+NO_AUTO_CLEAR", both), CacheMode::BOTH | CacheMode::NO_AUTO_CLEAR);
        assert_eq!(of("mode=SERVER|NO_INTERNAL", both), CacheMode::SERVER | CacheMode::NO_INTERNAL);
        assert_eq!(words(&["mode=-UPDATE_TIME+NO_AUTO_CLEAR"])[1], "+NO_AUTO_CLEAR -UPDATE_TIME");
    }

    #[test]
    fn what_is_no_parameter_or_no_value_of_it_is_told() {
        for (text, why) in [
            ("size", "a parameter and its values"),
            ("sise=1", "`sise` cannot be varied"),
            ("size=", "`` is no number of sessions"),
            ("size=1,-1", "`-1` is no number"),
            ("timeout=1h", "`1h` is no number of seconds"),
            ("mode=+", "`` is no flag"),
            ("mode=+UPDATE", "`UPDATE` is no flag"),
            ("victim=last", "victims are any, soonest_to_expire, first_added"),
            ("seed=x", "`x` is no seed"),
            ("size=1,2,1", "size 1 is there twice"),
        ] {
            let told = text.parse::<Axis>().expect_err(text);
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn a_parameter_is_varied_once_and_settings_are_few() {
        let twice = variations(&[axis("size=1"), axis("size=2")]).expect_err("it is there twice");
        assert!(twice.contains("`size` is varied twice"));
        let many = |n: usize| axis(&format!("seed={}", (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join(",")));
        assert!(variations(&[many(MOST)]).is_ok());
        assert!(variations(&[many(MOST + 1)]).is_err());
        assert!(variations(&[many(MOST), axis("size=1,2")]).is_err());
    }

    #[test]
    fn runs_are_told_in_the_order_in_which_they_were_asked_for() {
        let of: Vec<u64> = (0..50).collect();
        for threads in [0, 1, 3, 100] {
            assert_eq!(side_by_side(&of, threads, |n| n * 2), of.iter().map(|n| n * 2).collect::<Vec<_>>());
        }
        assert!(side_by_side(&[], 4, |n: &u64| *n).is_empty());
    }
}
