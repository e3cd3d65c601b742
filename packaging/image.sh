#!/bin/bash
# Builds the image of packaging/Dockerfile with podman, for every platform of Alpine or those named, as one manifest.
# usage: packaging/image.sh [--dry-run] [--alpine RELEASE] [--name NAME] [PLATFORM...]
# Platforms other than this machine's need qemu-user-static (binfmt). Pushes nothing: it prints how.
set -euo pipefail
cd "$(dirname "$0")/.."

platforms=(linux/amd64 linux/386 linux/arm64 linux/arm/v7 linux/arm/v6 linux/ppc64le linux/s390x linux/riscv64)
alpine=$(sed -n 's/^ARG ALPINE=//p' packaging/Dockerfile)
name=mox
dry_run=
chosen=()

usage() {
    echo "image.sh: $1" >&2
    echo "usage: packaging/image.sh [--dry-run] [--alpine RELEASE] [--name NAME] [PLATFORM...]" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry_run=1 ;;
        --alpine | --name)
            { [ $# -gt 1 ] && [ -n "$2" ]; } || usage "$1 needs a value"
            if [ "$1" = --alpine ]; then alpine=$2; else name=$2; fi
            shift
            ;;
        -*) usage "unknown option '$1'" ;;
        *)
            case " ${platforms[*]} " in
                *" $1 "*) chosen+=("$1") ;;
                *) usage "no platform '$1' of Alpine; there are: ${platforms[*]}" ;;
            esac
            ;;
    esac
    shift
done
[[ $alpine =~ ^[0-9]+\.[0-9]+$ ]] || usage "'$alpine' is no release of Alpine, such as 3.20"
[ ${#chosen[@]} -gt 0 ] || chosen=("${platforms[@]}")

version=$(sed -n 's/^project(moxtools VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
[ -n "$version" ] || { echo "image.sh: no version in CMakeLists.txt" >&2; exit 1; }
image=$name:$version-alpine$alpine

run() {
    printf '%q ' "$@" | sed 's/ $//'
    echo
    [ -n "$dry_run" ] || "$@"
}

if [ -z "$dry_run" ]; then
    command -v podman >/dev/null || { echo "image.sh: podman is not installed" >&2; exit 1; }
    podman manifest rm "$image" >/dev/null 2>&1 || true
fi
run podman manifest create "$image"
for platform in "${chosen[@]}"; do
    run podman build --platform "$platform" --build-arg "ALPINE=$alpine" --manifest "$image" -f packaging/Dockerfile .
done
echo "# to push:"
for tag in "$version-alpine$alpine" "$version" latest; do
    echo "# podman manifest push --all $image docker://REGISTRY/$name:$tag"
done
