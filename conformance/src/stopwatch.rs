//! The one place with a clock. Time never decides a verdict: it ends a run early, and says so, or tells that a subject
//! hangs.

use std::time::{Duration, Instant};

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the stopwatch")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// What has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Looks again and again, every other millisecond, for as long as the process lives.
pub fn every_little_while(mut look: impl FnMut()) -> ! {
    loop {
        std::thread::park_timeout(Duration::from_millis(2));
        look();
    }
}

/// Waits a moment before the next look at a process, at most a fiftieth of a second.
pub fn wait_a_moment() {
    std::thread::park_timeout(Duration::from_millis(20));
}

/// How long a subject may be silent in one trace before it is taken to hang; a hang is confirmed with
/// [`CONFIRM`] times as long.
pub const SILENCE: Duration = Duration::from_secs(45);

/// How long a program may take to start and to answer a hello; less than [`SILENCE`], so that it is told which of the two
/// is silent.
pub const GREETING: Duration = Duration::from_secs(20);

/// By what the limit is multiplied when a hang is confirmed.
pub const CONFIRM: u32 = 5;

/// Reads how long something may take: a whole number and `ms`, `s`, `m` or `h`, such as `90s`.
///
/// # Errors
///
/// When it is no such time, in words.
pub fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let wrong = || "a number and ms, s, m or h, such as 90s".to_owned();
    let number: u64 = text[..split].parse().map_err(|_| wrong())?;
    let unit = match &text[split..] {
        "ms" => return Ok(Duration::from_millis(number)),
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let seconds = number.checked_mul(unit).ok_or_else(|| format!("`{text}` is longer than can be counted"))?;
    Ok(Duration::from_secs(seconds))
}
