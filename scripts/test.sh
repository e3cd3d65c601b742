#!/bin/bash
# Checks, builds and tests everything, and stops at the first failure. The last lines are ctest's summary.
# Two builds: `release`, as users run it, for the tests of whole programs (label release); and `dev`, with sanitizers,
# for everything, the layers that make Linux-only system calls also without those (portable_…).
#   --quick     only the last
#   --tsan      also everything with ThreadSanitizer
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    echo "usage: scripts/test.sh [--quick] [--tsan]" >&2
    exit 2
}

release=1 more=()
for argument in "$@"; do
    case "$argument" in
        --quick) release=0 ;;
        --tsan) more+=(tsan) ;;
        *) usage ;;
    esac
done

step() { printf '\n== %s\n' "$*"; }

build() {  # PRESET [TARGET...]
    local preset=$1
    shift
    step "build $preset"
    cmake --preset "$preset" -DMOX_WERROR=ON >"build/$preset.configure.log" 2>&1 ||
        { cat "build/$preset.configure.log"; return 1; }
    ninja -C "build/$preset" -j "$(nproc)" --quiet "$@"
}

run_tests() {  # PRESET [CTEST OPTION...]
    local preset=$1
    shift
    step "test $preset"
    # One more than there are processors: tests also wait for disks, and for programs that they have started.
    ctest --preset "$preset" -j "$(($(nproc) + 1))" --no-tests=error "$@"
}

mkdir -p build
step "packages"
scripts/setup.sh
step "format, layers, sizes"
scripts/format.sh --check
scripts/check-layers.sh
scripts/check-tree.sh

if [ $release = 1 ]; then
    build release programs benches test_crash test_crash_tools moxfault mox_contents
    run_tests release -L release
    step "upgrades"
    scripts/test-upgrades.sh --build build/release || [ $? = 77 ]
fi
for preset in "${more[@]}"; do
    build "$preset"
    run_tests "$preset"
done
build dev
run_tests dev
