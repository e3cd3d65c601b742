#!/bin/bash
# Tests scripts/test-upgrades.sh: on the directories of this tree, on damaged ones, and on a made-up history with a
# release. usage: upgrades_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}

# A tree of its own: the script works beside itself.
mkdir -p "$work/tree/scripts"
cp "$source/scripts/test-upgrades.sh" "$work/tree/scripts"
(cd "$work/tree" && git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x)
script=$work/tree/scripts/test-upgrades.sh
run() {  # EXPECTED STATUS, TEXT, ARGUMENTS
    local expected=$1 text=$2 status=0 output
    shift 2
    output=$("$script" --build "$build" "$@" 2>&1) || status=$?
    [ $status = "$expected" ] || fail "status $status, not $expected:" "$output"
    grep -qF -- "$text" <<<"$output" || fail "does not say '$text':" "$output"
}

cp -r "$source/testdata/datadir" "$work/golden"
newest=$(basename "$(find "$work/golden" -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)")
run 77 "skipped: nothing is older" --golden "$work/empty"
"$script" --build "$build" --golden "$work/golden" >"$work/out" 2>&1 || [ $? = 77 ] ||
    fail "the directories of this tree:" "$(cat "$work/out")"
grep -qF "directory $newest: of the present version, verified, contents as expected" "$work/out" ||
    fail "the newest directory is not of the present version:" "$(cat "$work/out")"

# Contents that are other than expected.
cp -r "$work/golden" "$work/changed"
sed -i '1d' "$work/changed/$newest/contents.jsonl"
run 1 "more: {" --golden "$work/changed"
# A directory that is damaged.
mkdir -p "$work/unpacked" "$work/damaged/$newest"
tar -xzf "$work/golden/$newest/data.tar.gz" -C "$work/unpacked"
find "$work/unpacked/data/accounts" -path '*/msg/*' -type f | sort | head -n 1 | xargs rm
tar -czf "$work/damaged/$newest/data.tar.gz" -C "$work/unpacked" data
cp "$work/golden/$newest/contents.jsonl" "$work/damaged/$newest"
run 1 "as it was written: verification failed" --golden "$work/damaged"
# Too little memory.
status=0
"$script" --build "$build" --golden "$work/golden" --memory 5 >"$work/out" 2>&1 || status=$?
[ $status = 1 ] || fail "with 5 MiB: status $status"

# What is recorded is as it is here, and never changed.
run 0 "recorded: " --golden "$work/recorded" --record new
run 1 "is there already" --golden "$work/recorded" --record new
run 77 "directory new: of the present version" --golden "$work/recorded"

# A release: the present programs, called an old one.
git -C "$work/tree" tag v0.0.1
printf '#!/bin/bash\nmkdir -p "$2" && ln -sfn "%s/bin" "$2/bin"\n' "$(realpath "$build")" >"$work/builder"
chmod +x "$work/builder"
run 0 "release v0.0.1: upgraded, verified" --golden "$work/empty" --builder "$work/builder"
run 0 "exports alike" --golden "$work/empty" --builder "$work/builder" --mailbox "$source/testdata/mail/sample.mbox"
run 0 "exports alike" --golden "$work/empty" --builder "$work/builder" --mailbox "$source/testdata/mail/sample.maildir"
# One that cannot be built.
rm -rf "$work/tree/build"
run 1 "release v0.0.1: cannot be built" --golden "$work/empty" --builder false

for arguments in "--nonsense x" "--memory x" "--build" "--mailbox $work/none"; do
    status=0
    # shellcheck disable=SC2086  # words
    "$script" $arguments >/dev/null 2>&1 || status=$?
    [ $status = 2 ] || fail "'$arguments': status $status, not 2"
done

[ $failures = 0 ] || exit 1
echo "all as expected"
