//! `sesscheck subject-test`: from nothing to green, with a program that somebody makes a subject of.

use super::arguments::SubjectTest;
use super::check::{profile_of, progress_bar, scenarios};
use super::{CouldNotRun, Done, print};
use crate::campaign::Shard;
use crate::claims::manual;
use crate::ledger::Ledger;
use crate::render;
use crate::report::{Report, SCHEMA};
use crate::stopwatch::GREETING;
use crate::subjects::Spec;
use crate::subjects::exec::{Walked, stages, walk};
use crate::verify::{Plan, verify};

pub(super) fn subject_test(arguments: &SubjectTest) -> Done {
    let Spec::Exec(command) = &arguments.subject else {
        return Err(CouldNotRun(format!("`{}`: `subject-test` wants exec:COMMAND", arguments.subject)));
    };
    let profile = profile_of(&arguments.profile)?;
    let suite = scenarios(&arguments.scenarios)?;
    let (mut stage, of) = (0, stages().len());
    let walked = walk(command, GREETING, &mut |title, came| {
        stage += 1;
        let came = came.map_or_else(|lacks| format!("left out: it has no `{lacks}`"), |more| format!("green   {more}"));
        let line = format!("{stage}/{of} {title:<28} {came}");
        let _ = print(&format!("{}\n", line.trim_end()));
    });
    if let Walked::Red { stage: title, words } = walked {
        print(&format!("{}/{of} {title:<28} red\n{words}", stage + 1))?;
        print("the protocol, with the whole session: `sesscheck subject --protocol`\n")?;
        // Without a hello nothing could be run.
        return Ok(if stage == 0 { 2 } else { 1 });
    }
    let plan = Plan {
        spec: arguments.subject.clone(),
        profile: Some(profile),
        profile_typed: Some(arguments.profile.clone()),
        gates: true,
        seed: 1,
        lanes: Vec::new(),
        limit: None,
        // The first is the one to look at.
        most_findings: 1,
        hazards: None,
        ledger: Ledger::default(),
        shard: Shard::WHOLE,
    };
    let bar = progress_bar();
    let told = |what: &str, done: u64| bar.set_message(format!("{}: {done} {what}", plan.spec));
    let report = verify(&std::env::current_exe()?, &plan, &suite, &told);
    bar.finish_and_clear();
    let report = Report {
        schema: SCHEMA.to_owned(),
        seed: 1,
        manual: manual(&suite),
        subjects: vec![report],
        power: None,
        baseline: None,
        shard: Shard::WHOLE,
    };
    print(&format!("scenarios\n{}", render::text(&report)))?;
    Ok(report.status())
}
