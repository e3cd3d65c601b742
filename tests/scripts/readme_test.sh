#!/bin/bash
# Every command that README.md shows, run as it stands there: readme_test.sh SOURCE BUILD
# (scripts/test.sh is what runs this; scripts/setup.sh and the configuration have been run by then.)
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"
PATH=$build/bin:$PATH

blocks=$(awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' README.md)
commands=$(sed -e 's/ *#.*//' -e '/^$/d' <<<"$blocks")
ran=0
while IFS= read -r command; do
    case "$command" in
        scripts/test.sh | scripts/setup.sh | "cmake --preset release"*) continue ;;
        scripts/demo.sh) command="$command >$work/demo.out" ;;
        "cmake --install build/release --prefix "*) command="cmake --install '$build' --prefix '$work/prefix' >$work/install.out" ;;
        *) command=${command//\/tmp\//$work/} ;;
    esac
    echo "+ $command"
    bash -euo pipefail -c "$command" </dev/null
    ran=$((ran + 1))
done <<<"$commands"

[ "$ran" -ge 8 ] || { echo "only $ran commands were found in README.md" >&2; exit 1; }
for program in mox mox-backup mox-export mox-gentestdata mox-import mox-restore mox-verifydata; do
    [ -x "$work/prefix/bin/$program" ] || { echo "$program was not installed" >&2; exit 1; }
    "$work/prefix/bin/mox" help "${program#mox-}" >/dev/null || [ "$program" = mox ] || exit 1
done
[ -e "$work/prefix/share/man/man8/mox.8" ] || { echo "the manual pages were not installed" >&2; exit 1; }
grep -q 'every damage was found' "$work/demo.out"
