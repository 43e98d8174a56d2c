//! `sesscheck libssl`: releases built from their published source, and which of them are here.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::arguments::{Libssl, LibsslBuild, LibsslList};
use super::{CouldNotRun, Done, print};
use crate::profiles;
use crate::releases::{self, Build, Builds, Standing, sanitised};
use crate::subjects::{Spec, libssl};
use crate::worker::Held;

pub(super) fn libssl(verb: &Libssl) -> Done {
    match verb {
        Libssl::Build(build) => self::build(build),
        Libssl::List(list) => self::list(list),
    }
}

fn builds(folder: Option<&Path>) -> Result<Builds, CouldNotRun> {
    Ok(folder.map_or_else(Builds::here, Builds::at)?)
}

fn build(arguments: &LibsslBuild) -> Done {
    let program = std::env::current_exe()?;
    let build = Build { release: arguments.release, sanitised: arguments.sanitize };
    let load = |path: &Path| {
        let spec = Spec::Libssl(Some(path.display().to_string()));
        Held::start(program.clone(), spec).map(|held| held.about.clone()).map_err(|why| why.to_string())
    };
    let mut told = |what: &str| drop(writeln!(std::io::stderr(), "libssl {build}: {what}"));
    let library = releases::build(&builds(arguments.into.as_deref())?, build, &load, &mut told)?;
    print(&format!("{}\n", library.display()))
}

fn list(arguments: &LibsslList) -> Done {
    let builds = builds(arguments.folder.as_deref())?;
    let machine = libssl::locate().map(|path| {
        let held = Held::start(std::env::current_exe()?, Spec::Libssl(None));
        let said = held.map(|held| (held.about.clone(), held.profile.name.clone())).map_err(|why| why.to_string());
        Ok::<_, CouldNotRun>(machine_line(&path, said))
    });
    let mut out = String::new();
    for (build, standing) in builds.all()? {
        out += &line_of(build, &standing);
    }
    match machine.transpose()? {
        Some(line) => out += &line,
        None if out.is_empty() => writeln!(
            out,
            "no libssl: none in {}, and the machine has none; `sesscheck libssl build 3.3.1` makes one",
            builds.folder().display()
        )?,
        None => {}
    }
    print(&out)
}

fn line_of(build: Build, standing: &Standing) -> String {
    match standing {
        Standing::Finished(path) => {
            let profile = profiles::nearest(&build.release.version_string());
            let profile = profile.map_or_else(|| "none".to_owned(), |named| named.name);
            // What the file says, not what its folder is called.
            let sanitised = if sanitised::runtime(path).is_some() { "sanitised" } else { "not sanitised" };
            line(&build.to_string(), path, &format!("built here, {sanitised}, profile {profile}"))
        }
        Standing::Unfinished => format!("{:<12} unfinished: `{}` goes on\n", build.to_string(), build.command()),
    }
}

fn machine_line(path: &Path, said: Result<(String, String), String>) -> String {
    match said {
        Ok((version, profile)) => {
            let number = version.split_whitespace().nth(1).unwrap_or(&version);
            line(number, path, &format!("the machine's, not sanitised, profile {profile}"))
        }
        Err(why) => line("?", path, &format!("the machine's, cannot be run: {why}")),
    }
}

fn line(version: &str, path: &Path, about: &str) -> String {
    format!("{version:<12} {}   {about}\n", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_a_line() {
        let build: Build = "3.0.7".parse().expect("a build");
        let path = Path::new("/nowhere/3.0.7/libssl.so.3");
        assert_eq!(
            line_of(build, &Standing::Finished(path.to_owned())),
            "3.0.7        /nowhere/3.0.7/libssl.so.3   built here, not sanitised, profile libssl-3.0.7\n"
        );
        assert_eq!(
            line_of(build, &Standing::Unfinished),
            "3.0.7        unfinished: `sesscheck libssl build 3.0.7` goes on\n"
        );
        assert_eq!(
            machine_line(path, Ok(("OpenSSL 3.0.22 25 Aug 2026".to_owned(), "libssl-3.0.22".to_owned()))),
            "3.0.22       /nowhere/3.0.7/libssl.so.3   the machine's, not sanitised, profile libssl-3.0.22\n"
        );
        let broken = machine_line(path, Err("no symbols".to_owned()));
        assert!(broken.ends_with("the machine's, cannot be run: no symbols\n"), "{broken}");
    }
}
