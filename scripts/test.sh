#!/bin/bash
# Checks, builds and tests everything, and stops at the first failure. The last lines are ctest's summary.
#   --quick     only the sanitizer build (preset dev), not the one that users run (preset release)
#   --tsan      also with ThreadSanitizer
#   --portable  also without Linux-only system calls
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    echo "usage: scripts/test.sh [--quick] [--tsan] [--portable]" >&2
    exit 2
}

release=1 more=()
for argument in "$@"; do
    case "$argument" in
        --quick) release=0 ;;
        --tsan) more+=(tsan) ;;
        --portable) more+=(portable) ;;
        *) usage ;;
    esac
done

step() { printf '\n== %s\n' "$*"; }

build() {  # PRESET
    step "build $1"
    cmake --preset "$1" -DMOX_WERROR=ON >"build/$1.configure.log" 2>&1 || { cat "build/$1.configure.log"; return 1; }
    ninja -C "build/$1" -j "$(nproc)" --quiet
}

run_tests() {  # PRESET [CTEST OPTION...]
    local preset=$1
    shift
    step "test $preset"
    ctest --preset "$preset" -j "$(nproc)" --no-tests=error "$@"
}

mkdir -p build
step "packages"
scripts/setup.sh
step "format, layers, sizes"
scripts/format.sh --check
scripts/check-layers.sh
scripts/check-tree.sh

if [ $release = 1 ]; then
    build release
    run_tests release -L release
fi
for preset in "${more[@]}"; do
    build "$preset"
    run_tests "$preset"
done
build dev
run_tests dev
