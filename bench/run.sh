#!/bin/bash
# Builds the preset release and measures: bench/run.sh [--check] [--only NAME] …; --help tells the rest.
# One JSON object per figure on standard output, then a table; what is being done on standard error.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

case " $* " in
    *" --build"* | *" --list "* | *" --help "* | *" -h "*) ;;
    *)
        (cd "$root" && mkdir -p build && cmake --preset release >build/release.configure.log 2>&1) ||
            { cat "$root/build/release.configure.log" >&2; exit 1; }
        ninja -C "$root/build/release" -j "$(nproc)" --quiet programs benches >&2
        ;;
esac
exec python3 -B "$root/bench/run.py" "$@"
