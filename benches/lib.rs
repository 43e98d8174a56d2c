//! Workloads against peers; see `benches/`. Only ratios within one run mean anything.
