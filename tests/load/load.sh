#!/bin/bash
# A short run of writers and backups side by side, in memory where there is a place. usage: load.sh MOX_LOAD [OPTION...]
# Keeps the directory when something is wrong, and says where it is.
set -euo pipefail
program=$1
shift
parent=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || parent=/dev/shm
place=$(mktemp -d "$parent/moxload-XXXXXX")
if ! "$program" "$place/load" --seconds 8 --check-enough "$@"; then
    echo "kept: $place" >&2
    exit 1
fi
rmdir "$place"
