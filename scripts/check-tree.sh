#!/bin/bash
# Files stay small enough to read: headers of common/, tools/ and server/ at most 200 lines, sources at most 450,
# main.cpp of a tool at most 30; and nothing outside of build/ and hidden folders has more than a megabyte. Prints
# "file: what" for every one that is larger.
# usage: scripts/check-tree.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

status=0
while read -r file; do
    case "$file" in
        tools/*/main.cpp) limit=30 ;;
        *.hpp) limit=200 ;;
        *) limit=450 ;;
    esac
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$limit" ]; then
        echo "$file: $lines lines, at most $limit"
        status=1
    fi
done < <(for folder in common tools server; do
    [ ! -d "$folder" ] || find "$folder" -type f \( -name '*.hpp' -o -name '*.cpp' \)
done | sort)
while read -r file; do
    echo "${file#./}: more than a megabyte"
    status=1
done < <(find . \( -path ./build -o -path './.?*' \) -prune -o -type f -size +1024k -print | sort)
exit $status
