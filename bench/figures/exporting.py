"""Export of real mail against the floor: programs that read the same message files in the same order and write the same
bytes, and do nothing else (no hashes, no line ends, no flags, no names), on one thread, with one sync."""

from measure import Side
from sources import imported_mail

MIB = 1024 * 1024

# Message files by their ids, so that they are read in the order in which they were written.
LIST = 'cd "$1/accounts/test0/msg" && find . -type f -printf "%f %p\\n" | sort -n | cut -d" " -f2 | tr "\\n" "\\0"'
ONE_FILE = LIST + ' | xargs -0 cat >"$2/out" && sync "$2/out"'
MANY_FILES = 'mkdir "$2/out" && { ' + LIST + ' | xargs -0 cp -t "$2/out"; } && sync -f "$2/out"'


def sides(bench, data, format, floor):
    export = bench.program("mox-export")
    return (
        Side(lambda directory: [export, "-q", "--data-dir", data, format, "test0", "Bench", directory / "out"]),
        Side(lambda directory: ["sh", "-c", floor, "sh", data, directory]),
    )


def export_time(bench, place):
    source = place.fresh("source")
    data = imported_mail(bench, source)
    for format, floor, limit in (("mbox", ONE_FILE, 2.0), ("maildir", MANY_FILES, 1.3)):
        ours, theirs = sides(bench, data, format, floor)
        bench.report_ratio(f"export-{format}-{place.name}", bench.pair(place, ours, theirs), limit)
        peak = bench.peak_rss(place, ours)
        bench.report(f"export-{format}-memory-{bench.messages}-{place.name}", peak / MIB, "MiB", 64)
    place.done_with(source)


FIGURES = {"export-time": export_time}
