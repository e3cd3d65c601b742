#!/bin/bash
# Tests the files of packaging/ and the commands of docs/operations.md against the programs that were built.
# usage: packaging_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# Every option in the commands of standard input is one that the program knows.
check_options() {  # WHERE
    local where=$1 line program option help
    while IFS= read -r line; do
        while read -r program option; do
            [ -x "$build/bin/$program" ] || { fail "$where: there is no $program"; continue; }
            help=$("$build/bin/$program" --help)
            grep -qE -- "(^|[ ,])${option%%=*}([][ ,=]|$)" <<<"$help" || fail "$where: $program knows no $option"
        done < <(awk '{
            program = ""
            for (i = 1; i <= NF; i++) {
                word = $i; gsub(/^[`"(]+|[`";),.]+$/, "", word)
                if (word ~ /(^|\/)mox-[a-z]+$/) { program = word; sub(/.*\//, "", program) }
                else if ($i ~ /^[|;]$|&&/) program = ""
                else if (program != "" && word ~ /^--?[a-z]/) print program, word
            }
        }' <<<"$line")
    done
}

# What systemd makes of a line: variables of Environment= in the place of ${NAME} (one word) and $NAME (words).
unit=$build/packaging/mox-backup.service
value_of() { sed -n "s/^Environment=\"\\?$1=\\([^\"]*\\)\"\\?\$/\\1/p" "$unit"; }
command=$(sed -n 's/^ExecStart=//p' "$unit")
for name in MOX_BACKUP_CONFIG MOX_BACKUP_DEST MOX_BACKUP_OPTIONS; do
    [ -n "$(value_of $name)" ] || fail "$unit: no default for $name"
    command=${command//\$\{$name\}/$(value_of $name)}
    command=${command//\$$name/$(value_of $name)}
    grep -qxF "#$name=$(value_of $name)" "$source/packaging/mox-backup.default" ||
        fail "mox-backup.default: not the default of $name"
done
! grep -q '[$]' <<<"$command" || fail "$unit: unknown variable in: $command"

echo "$command" | check_options mox-backup.service
grep -v '^#' "$source/packaging/mox-backup.cron" | check_options mox-backup.cron
awk '/^```/ { code = !code; next } code' "$source/docs/operations.md" | grep -v '^#' | check_options operations.md
grep -o '`mox-[^`]*`' "$source/docs/operations.md" | tr -d '`' | check_options operations.md

# The commands do what they say, on a directory of this test.
run_dry() {  # WHERE COMMAND
    local words=$2
    words=${words/\/home\/mox\/config\/mox.conf/$work/config/mox.conf}
    words=${words/\/var\/backups\/mox/$work/backups}
    words=${words/*mox-backup /$build/bin/mox-backup --dry-run }
    # shellcheck disable=SC2086  # words, as systemd and cron's shell split them
    $words >"$work/out" 2>&1 || fail "$1: exit code $?: $words: $(cat "$work/out")"
}
"$build/bin/mox-gentestdata" -q "$work/data"
mkdir "$work/config"
printf 'DataDir: ../data\nLogLevel: info\nHostname: mail.example.org\nUser: mox\nListeners:\n\tlocal:\n\t\tIPs:\n\t\t\t- 127.0.0.1\nPostmaster:\n\tAccount: test0\n\tMailbox: Inbox\n' >"$work/config/mox.conf"
: >"$work/config/domains.conf"
run_dry mox-backup.service "$command"
run_dry mox-backup.cron "$(sed -n 's/^[0-9* ]*root \(mox-backup .*\)/\1/p' "$source/packaging/mox-backup.cron")"

# systemd knows every line of the units.
if command -v systemd-analyze >/dev/null; then
    sed "s|^ExecStart=[^ ]*|ExecStart=$build/bin/mox-backup|" "$unit" >"$work/mox-backup.service"
    cp "$source/packaging/mox-backup.timer" "$work"
    said=$(systemd-analyze verify --man=no "$work/mox-backup.service" "$work/mox-backup.timer" 2>&1) ||
        fail "systemd-analyze verify: $said"
    ! grep -F mox-backup <<<"$said" || fail "systemd-analyze verify has something to say"
    sed 's/^ProtectSystem=/ProtectSystems=/' "$work/mox-backup.service" >"$work/wrong.service"
    systemd-analyze verify --man=no "$work/wrong.service" 2>&1 | grep -q ProtectSystems ||
        fail "systemd-analyze verify notices nothing"

    # The server's own unit, for an installation whose name needs quoting in it.
    mkdir -p "$work/a b%c/config"
    "$build/bin/mox-printservice" --program "$build/bin/mox" "$work/a b%c" >"$work/mox.service" ||
        fail "mox-printservice: exit code $?"
    said=$(systemd-analyze verify --man=no "$work/mox.service" 2>&1) || fail "systemd-analyze verify: $said"
    ! grep -F mox.service <<<"$said" || fail "systemd-analyze verify has something to say of mox-printservice"
    # What is left is what a mail server that starts as root needs: its capabilities, and the network.
    require_exposure() {  # HIGHEST UNIT
        local level
        level=$(systemd-analyze security --offline=true --no-pager "$2" 2>&1 |
            sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
        awk -v level="${level:-10}" -v highest="$1" 'BEGIN { exit level <= highest ? 0 : 1 }' ||
            fail "$2: exposure ${level:-unknown}, more than $1"
    }
    require_exposure 2.0 "$work/mox.service"
    mkdir "$work/home"
    cp "$source/testdata/service/mox.service" "$work/home"  # below /home, which it has to see
    require_exposure 2.1 "$work/home/mox.service"
else
    echo "skipped: no systemd-analyze"
fi

[ "$failures" = 0 ] || exit 1
echo "packaging: all well"
