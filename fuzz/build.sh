#!/usr/bin/env bash
# Builds every fuzz target into $OUT, each with its seeds and its dictionary, as ClusterFuzzLite and OSS-Fuzz ask of a
# project: $SRC/sesscheck is this repository, $OUT is where what is to be run goes.
set -euo pipefail
cd "$SRC/sesscheck"
cargo fuzz build -O --debug-assertions

built=fuzz/target/x86_64-unknown-linux-gnu/release
for path in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$path" .rs)
  cp "$built/$target" "$OUT/"
  zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "fuzz/seeds/$target"
done
for target in scenario_parser profile_parser; do
  cp fuzz/yaml.dict "$OUT/$target.dict"
done
