//! How many ops a second the model, our cache and the whole check go through.
//!
//! The question: what a lockstep costs beside the subject alone. Compare the three figures of one run.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sesscheck::check::check_with;
use sesscheck::profiles;
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::subject::Subject;
use sesscheck::subjects::{model, optimised};
use sesscheck::tally::Tally;
use sesscheck::trace::Trace;
use sesscheck::transcript::Transcript;

fn run_all(subject: &mut dyn Subject, traces: &[Trace], out: &mut Transcript) {
    for trace in traces {
        subject.run(trace, out);
    }
}

fn lockstep(c: &mut Criterion) {
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    for (name, lane, count) in [("direct", Lane::Direct, 40), ("handshakes", Lane::Handshakes, 100)] {
        let traces: Vec<_> = (0..count).map(|number| trace_of(Seed(1), number, lane)).collect();
        let ops: usize = traces.iter().map(|trace| trace.executed().count()).sum();
        let (mut out, mut ruled) = (Transcript::default(), Transcript::default());
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(ops as u64));
        group.bench_function("generate", |b| {
            b.iter(|| (0..count).map(|number| trace_of(Seed(1), number, lane).ops.len()).sum::<usize>());
        });
        let mut the_model = model::subject("model", profile);
        group.bench_function("model", |b| b.iter(|| run_all(&mut the_model, &traces, &mut out)));
        let mut ours = optimised::optimised();
        group.bench_function("optimised", |b| b.iter(|| run_all(&mut ours, &traces, &mut out)));
        group.bench_function("optimised, checked", |b| {
            b.iter(|| {
                let mut tally = Tally::default();
                for trace in &traces {
                    ours.run(trace, &mut out);
                    check_with(trace, &profile, &out, &mut tally, &mut ruled);
                }
                tally.ops
            });
        });
        group.finish();
    }
}

criterion_group!(benches, lockstep);
criterion_main!(benches);
