"""Verification against the least that a check must do: list all files, check the databases' integrity, and, with
contents, read and hash every file on all cores."""

from measure import Side
from sources import imported_mail

FIND = """find "$1" -type f -printf '%s %p\\n' >/dev/null; """
HASH = """"$2" "$1" >/dev/null; """
INTEGRITY = """find "$1" -name '*.db' | while read -r f; do
    sqlite3 "file:$f?immutable=1" 'PRAGMA integrity_check' >/dev/null
done"""


def verify(bench, place, name, options, script, limit):
    source = place.fresh("source")
    data = imported_mail(bench, source)
    program, hash_tree = bench.program("mox-verifydata"), bench.program("hash_tree")
    ours = Side(lambda directory: [program, "-q", *options, data])
    theirs = Side(lambda directory: ["sh", "-c", script, "sh", data, hash_tree])
    bench.report_ratio(f"{name}-{place.name}", bench.pair(place, ours, theirs), limit)
    place.done_with(source)


FIGURES = {
    "verify": lambda bench, place: verify(bench, place, "verify", [], FIND + INTEGRITY, 1.5),
    "verify-read-data": lambda bench, place: verify(bench, place, "verify-read-data", ["--read-data"], HASH + INTEGRITY, 1.3),
}
