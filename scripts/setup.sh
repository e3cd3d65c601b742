#!/bin/bash
# Installs the Debian packages of cmake/packages.txt that are missing: run as root (or with sudo). As anyone else it
# prints the one line to run and fails. Silent when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(sed 's/#.*//' cmake/packages.txt | awk 'NF {print $1}')

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is no Debian system; install what corresponds to cmake/packages.txt" >&2
    exit 1
fi

installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" || $1 == "hi" {print $2}' | sort -u)
missing=$(comm -23 <(sort -u <<<"$packages") <(echo "$installed"))
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086  # one word per package
set -- $missing

if [ "$(id -u)" != 0 ]; then
    echo "setup: packages are missing; run:" >&2
    echo "sudo apt-get install -y --no-install-recommends $*"
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 </dev/null || { cat "$log" >&2; return 1; }; }
install() { apt-get install -y --no-install-recommends "$@" </dev/null; }

echo "setup: installing $*"
# The package lists are fetched only when they do not know a package, or know it under an address that is gone.
if ! apt-get install --simulate --no-install-recommends "$@" >/dev/null 2>&1; then
    quietly apt-get update
    quietly install "$@"
elif ! install "$@" >"$log" 2>&1; then
    quietly apt-get update
    quietly install "$@"
fi
