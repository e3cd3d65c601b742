#!/bin/bash
# Directories of older versions, upgraded by the present programs: nothing may be lost. All directories of testdata/
# datadir are unpacked, verified as they are, upgraded, verified again and compared with what they held; for every
# release tag (v*) that release is built, writes a directory, and what it exports before must be what the present
# programs export after the upgrade.
#   --build DIR        use the programs there instead of building the preset release
#   --golden DIR       directories to take instead of testdata/datadir
#   --mailbox PATH     also import this mbox or maildir into directories of releases, with the old programs, beforehand
#   --memory MIB       address space for each program, 1024 by default
#   --builder COMMAND  COMMAND TAG FOLDER puts the programs of a release into FOLDER/bin, instead of building it
#   --record NAME      instead: the fixed scenario of the present mox-gentestdata becomes testdata/datadir/NAME
# Exits with 77 (skipped) when all is well but there was nothing older than the present version.
set -euo pipefail
start=$PWD
cd "$(dirname "$0")/.."

absolute() { case "$1" in '' | /*) printf '%s' "$1" ;; *) printf '%s/%s' "$start" "$1" ;; esac }
usage() {
    sed -n 's/^#   //p' "$0" >&2
    exit 2
}

build='' golden=testdata/datadir mailbox='' memory=1024 builder='' record=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case "$1" in
        --build) build=$(absolute "$2") ;;
        --golden) golden=$(absolute "$2") ;;
        --mailbox) mailbox=$(absolute "$2") ;;
        --memory) memory=$2 ;;
        --builder) builder=$2 ;;
        --record) record=$2 ;;
        *) usage ;;
    esac
    shift 2
done
case "$memory" in '' | *[!0-9]*) usage ;; esac
[ -z "$mailbox" ] || [ -e "$mailbox" ] || { echo "test-upgrades: no such mailbox: $mailbox" >&2; exit 2; }

fail() { printf 'test-upgrades: %s\n' "$*" >&2; exit 1; }
limited() { (ulimit -v $((memory * 1024)); exec "$@"); }

if [ -z "$build" ]; then
    build=build/release
    mkdir -p build
    cmake --preset release >build/release.configure.log 2>&1 || { cat build/release.configure.log >&2; exit 1; }
    ninja -C build/release -j "$(nproc)" --quiet programs mox_contents
fi
bin=$build/bin contents=$build/tests/mox_contents
[ -x "$bin/mox-verifydata" ] && [ -x "$contents" ] || fail "no programs in $build"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "$record" ]; then
    [ ! -e "$golden/$record" ] || fail "$golden/$record is there already: what was recorded is never changed"
    limited "$bin/mox-gentestdata" -q "$work/data"
    mkdir -p "$golden/$record"
    (cd "$work" && tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1700000000 -cf - data) |
        gzip -9n >"$golden/$record/data.tar.gz"
    limited "$contents" show "$work/data" >"$golden/$record/contents.jsonl"
    echo "recorded: $golden/$record"
    exit 0
fi

verify() {  # DIRECTORY WHEN
    limited "$bin/mox-verifydata" -q --read-data "$1" || fail "$2: verification failed"
}

older=0
for directory in "$golden"/*/; do
    [ -e "$directory/data.tar.gz" ] || continue
    name=$(basename "$directory")
    mkdir "$work/$name"
    tar -xzf "$directory/data.tar.gz" --no-same-owner -C "$work/$name"
    word="of the present version"
    if limited "$contents" is-older "$work/$name/data"; then
        older=$((older + 1)) word=upgraded
    fi
    verify "$work/$name/data" "$name, as it was written"
    limited "$contents" compare "$directory/contents.jsonl" "$work/$name/data" ||
        fail "$name: it does not hold what it held"
    verify "$work/$name/data" "$name, $word"
    echo "directory $name: $word, verified, contents as expected"
done

# Everything that is needed of a release, kept for the next time.
build_release() {  # TAG FOLDER
    [ ! -x "$2/bin/mox-gentestdata" ] || return 0
    if [ -n "$builder" ]; then
        "$builder" "$1" "$2"
        return
    fi
    mkdir -p "$2/source"
    git archive "$1" | tar -x -C "$2/source"
    cmake -S "$2/source" -B "$2/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DMOX_TESTS=OFF -DMOX_BENCH=OFF \
        >"$2/configure.log" 2>&1 || { cat "$2/configure.log" >&2; return 1; }
    ninja -C "$2/build" -j "$(nproc)" --quiet programs
    ln -sfn build/bin "$2/bin"
}

# Every account, as mbox files, with flags and dates in their headers.
export_all() {  # BIN DATA FOLDER
    local account
    mkdir "$3"
    for account in "$2"/accounts/*/; do
        account=$(basename "$account")
        limited "$1/mox-export" -q mbox --data-dir "$2" "$account" "$3/$account"
    done
}

tags=$(git tag --list 'v[0-9]*' --sort=version:refname 2>/dev/null || true)
for tag in $tags; do
    release=$PWD/build/upgrades/$tag
    mkdir -p "$release"
    build_release "$tag" "$release" || fail "release $tag: cannot be built"
    data=$work/$tag/data
    mkdir "$work/$tag"
    limited "$release/bin/mox-gentestdata" -q "$data"
    if [ -n "$mailbox" ]; then
        form=mbox
        [ ! -d "$mailbox" ] || form=maildir
        limited "$release/bin/mox-import" -q "$form" --data-dir "$data" test0 Inbox "$mailbox"
    fi
    export_all "$release/bin" "$data" "$work/$tag/before"
    verify "$data" "release $tag, as it was written"
    limited "$contents" show "$data" >"$work/$tag/contents.jsonl"
    verify "$data" "release $tag, upgraded"
    export_all "$bin" "$data" "$work/$tag/after"
    diff -r "$work/$tag/before" "$work/$tag/after" || fail "release $tag: it does not hold what it held"
    older=$((older + 1))
    echo "release $tag: upgraded, verified, $(wc -l <"$work/$tag/contents.jsonl") rows and files, exports alike"
    rm -rf "${work:?}/$tag"
done

if [ $older = 0 ]; then
    echo "skipped: nothing is older than the present version yet (no release tag, no older directory in $golden)"
    exit 77
fi
echo "all as expected"
