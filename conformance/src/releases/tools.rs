//! What a build needs of the machine: perl, make and a C compiler, all looked for before anything is begun.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The tools of a build.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tools {
    /// perl.
    pub perl: PathBuf,
    /// make.
    pub make: PathBuf,
    /// The C compiler, with the arguments that `CC` gives it.
    pub cc: String,
}

/// Tools that are not on the path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing(pub Vec<String>);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a build needs perl, make and a C compiler; missing here: {}", self.0.join("; "))
    }
}

impl std::error::Error for Missing {}

impl Tools {
    /// The tools of this machine. A sanitised build takes the compiler only if it has the runtime as a shared library.
    ///
    /// # Errors
    ///
    /// When one is missing: all that are.
    pub fn find(sanitised: bool) -> Result<Self, Missing> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let asked = std::env::var("CC").ok().filter(|cc| !cc.trim().is_empty());
        let runs = |cc: &str| !sanitised || has_runtime(cc);
        Self::find_in(
            &path,
            asked.as_deref(),
            runs,
            if sanitised { " with the address sanitiser's shared runtime" } else { "" },
        )
    }

    fn find_in(path: &OsStr, asked: Option<&str>, fits: impl Fn(&str) -> bool, what: &str) -> Result<Self, Missing> {
        let on_path = |name: &str| {
            let mut places = std::env::split_paths(path).map(|folder| folder.join(name));
            if name.contains('/') {
                Some(PathBuf::from(name)).filter(|p| p.is_file())
            } else {
                places.find(|p| p.is_file())
            }
        };
        let mut missing = Vec::new();
        let mut tool = |name: &str| {
            on_path(name).or_else(|| {
                missing.push(name.to_owned());
                None
            })
        };
        let (perl, make) = (tool("perl"), tool("make"));
        let is_there =
            |cc: &&str| cc.split_whitespace().next().is_some_and(|program| on_path(program).is_some()) && fits(cc);
        let cc = match asked {
            Some(cc) => [cc].into_iter().find(is_there),
            None => ["cc", "gcc", "clang"].into_iter().find(is_there),
        };
        if cc.is_none() {
            let tried =
                asked.map_or_else(|| "cc, gcc, clang, or what CC names".to_owned(), |cc| format!("CC names `{cc}`"));
            missing.push(format!("a C compiler{what} ({tried})"));
        }
        match (perl, make, cc) {
            (Some(perl), Some(make), Some(cc)) => Ok(Self { perl, make, cc: cc.to_owned() }),
            _ => Err(Missing(missing)),
        }
    }

    /// The compiler, to be given more arguments.
    pub(super) fn compiler(&self) -> Command {
        compiler(&self.cc)
    }
}

fn compiler(cc: &str) -> Command {
    let mut words = cc.split_whitespace().map(OsString::from);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// Whether the compiler knows where gcc's shared runtime is: it names a path, and only its argument again if not.
fn has_runtime(cc: &str) -> bool {
    let out = compiler(cc).arg("-print-file-name=libasan.so").stdin(Stdio::null()).output();
    out.is_ok_and(|out| {
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        out.status.success() && Path::new(said.trim_end()).is_absolute()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with empty files of these names.
    fn folder(test: &str, names: &[&str]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("sesscheck-tools-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        for name in names {
            std::fs::write(folder.join(name), "").expect("it can be written");
        }
        folder
    }

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let empty = folder("empty", &["make"]);
        let missing = Tools::find_in(empty.as_os_str(), None, |_| true, "").expect_err("two are missing");
        std::fs::remove_dir_all(&empty).expect("it was just made");
        assert_eq!(
            missing.to_string(),
            "a build needs perl, make and a C compiler; missing here: perl; \
             a C compiler (cc, gcc, clang, or what CC names)"
        );
    }

    #[test]
    fn the_compiler_is_the_one_that_cc_names_with_its_arguments() {
        let full = folder("full", &["perl", "make", "gcc", "cached"]);
        let find = |asked| Tools::find_in(full.as_os_str(), asked, |_| true, "").map(|tools| tools.cc);
        let (own, asked, absent) = (find(None), find(Some("cached gcc")), find(Some("tcc")));
        let unfit = Tools::find_in(full.as_os_str(), None, |cc| cc != "gcc", " that fits");
        std::fs::remove_dir_all(&full).expect("it was just made");
        assert_eq!((own, asked), (Ok("gcc".to_owned()), Ok("cached gcc".to_owned())));
        assert_eq!(absent, Err(Missing(vec!["a C compiler (CC names `tcc`)".to_owned()])));
        assert!(unfit.expect_err("it does not fit").to_string().contains("a C compiler that fits"));
    }
}
