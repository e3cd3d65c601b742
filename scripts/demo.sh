#!/bin/bash
# The main job, end to end, on real input: scripts/demo.sh [MBOX or MAILDIR]
# Sets up and builds, makes a data directory, imports the given mail (or testdata/mail), takes a snapshot while mail is
# being written, verifies it, then damages copies of it and shows that each damage is named. Works below build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."

input=${1:-testdata/mail/sample.mbox}
[ -e "$input" ] || { echo "demo: no such file or folder: $input" >&2; exit 2; }
kind=mbox
[ ! -d "$input" ] || kind=maildir

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
now() { date +%s%N; }
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
run() {  # shows a command, runs it, says how long it took; its exit status is the command's
    printf '$ %s\n' "$*"
    local start status=0
    start=$(now)
    "$@" || status=$?
    printf '  (%d ms)\n' $((($(now) - start) / 1000000))
    return $status
}

step "Set up and build"
scripts/setup.sh
mkdir -p build
cmake --preset release >build/release.configure.log 2>&1 || { cat build/release.configure.log; exit 1; }
ninja -C build/release --quiet programs
PATH=$PWD/build/release/bin:$PATH

work=build/demo
rm -rf "$work"
mkdir -p "$work"

step "Make a data directory with four small accounts, a queued message and reports"
run mox-gentestdata "$work/data"

step "Import real mail, with flags, keywords and dates"
run mox-import --data-dir "$work/data" "$kind" test1 Imported "$input"

step "Take a snapshot while another process writes to the same account"
(
    for i in $(seq 1 1000); do
        [ ! -e "$work/stop" ] || break
        mox-import -q --data-dir "$work/data" mbox test1 "Arriving/$i" testdata/mail/sample.mbox 2>/dev/null
    done
) &
writer=$!
trap 'touch "$work/stop"; wait "$writer" 2>/dev/null || true' EXIT
run mox-backup --data-dir "$work/data" "$work/snapshot"
touch "$work/stop"
wait "$writer"
trap - EXIT

step "Verify the snapshot, contents included"
run mox-verifydata --read-data "$work/snapshot"

step "Damage copies of it: every damage is named"
message=$(cd "$work/snapshot/data" && find accounts/test1/msg -type f | sort | tail -n 1)
failures=0
damage() {  # WHAT COMMAND...
    local what=$1
    shift
    rm -rf "$work/damaged"
    cp -a "$work/snapshot" "$work/damaged"
    (cd "$work/damaged/data" && "$@")
    printf '\n%s\n' "* $what"
    if mox-verifydata --read-data "$work/damaged"; then
        echo "  NOT FOUND"
        failures=$((failures + 1))
    fi
}
flip_byte() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
damage "a message file is gone" rm "$message"
damage "a message file is one byte longer" sh -c "printf x >>'$message'"
damage "one byte inside a message has changed" flip_byte "$message" 20
damage "a file that nobody knows" cp "$message" accounts/test1/msg/a/999999
damage "an account database was cut off" truncate -s 8192 accounts/test1/index.db
damage "one letter in an account database has changed" python3 - <<'PY'
data = bytearray(open("accounts/test1/index.db", "rb").read())
at = data.find(b"Imported")
data[at] ^= 2
open("accounts/test1/index.db", "wb").write(data)
PY

step "Result"
if [ "$failures" -gt 0 ]; then
    echo "$failures damages were not found"
    exit 1
fi
echo "Everything was imported, copied and verified, and every damage was found. Look around in $work."
