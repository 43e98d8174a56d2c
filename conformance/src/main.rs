//! The command: what was typed, what it means, the work, the exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    sesscheck::command::main()
}
