//! `sesscheck subject`: what can be held against the manual.

use std::fmt::Write;

use super::arguments::SubjectArguments;
use super::{Done, print};
use crate::subjects::misbehaving::How;
use crate::subjects::{Spec, faults};
use crate::worker::Held;

pub(super) fn subject(arguments: &SubjectArguments) -> Done {
    let mut out = String::new();
    for spec in [Spec::Model, Spec::Optimised, Spec::Libssl(None)] {
        let said = match Held::start(std::env::current_exe()?, spec.clone()) {
            Ok(held) => format!("{} (profile {})", held.about, held.profile.name),
            Err(why) => format!("not here: {why}"),
        };
        writeln!(out, "{:<14} {said}", spec.to_string())?;
    }
    writeln!(out, "{:<14} the libssl at this path; its libcrypto is taken from beside it", "libssl:PATH")?;
    writeln!(
        out,
        "{:<14} the build of this release; `sesscheck libssl list` names those that are here",
        "libssl:RELEASE"
    )?;
    if arguments.list {
        for (name, _) in How::ALL {
            writeln!(out, "faulty:{name:<36} no clause: the process goes down, to test the harness")?;
        }
        for fault in faults() {
            writeln!(out, "faulty:{:<36} {}: {}", fault.name, fault.clause, fault.does)?;
        }
    } else {
        writeln!(out, "{:<14} the model with a fault; `--list` names all {}", "faulty:NAME", faults().count())?;
    }
    print(&out)
}
