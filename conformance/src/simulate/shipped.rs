//! The workloads that come with the harness, by name.
//!
//! Not here: what they teach; that stands in each.

use super::read::parse;
use super::workload::Workload;

/// Name and text of each, by name.
const WORKLOADS: [(&str, &str); 13] = [
    ("apache-redis", include_str!("../../workloads/apache-redis.yaml")),
    ("dovecot-no-ticket", include_str!("../../workloads/dovecot-no-ticket.yaml")),
    ("freeradius-eap", include_str!("../../workloads/freeradius-eap.yaml")),
    ("h2o-memcached", include_str!("../../workloads/h2o-memcached.yaml")),
    ("haproxy-frontend", include_str!("../../workloads/haproxy-frontend.yaml")),
    ("library-default", include_str!("../../workloads/library-default.yaml")),
    ("lowered-timeout", include_str!("../../workloads/lowered-timeout.yaml")),
    ("nginx-builtin", include_str!("../../workloads/nginx-builtin.yaml")),
    ("nginx-shared", include_str!("../../workloads/nginx-shared.yaml")),
    ("nodejs-machines", include_str!("../../workloads/nodejs-machines.yaml")),
    ("postfix-smtpd", include_str!("../../workloads/postfix-smtpd.yaml")),
    ("sticky-servers", include_str!("../../workloads/sticky-servers.yaml")),
    ("stunnel", include_str!("../../workloads/stunnel.yaml")),
];

/// Name and text of each workload, in order of name.
#[must_use]
pub fn texts() -> &'static [(&'static str, &'static str)] {
    &WORKLOADS
}

/// All of them, in order of name.
///
/// # Panics
///
/// Never: a test reads them all.
#[must_use]
pub fn shipped() -> Vec<(&'static str, Workload)> {
    WORKLOADS.iter().map(|(name, text)| (*name, parse(name, text).expect("shipped workloads are tested"))).collect()
}

/// The workload of this name.
///
/// # Panics
///
/// Never: a test reads them all.
#[must_use]
pub fn by_name(name: &str) -> Option<Workload> {
    let (name, text) = WORKLOADS.iter().find(|(known, _)| *known == name)?;
    Some(parse(name, text).expect("shipped workloads are tested"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_shipped_is_what_is_in_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads");
        let names = fs::read_dir(folder).expect("there is a folder").map(|entry| entry.expect("it is read").path());
        let is_yaml = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "yaml");
        let stem = |path: std::path::PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut names: Vec<_> = names.filter(is_yaml).filter_map(stem).collect();
        names.sort();
        assert_eq!(names, WORKLOADS.map(|(name, _)| name));
    }

    #[test]
    fn each_reads_teaches_and_points_to_its_schema() {
        for (name, text) in texts() {
            let workload = parse(name, text).unwrap_or_else(|wrong| panic!("{}", wrong[0].render(false)));
            assert!(workload.teaches.is_some_and(|words| words.len() > 200), "{name}");
            assert!(text.starts_with("# yaml-language-server: $schema=workload.schema.json\n"), "{name}");
        }
        assert_eq!(shipped().len(), texts().len());
        assert!(by_name("library-default").is_some() && by_name("library").is_none());
    }
}
