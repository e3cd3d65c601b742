#!/bin/bash
# Runs fuzz targets: scripts/fuzz.sh [SECONDS] [TARGET...], 60 seconds each and all of them by default. One line per
# target; fails when there is a finding. What a run learns is kept in build/fuzz/corpus/TARGET for the next one.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
case "${1:-}" in
    "" | *[!0-9]*) ;;
    *) seconds=$1; shift ;;
esac

all=()
for file in fuzz/*_fuzz.cpp; do
    [ -e "$file" ] || { echo "fuzz: there are no targets in fuzz/" >&2; exit 1; }
    name=${file#fuzz/}
    all+=("${name%_fuzz.cpp}")
done
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
for name in "${targets[@]}"; do
    [ -e "fuzz/${name}_fuzz.cpp" ] || { echo "fuzz: no target '$name'; there are: ${all[*]}" >&2; exit 2; }
    [ -d "testdata/fuzz/$name" ] || { echo "fuzz: target '$name' has no seeds in testdata/fuzz/$name" >&2; exit 1; }
done

mkdir -p build
cmake --preset fuzz >build/fuzz.configure.log 2>&1 || { cat build/fuzz.configure.log >&2; exit 1; }
ninja -C build/fuzz -j "$(nproc)" --quiet "${targets[@]/#/fuzz_}"

status=0
for name in "${targets[@]}"; do
    corpus=build/fuzz/corpus/$name findings=build/fuzz/findings/$name log=build/fuzz/$name.log
    mkdir -p "$corpus" "$findings"
    options=(-max_total_time="$seconds" -max_len="${MOX_FUZZ_MAX_LEN:-16384}" -timeout=25 -rss_limit_mb=2048
        -print_final_stats=1 -artifact_prefix="$findings/")
    [ ! -e "fuzz/$name.dict" ] || options+=(-dict="fuzz/$name.dict")
    if "build/fuzz/tests/fuzz_$name" "${options[@]}" "$corpus" "testdata/fuzz/$name" >"$log" 2>&1; then
        verdict=ok
    else
        verdict="FINDING, see $log and $findings/"
        status=1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o ' cov: [0-9]*' "$log" | tail -n 1 | tr -dc 0-9 || true)
    printf '%-20s %5d s  %10s runs  cov %6s  corpus %5d  %s\n' "$name" "$seconds" "${runs:--}" "${coverage:--}" \
        "$(find "$corpus" -type f | wc -l)" "$verdict"
done
exit $status
