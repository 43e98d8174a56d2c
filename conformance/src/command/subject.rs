//! `sesscheck subject`: what can be held against the manual.

use std::fmt::Write;

use super::arguments::SubjectArguments;
use super::{Done, print};
use crate::faults::{self, Ancestor, Made};
use crate::subjects::Spec;
use crate::subjects::misbehaving::How;
use crate::worker::Held;

pub(super) fn subject(arguments: &SubjectArguments) -> Done {
    let mut out = String::new();
    for spec in [Spec::Model, Spec::Optimised, Spec::OptimisedInSteps, Spec::Libssl(None)] {
        let said = match Held::start(std::env::current_exe()?, spec.clone()) {
            Ok(held) => format!("{} (profile {})", held.about, held.profile.name),
            Err(why) => format!("not here: {why}"),
        };
        writeln!(out, "{:<18} {said}", spec.to_string())?;
    }
    writeln!(out, "{:<18} the libssl at this path; its libcrypto is taken from beside it", "libssl:PATH")?;
    writeln!(
        out,
        "{:<18} the build of this release; `sesscheck libssl list` names those that are here",
        "libssl:RELEASE"
    )?;
    writeln!(
        out,
        "{:<18} a program that speaks the protocol; `sesscheck subject --protocol` prints it",
        "exec:COMMAND"
    )?;
    if arguments.list {
        for (name, _) in How::ALL {
            writeln!(out, "faulty:{name:<36} no clause: the process goes down, to test the harness")?;
        }
        list(&mut out)?;
    } else {
        let count = faults::all().len();
        writeln!(out, "{:<18} the model with a fault; `--list` names all {count}", "faulty:NAME")?;
        writeln!(out, "{:<18} our cache with a fault of structure", "faulty:NAME@optimised")?;
    }
    print(&out)
}

/// All faults, by how they are made and what they are about.
fn list(out: &mut String) -> std::fmt::Result {
    for made in Made::ALL {
        let of = || faults::all().iter().filter(move |fault| fault.made == made);
        writeln!(out, "\n{}: {}", made.words(), of().count())?;
        let mut family = "";
        for fault in of() {
            if fault.family != family {
                family = fault.family;
                writeln!(out, "  {family}: {}", of().filter(|other| other.family == family).count())?;
            }
            let ancestor = match fault.ancestor {
                Ancestor::Defect(number, what) => format!(" (after {number}, {what})"),
                Ancestor::Library | Ancestor::Mutation => String::new(),
            };
            let deep = if fault.deep { ", deep" } else { "" };
            writeln!(out, "    faulty:{:<38} {}{deep}: {}{ancestor}", fault.name, fault.clause, fault.does)?;
        }
    }
    Ok(())
}
