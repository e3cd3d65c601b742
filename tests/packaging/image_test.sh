#!/bin/bash
# Tests packaging/image.sh: what it would build; and, where podman can pull, the image of this machine's platform.
# usage: image_test.sh SOURCE_DIRECTORY
set -euo pipefail
script=$1/packaging/image.sh dockerfile=$1/packaging/Dockerfile
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
version=$(sed -n 's/^project(moxtools VERSION \([0-9.]*\) .*/\1/p' "$1/CMakeLists.txt")

# A dry run says everything and does nothing, with or without podman.
mkdir "$work/bin"
printf '#!/bin/sh\necho "podman was called: $*" >&2\nexit 1\n' >"$work/bin/podman"
chmod +x "$work/bin/podman"
PATH=$work/bin:$PATH "$script" --dry-run >"$work/out" 2>"$work/err" || fail "--dry-run: exit code $?"
[ ! -s "$work/err" ] || fail "--dry-run: $(cat "$work/err")"
[ "$(head -n 1 "$work/out")" = "podman manifest create mox:$version-alpine3.20" ] || fail "first line: $(head -n 1 "$work/out")"
for platform in amd64 386 arm64 arm/v7 arm/v6 ppc64le s390x riscv64; do
    grep -qxF "podman build --platform linux/$platform --build-arg ALPINE=3.20 --manifest mox:$version-alpine3.20 -f packaging/Dockerfile ." "$work/out" ||
        fail "no build for linux/$platform"
done
[ "$(grep -c '^podman build' "$work/out")" = 8 ] || fail "other builds than expected"
[ "$(grep -c '^# podman manifest push --all' "$work/out")" = 3 ] || fail "not three tags to push"

"$script" --dry-run --alpine 3.21 --name example.org/mail linux/arm64 >"$work/out" || fail "one platform: exit code $?"
[ "$(grep -c '^podman' "$work/out")" = 2 ] || fail "one platform: $(cat "$work/out")"
grep -q "ALPINE=3.21 --manifest example.org/mail:$version-alpine3.21 " "$work/out" || fail "other release or name"

expect() {  # CODE TEXT ARGUMENT...
    local code=$1 text=$2 got=0
    shift 2
    PATH=$work/bin:$PATH "$script" "$@" >"$work/out" 2>&1 || got=$?
    [ "$got" = "$code" ] || fail "image.sh $*: exit code $got, not $code"
    grep -qF -- "$text" "$work/out" || fail "image.sh $*: $(cat "$work/out")"
}
expect 2 "unknown option '--push'" --dry-run --push
expect 2 "no platform 'linux/mips'" --dry-run linux/mips
expect 2 "'3' is no release of Alpine" --dry-run --alpine 3
expect 2 "needs a value" --dry-run --alpine
expect 1 "podman was called: manifest create" linux/amd64

# What is copied and started is what is installed; the ports are those of the server.
grep -q '^CMD \["/usr/local/bin/mox", "serve"\]$' "$dockerfile" || fail "the image does not start the server"
for port in 25 143 465 587 993; do grep -q "^EXPOSE .*\b$port/tcp" "$dockerfile" || fail "port $port is not exposed"; done

if command -v podman >/dev/null && podman pull -q docker.io/library/alpine:3.20 >/dev/null 2>&1; then
    case $(uname -m) in x86_64) platform=linux/amd64 ;; aarch64) platform=linux/arm64 ;; *) platform= ;; esac
    if [ -n "$platform" ]; then
        "$script" --name moxtest "$platform" >"$work/out" 2>&1 || fail "build: $(tail -n 5 "$work/out")"
        # localserve answers, and is stopped.
        # shellcheck disable=SC2016  # for the shell in the container
        said=$(podman run --rm "moxtest:$version-alpine3.20" sh -c '
            mox localserve --dir /tmp/try --ip 127.0.0.1 >/tmp/log 2>&1 &
            for i in $(seq 100); do grep -q "ready to serve" /tmp/log && break; sleep 0.1; done
            printf "a LOGIN mox@localhost moxmoxmox\r\nb LOGOUT\r\n" | nc 127.0.0.1 1143
            mox stop -c /tmp/try/config/mox.conf' 2>&1) || fail "localserve in the image: $said"
        grep -q '^a OK' <<<"$said" || fail "localserve in the image: $said"
        podman manifest rm "moxtest:$version-alpine3.20" >/dev/null || true
    fi
else
    echo "skipped: the image itself; podman is missing, or cannot pull"
fi

[ "$failures" = 0 ] || exit 1
echo "image: all well"
