//! `sesscheck convert`: a trace in another form.

use std::io::Write;
use std::path::Path;

use super::arguments::{Convert, FormWord};
use super::check::profile_of;
use super::replay::one_scenario;
use super::{CouldNotRun, Done};
use crate::convert::{Form, Given, read, write};

pub(super) fn convert(convert: &Convert) -> Done {
    let profile = profile_of(&convert.profile)?;
    let given = given(&convert.file, convert.from.map(FormWord::form))?;
    let told = |why: String| CouldNotRun(format!("{}: {why}", convert.file.display()));
    let bytes = write(&given, convert.to.form(), &profile).map_err(told)?;
    match &convert.out {
        Some(path) => {
            std::fs::write(path, bytes).map_err(|error| CouldNotRun(format!("{}: {error}", path.display()))).map(|()| 0)
        }
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(&bytes)?;
            out.flush()?;
            Ok(0)
        }
    }
}

fn given(path: &Path, form: Option<Form>) -> Result<Given, CouldNotRun> {
    let name = path.display().to_string();
    if !path.exists() {
        // Or a built-in scenario.
        return Ok(one_scenario(path)?.scenario.into());
    }
    let bytes = std::fs::read(path).map_err(|error| CouldNotRun(format!("{name}: {error}")))?;
    read(&name, &bytes, form.unwrap_or_else(|| Form::of_name(&name))).map_err(CouldNotRun)
}
