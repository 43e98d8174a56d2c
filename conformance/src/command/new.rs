//! `sesscheck new`: a commented scenario to start from.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::arguments::New;
use super::{CouldNotRun, Done, print};
use crate::author::{Draft, draft, list, questions};
use crate::replace::replace;

pub(super) fn new(new: &New) -> Done {
    let free = |path: &Path| match path.exists() && !new.force {
        true => Err(CouldNotRun(format!("{}: it is there; `--force` writes over it", path.display()))),
        false => Ok(()),
    };
    // Before any question.
    new.file.as_deref().map_or(Ok(()), free)?;
    let draft = asked(new)?;
    let text = self::draft(&draft)?;
    if draft.file == "-" {
        return print(&text);
    }
    // As it was given, whatever its bytes are.
    let path = new.file.as_deref().unwrap_or(Path::new(&draft.file));
    free(path)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| CouldNotRun(format!("{}: {error}", folder.display())))?;
    }
    let written = match new.force {
        true => replace(path, &text),
        // Not over a file that has come meanwhile.
        false => File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes())),
    };
    written.map_err(|error| CouldNotRun(format!("{}: {error}", draft.file)))?;
    let file = crate::verify::quoted(&draft.file);
    print(&format!(
        "{file} is written. What the manual rules in it: sesscheck explain {file}\n\
         Whether its claims hold, and what they show: sesscheck lint --bite {file}\n"
    ))
}

/// What the flags say, or else the answers to questions.
fn asked(new: &New) -> Result<Draft, CouldNotRun> {
    let file = new.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
    let flags = [&new.clause, &new.step, &new.session, &new.mode];
    let mut draft = Draft { file, ..Draft::default() };
    if new.name.is_none() && flags.iter().all(|words| words.is_empty()) {
        draft = questions(&mut std::io::stdin().lock(), &mut std::io::stderr().lock(), draft)?;
    } else {
        if draft.file.is_empty() {
            return Err(CouldNotRun("which file? `sesscheck new FILE --clause …`; `-` is standard output".to_owned()));
        }
        draft.clauses.clone_from(&new.clause);
        draft.mode.clone_from(&new.mode);
        draft.sessions.clone_from(&new.session);
        draft.steps = new.step.iter().flat_map(|steps| list(steps)).collect();
        let stem = Path::new(&draft.file).file_stem().unwrap_or_default().to_string_lossy().replace(['-', '_'], " ");
        let stem = if stem.trim().is_empty() { "a scenario".to_owned() } else { stem };
        draft.title = new.name.clone().unwrap_or(stem);
    }
    draft.schema = schema_from(Path::new(&draft.file));
    Ok(draft)
}

/// Where the schema is from this file: in its folder or the nearest one around it.
fn schema_from(file: &Path) -> Option<String> {
    const SCHEMA: &str = "scenario.schema.json";
    let folder = std::path::absolute(file).ok()?.parent()?.to_owned();
    let up = folder.ancestors().position(|folder| folder.join(SCHEMA).exists())?;
    Some(format!("{}{SCHEMA}", "../".repeat(up)))
}
