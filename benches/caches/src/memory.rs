//! What memory this process really has, as Linux tells; elsewhere nothing is told.

use std::fs;

/// In bytes.
pub(crate) fn now() -> Option<f64> {
    told("VmRSS:")
}

/// The most since [`forget_most`], in bytes.
pub(crate) fn most() -> Option<f64> {
    told("VmHWM:")
}

/// From here on the most is counted anew. Where the system does not do that it is too high at most, and no higher than
/// the sessions made it.
pub(crate) fn forget_most() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

fn told(what: &str) -> Option<f64> {
    line(&fs::read_to_string("/proc/self/status").ok()?, what)
}

fn line(status: &str, what: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_kilobytes() {
        let status = "Name:\tcaches\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(line(status, "VmRSS:"), Some(1_048_576.0));
        assert_eq!(line(status, "VmHWM:"), Some(2_097_152.0));
        assert_eq!(line(status, "VmSwap:"), None);
    }

    #[test]
    fn the_most_is_no_less_than_what_is_there() {
        if let (Some(most), Some(now)) = (most(), now()) {
            // Each processor counts some pages for itself before it says so.
            assert!(most > 0.9 * now);
        }
    }
}
