#!/bin/bash
# Formats all C and C++ files of the project; with --check only tells which lines are not as clang-format would have
# them, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
    "") options=(-i) ;;
    --check) options=(--dry-run -Werror) ;;
    *) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac

sources() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' '*.c' '*.h'
    else
        find . -path ./build -prune -o -type f -regex '.*\.[ch]\(pp\)?' -print
    fi
}

sources | grep -v '^\(\./\)\?testdata/' | while read -r file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
    xargs -0 -r -n 16 -P "$(nproc)" clang-format "${options[@]}"
