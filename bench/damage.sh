#!/bin/bash
# How much damage verification finds: makes a directory with real mail, a junk filter, a queue and reports, and damages
# copies of it in every way, at random places, one at a time (tests/damage). Prints the table of docs/verification.md.
# Fails when something is missed, or named at the wrong place.
#   --mail FOLDER      mail to take: ham.mbox and spam.mbox in it; otherwise 3,000 made-up messages
#   --places N         places for each kind of damage (40)
#   --clean N          besides, so many random directories in which nothing may be found (1000)
#   --build DIR        programs to take, instead of building the preset release
#   --only TEXT        only kinds of damage with this text in their names
set -euo pipefail
cd "$(dirname "$0")/.."

build='' mail='' places=40 clean=1000 only=''
while [ $# -gt 1 ]; do
    case "$1" in
        --build) build=$2 ;;
        --mail) mail=$2 ;;
        --places) places=$2 ;;
        --clean) clean=$2 ;;
        --only) only=$2 ;;
        *) break ;;
    esac
    shift 2
done
[ $# = 0 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }

if [ -z "$build" ]; then
    build=build/release
    mkdir -p build
    cmake --preset release >build/release.configure.log 2>&1 || { cat build/release.configure.log >&2; exit 1; }
    ninja -C build/release -j "$(nproc)" --quiet programs mox_damage
fi
bin=$build/bin

place=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || place=/dev/shm
work=$(mktemp -d "$place/mox-damage.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export TMPDIR=$work

data=$work/data
"$bin/mox-gentestdata" -q "$data"
import() {  # MAILBOX FILE
    "$bin/mox-import" -q mbox --data-dir "$data" test0 "$1" "$2"
}
if [ -n "$mail" ]; then
    import Inbox "$mail/ham.mbox"
    import Junk "$mail/spam.mbox"
else
    "$bin/mox-gentestdata" -q --accounts 1 --messages 3000 "$work/made-up"
    "$bin/mox-export" -q mbox --data-dir "$work/made-up" account0 Inbox "$work/inbox.mbox"
    "$bin/mox-export" -q mbox --data-dir "$work/made-up" account0 Archive "$work/archive.mbox"
    import Inbox "$work/inbox.mbox"
    import Junk "$work/archive.mbox"
    rm -rf "$work/made-up"
fi
"$bin/mox-retrain" -q --data-dir "$data" test0
"$bin/mox-backup" -q --data-dir "$data" "$work/older"
import Inbox testdata/mail/sample.mbox
"$bin/mox-backup" -q --data-dir "$data" "$work/snapshot"

status=0
"$build/bench/mox_damage" --places "$places" --only "$only" --older "$work/older" "$work/snapshot" || status=1
if [ "$clean" -gt 0 ]; then
    "$build/bench/mox_damage" --clean "$clean" || status=1
fi
exit $status
