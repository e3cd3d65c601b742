#!/bin/bash
# Tests scripts/check-layers.sh, check-tree.sh and setup.sh on made-up trees: each rule is broken once, next to a use
# that is allowed. In the trees below, a line that must be complained about ends with "// bad".
# usage: tests/scripts/scripts_test.sh SOURCE_DIRECTORY
set -euo pipefail
scripts=$1/scripts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}

file() {  # PATH: contents from standard input
    mkdir -p "$work/tree/$(dirname "$1")"
    cat >"$work/tree/$1"
}

file common/base/hash.cpp <<'END'
#include "base/hash.hpp"

#include <openssl/evp.h>
#include <xxhash.h>

#include <string>
#include "db/database.hpp"      // bad
END
file common/base/file.cpp <<'END'
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <fmt/format.h>
#include <openssl/evp.h>        // bad
#include <sqlite3.h>            // bad
#include <some_library.h>       // bad
#include <boost/asio.hpp>       // bad
END
file common/base/file.hpp <<'END'
#pragma once
#include <fmt/format.h>         // bad
#include HEADER                 // bad
END
file common/db/database.cpp <<'END'
#include <sqlite3.h>
#include "base/error.hpp"
#  include "store/account.hpp"  // bad
#include "database.hpp"         // bad
#include "../base/error.hpp"    // bad
#include "common/base/error.hpp"// bad
END
file common/db/database.hpp <<'END'
#include <sqlite3.h>            // bad
END
file common/mime/part.cpp <<'END'
#include <mimetic/mimetic.h>
#include <unicode/unorm2.h>
#include <gumbo.h>
#include "db/database.hpp"      // bad
#include <archive.h>            // bad
END
file common/model/flags.cpp <<'END'
#include "mime/header.hpp"
#include "store/account.hpp"    // bad
#include <mimetic/mimetic.h>    // bad
END
file common/config/config.cpp <<'END'
#include "datadir/layout.hpp"
#include "model/flags.hpp"
#include "store/account.hpp"    // bad
END
file common/keys/private_key.cpp <<'END'
#include <openssl/pem.h>
#include "base/error.hpp"
#include "config/config.hpp"    // bad
END
file common/keys/private_key.hpp <<'END'
#include <openssl/evp.h>        // bad
END
file common/admin/domains.cpp <<'END'
#include <resolv.h>
#include <arpa/nameser.h>
#include "config/config.hpp"
#include "keys/private_key.hpp"
#include "queue/queue.hpp"      // bad
#include <openssl/pem.h>        // bad
END
file common/datadir/layout.cpp <<'END'
#include "base/error.hpp"
#include "config/config.hpp"    // bad
END
file common/junk/filter.cpp <<'END'
#include "mime/part.hpp"
#include "model/flags.hpp"      // bad
END
file common/store/account.cpp <<'END'
#include "junk/filter.hpp"
#include "queue/queue.hpp"      // bad
#include "cli/record.hpp"       // bad
END
file common/auth/auth_db.cpp <<'END'
#include <openssl/hmac.h>
#include "datadir/layout.hpp"
#include "mime/precis.hpp"
#include "store/account.hpp"    // bad
END
file common/queue/queue.cpp <<'END'
#include "datadir/layout.hpp"
#include "store/account.hpp"    // bad
END
file common/reports/reports.cpp <<'END'
#include <nlohmann/json.hpp>
#include "queue/queue.hpp"      // bad
END
file common/archive/reader.cpp <<'END'
#include <archive_entry.h>
#include "base/error.hpp"
#include "db/database.hpp"      // bad
END
file common/intake/archive_tree.cpp <<'END'
#include "archive/reader.hpp"
#include <archive.h>            // bad
#include "model/flags.hpp"
#include "store/account.hpp"    // bad
#include <nlohmann/json.hpp>    // bad
END
file common/snapshot/copier.cpp <<'END'
#include "archive/writer.hpp"
#include "store/account.hpp"
#include "check/checks.hpp"     // bad
END
file common/check/checks.cpp <<'END'
#include "snapshot/manifest.hpp"
#include "snapshot/copier.hpp"  // bad
#include "intake/mbox.hpp"      // bad
#include "tools/backup/b.hpp"   // bad
END
file common/repair/repair.cpp <<'END'
#include "check/verify.hpp"
#include "cli/record.hpp"       // bad
END
file common/cli/command_line.cpp <<'END'
#include <CLI/CLI.hpp>
END
file common/cli/options.cpp <<'END'
#include <CLI/CLI.hpp>          // bad
#include "db/database.hpp"      // bad
#include "server/server.hpp"    // bad
END
file common/novel/novel.cpp <<'END'
// A layer that the table does not list // bad
END
file tools/backup/backup.cpp <<'END'
#include <CLI/CLI.hpp>          // bad
#include "check/checks.hpp"
#include "tools/backup/backup.hpp"
#include "tools/import/importing.hpp" // bad
#include "tools/all_tools.hpp"  // bad
#include "server/server.hpp"    // bad
#include <sqlite3.h>            // bad
END
file tools/mox/dispatcher.cpp <<'END'
#include "tools/all_tools.hpp"
#include "tools/backup/backup.hpp" // bad
END
file tools/gencompletions/scripts.cpp <<'END'
#include "tools/all_tools.hpp"
#include "tools/mox/dispatcher.hpp"
#include "tools/mox/other.hpp"  // bad
END
file tools/all_tools.cpp <<'END'
#include "tools/backup/backup.hpp"
#include "server/server.hpp"    // bad
END
file tools/server/serve.cpp <<'END'
#include "server/process/serve.hpp"
#include "tools/import/importing.hpp" // bad
END
file tools/mox/inside.cpp <<'END'
#include "tools/server/tools.hpp"
#include "server/process/serve.hpp" // bad
END
file tools/import/over_ctl.cpp <<'END'
#include "server/ctl/client.hpp"
#include "server/net/loop.hpp"  // bad
END
file server/net/asio.hpp <<'END'
#include <boost/asio.hpp>
#include <openssl/ssl.h>        // bad
END
file server/net/tls.cpp <<'END'
#include "server/log/log.hpp"
#include "server/net/asio.hpp"
#include "store/account.hpp"
#include <openssl/ssl.h>
#include <boost/asio.hpp>       // bad
#include "server/imap/session.hpp" // bad
#include "check/checks.hpp"     // bad
#include "cli/options.hpp"      // bad
#include "tools/backup/b.hpp"   // bad
END
file server/imap/session.cpp <<'END'
#include "server/auth/sasl.hpp"
#include "auth/credentials.hpp"
#include <openssl/ssl.h>        // bad
#include "server/process/serve.hpp" // bad
END
file server/novel/novel.cpp <<'END'
// A part that the table does not list // bad
END
file tests/anything_test.cpp <<'END'
#include <sqlite3.h>
#include "tools/backup/backup.hpp"
END

expected=$(cd "$work/tree" && grep -rn '// bad$' common tools server | cut -d: -f1,2 | sort)
output=$("$scripts/check-layers.sh" "$work/tree") && fail "check-layers accepts a bad tree"
found=$(cut -d: -f1,2 <<<"$output" | sort)
difference=$(diff <(echo "$expected") <(echo "$found")) ||
    fail "check-layers: expected (<) and found (>) violations differ:" "$difference"

mkdir -p "$work/good"
cp -r "$work/tree/." "$work/good"
rm -r "$work/good/common/novel" "$work/good/server/novel"
find "$work/good" -name '*.?pp' -exec sed -i '/\/\/ bad$/d' {} +
"$scripts/check-layers.sh" "$work/good" || fail "check-layers rejects a good tree"
"$scripts/check-layers.sh" "$work/missing" 2>/dev/null && fail "check-layers accepts a tree that is not there"
mkdir "$work/empty"
"$scripts/check-layers.sh" "$work/empty" 2>/dev/null && fail "check-layers accepts a tree without common/"

lines() { seq "$1"; }
mkdir -p "$work/sizes/common/base" "$work/sizes/tools/x" "$work/sizes/tests"
lines 200 >"$work/sizes/common/base/a.hpp"
lines 450 >"$work/sizes/common/base/a.cpp"
lines 30 >"$work/sizes/tools/x/main.cpp"
lines 9999 >"$work/sizes/tests/a_test.cpp"
"$scripts/check-tree.sh" "$work/sizes" || fail "check-tree rejects files of the allowed size"
lines 201 >"$work/sizes/common/base/b.hpp"
lines 451 >"$work/sizes/common/base/b.cpp"
lines 31 >"$work/sizes/tools/x/main.cpp"
truncate -s 1100K "$work/sizes/--help"
output=$("$scripts/check-tree.sh" "$work/sizes") && fail "check-tree accepts files that are too long"
[ "$(wc -l <<<"$output")" = 4 ] || fail "check-tree should name four files:" "$output"
grep -q '^--help: more than a megabyte$' <<<"$output" || fail "check-tree should name what is large:" "$output"

# setup.sh on a made-up system, whose dpkg-query knows two packages and whose apt-get notes what it is asked.
mkdir -p "$work/setup/scripts" "$work/setup/cmake" "$work/bin"
cp "$scripts/setup.sh" "$work/setup/scripts"
printf '# a comment\none   what for\n\ntwo\nthree # why\n' >"$work/setup/cmake/packages.txt"
cat >"$work/bin/dpkg-query" <<'END'
#!/bin/bash
printf 'ii  one\nrc  two\nii  two-dev\nii  other\n'
[ ! -e "$WORK/all" ] || printf 'ii  two\nii  three\n'
END
cat >"$work/bin/apt-get" <<'END'
#!/bin/bash
[[ " $* " == *" --simulate "* ]] && { [ -e "$WORK/lists" ]; exit; }
echo "$*" >>"$WORK/apt.log"
[ "$1" != update ] || touch "$WORK/lists"
END
cat >"$work/bin/id" <<'END'
#!/bin/bash
echo "$USER_ID"
END
chmod +x "$work/bin/"*
setup() { WORK=$work USER_ID=$1 PATH=$work/bin:$PATH "$work/setup/scripts/setup.sh" 2>/dev/null; }
line="install -y --no-install-recommends three two"

output=$(setup 1000) && fail "setup succeeds without the right to install"
[ "$output" = "sudo apt-get $line" ] || fail "setup should print the line to run:" "$output"
[ ! -e "$work/apt.log" ] || fail "setup calls apt-get as a plain user"
setup 0 >"$work/out" || fail "setup fails as root"
[ "$(cat "$work/apt.log")" = "update
$line" ] || fail "setup should update once and install what is missing:" "$(cat "$work/apt.log")"
rm "$work/apt.log"
setup 0 >"$work/out" || fail "setup fails as root"
[ "$(cat "$work/apt.log")" = "$line" ] || fail "setup should not update known lists:" "$(cat "$work/apt.log")"
rm "$work/apt.log"
touch "$work/all"
for user in 0 1000; do
    output=$(setup $user) || fail "setup fails when nothing is missing"
    [ -z "$output" ] && [ ! -e "$work/apt.log" ] || fail "setup is not silent when nothing is missing"
done

[ $failures = 0 ] || exit 1
echo "all as expected"
