//! One named test a scenario and subject: its claims against the manual, and our cache against the model.

use libtest_mimic::{Arguments, Failed, Trial};
use sesscheck::check::{Verdict, check};
use sesscheck::subject::Subject;
use sesscheck::subjects::optimised::optimised;
use sesscheck::suite::{self, File};
use sesscheck::tally::Tally;
use sesscheck::transcript::Transcript;
use sesscheck::{profiles, suite::SuiteError};

fn main() -> Result<(), SuiteError> {
    let arguments = Arguments::from_args();
    // From the folder, so that a new file is a new test without a new build.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let files = suite::of_paths(&[folder.into()])?;
    let trials = files.into_iter().flat_map(|file| {
        let name = file.path.rsplit("scenarios/").next().unwrap_or(&file.path).to_owned();
        let on_optimised = file.clone();
        [
            Trial::test(format!("manual: {name}"), move || claims(&file)),
            Trial::test(format!("optimised: {name}"), move || runs(&on_optimised)),
        ]
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn claims(file: &File) -> Result<(), Failed> {
    for profile in file.claims_about() {
        if let Some(unmet) = file.unmet(profile).first() {
            let (path, line, edition) = (&file.path, unmet.spot.line, profile.edition);
            return Err(format!(
                "{path}:{line}: claims {}; the model of {edition} rules: {}",
                unmet.stated, unmet.seen
            )
            .into());
        }
    }
    Ok(())
}

fn runs(file: &File) -> Result<(), Failed> {
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    let mut transcript = Transcript::default();
    optimised().run(&file.scenario.trace, &mut transcript);
    match check(&file.scenario.trace, &profile, &transcript, &mut Tally::default()) {
        // The old synonyms are no part of the 3.3 pages.
        Verdict::Conforms | Verdict::NotRun(_) => Ok(()),
        Verdict::Diverges(divergence) => Err(format!("{}: {divergence:?}", file.path).into()),
    }
}
