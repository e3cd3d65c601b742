#!/bin/bash
# Rejects an include that crosses a layer the wrong way, and third-party headers outside the files that wrap them.
# Prints "file:line: what" for every violation. The tables below are the rule; CMake links by the same ones.
# usage: scripts/check-layers.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# Layers of common/: what each may include beside itself. A name with a '/' is a single header.
layers='
base:
archive:  base
db:       base
mime:     base
model:    base mime
keys:     base
config:   base mime model datadir keys
datadir:  base
journal:  base db datadir
junk:     base db mime datadir
store:    base db mime model datadir journal junk
auth:     base db mime datadir
queue:    base db model datadir journal
reports:  base db model datadir auth
intake:   base archive mime model
outlet:   base archive mime model intake
snapshot: base archive db mime model datadir auth store queue reports junk
check:    base db mime model datadir auth store queue reports junk snapshot/manifest.hpp snapshot/check_manifest.hpp snapshot/archive_contents.hpp
repair:   base db mime model datadir journal auth store queue reports junk check intake/header_fields.hpp
admin:    base db mime model datadir config keys auth store
cli:      base
'

# Parts of server/: what each may include of the others, beside common/ without check and cli.
server_parts='
log:
auth:
net:      log auth
ctl:      log net
imap:     log auth net
process:  log auth net ctl imap
local:    net
'

# Third-party headers: their beginning, then patterns of the files that may include them. Never a header of ours.
wrapped='
sqlite3       common/db/*.cpp
openssl/      common/base/hash.cpp common/auth/*.cpp common/keys/*.cpp server/auth/*.cpp server/net/*.cpp
xxhash        common/base/hash.cpp
mimetic/      common/mime/*.cpp
unicode/      common/mime/*.cpp
gumbo         common/mime/*.cpp
archive       common/archive/*
CLI/          common/cli/command_line.cpp
nlohmann/     common/cli/*.cpp common/snapshot/*.cpp common/reports/*.cpp
crypt.h       common/store/*.cpp common/auth/*.cpp
re2/          common/model/*.cpp
fmt/          *.cpp
boost/        server/net/asio.hpp
zlib          server/net/compression.cpp
'

# Headers of the system, beside those of C++ (no dot, no slash). Anything else is unknown and rejected.
system='
sys/* linux/* net/* netinet/* arpa/*
dirent.h errno.h fcntl.h fnmatch.h getopt.h glob.h grp.h ifaddrs.h langinfo.h limits.h locale.h netdb.h poll.h pthread.h pwd.h
resolv.h sched.h signal.h spawn.h stdio.h stdlib.h string.h strings.h termios.h time.h unistd.h
'

[ -d common ] || { echo "check-layers: no folder common/ in $PWD" >&2; exit 2; }

# shellcheck disable=SC2016  # an awk program
for folder in common tools server; do
    [ ! -d "$folder" ] || find "$folder" -type f -regex '.*\.\([ch]\|[chi]pp\|cc\|hh\|cxx\|hxx\|inl\)'
done | sort | xargs -r awk -v layers="$layers" -v server_parts="$server_parts" -v wrapped="$wrapped" -v system_headers="$system" '
    function matches(text, pattern) {  # shell pattern: only "*" is special
        gsub(/[.+]/, "\\\\&", pattern)
        gsub(/\*/, ".*", pattern)
        return text ~ ("^" pattern "$")
    }
    function complain(what) {
        print FILENAME ":" FNR ": " what
        bad = 1
    }
    function check_wrapped(header, i, j, count, words, known) {
        for (i = 1; i <= wrapped_lines; ++i) {
            count = split(wrapped_line[i], words)
            if (count < 2 || index(header, words[1]) != 1) continue
            for (j = 2; j <= count; ++j)
                if (matches(FILENAME, words[j])) return
            complain("<" header "> is not allowed here")
            return
        }
        if (header ~ /^[a-z_0-9]+$/) return
        for (i = 1; i <= system_count; ++i)
            if (matches(header, system_header[i])) return
        complain("<" header "> is not known; scripts/check-layers.sh lists who may include what")
    }
    # "server/net/loop.hpp" is of the part "net".
    function server_part(header, path) {
        split(header, path, "/")
        return path[2]
    }
    function check_own(header, folder) {
        if (header ~ /(^|\/)\.\.?\//) { complain("\"" header "\" is not written from common/ or the root"); return }
        if (header !~ /\//) { complain("\"" header "\" is written without its folder"); return }
        folder = header
        sub(/\/.*/, "", folder)
        if (folder == "common") { complain("\"" header "\" is written from common/, without it"); return }
        if (area == "common") {
            if (!(part in may)) return  # complained about at the first line
            if (folder == part || index(may[part], " " folder " ") || index(may[part], " " header " ")) return
            complain("common/" part " must not include " header)
        } else if (area == "tools") {
            if (folder in may) return
            if (part == "") { if (folder == "tools") return }  # tools/all_tools.*: the option tables of all
            else if (index(header, "tools/" part "/") == 1 || index(header, "tools/shared/") == 1) return
            else if ((part == "mox" || part == "gencompletions") && header ~ /^tools\/all_tools\./) return
            else if (part == "gencompletions" && header == "tools/mox/dispatcher.hpp") return  # its option table
            else if (part == "mox" && header == "tools/server/tools.hpp") return  # commands that are inside mox
            else if (folder == "server" && (part == "server" || server_part(header) == "ctl")) return
            complain((part == "" ? "tools" : "tools/" part) " must not include " header)
        } else {
            if (!(part in server_may)) return  # complained about at the first line
            folder = folder == "server" ? server_part(header) : folder " of common"
            if (folder == part || index(server_may[part], " " folder " ")) return
            sub(/ of common$/, "", folder)
            if (header !~ /^server\// && folder in may && folder != "check" && folder != "cli") return
            complain("server/" part " must not include " header)
        }
    }
    BEGIN {
        count = split(layers, lines, "\n")
        for (i = 1; i <= count; ++i) {
            if (split(lines[i], words, ":") < 2) continue
            gsub(/ +/, " ", words[2])
            may[words[1]] = words[2] " "
        }
        count = split(server_parts, lines, "\n")
        for (i = 1; i <= count; ++i) {
            if (split(lines[i], words, ":") < 2) continue
            gsub(/ +/, " ", words[2])
            server_may[words[1]] = words[2] " "
        }
        wrapped_lines = split(wrapped, wrapped_line, "\n")
        system_count = split(system_headers, system_header)
    }
    FNR == 1 {
        split(FILENAME, path, "/")
        area = path[1]
        part = FILENAME ~ /^[a-z]+\/[^\/]+\// ? path[2] : ""
        if (area == "common" && !(part in may)) complain("common/" part " is no known layer")
        if (area == "server" && !(part in server_may)) complain("server/" part " is no known part")
    }
    /^[ \t]*#[ \t]*(include|import)/ {
        if (match($0, /<[^>]+>/)) check_wrapped(substr($0, RSTART + 1, RLENGTH - 2))
        else if (match($0, /"[^"]+"/)) check_own(substr($0, RSTART + 1, RLENGTH - 2))
        else complain("include of something that cannot be checked")
    }
    END { exit bad }
' && exit 0
exit 1
