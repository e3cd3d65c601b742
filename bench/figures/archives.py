"""A snapshot into an archive against tar and zstd with the same level and threads, on mail."""

import os

from measure import Side
from sources import imported_mail


def archive(bench, place):
    """mox-backup copies the databases before, hashes what its manifest lists, and syncs; tar does none of that."""
    source = place.fresh("source")
    data = imported_mail(bench, source)
    threads = os.cpu_count() or 1
    backup = bench.program("mox-backup")
    ours = Side(lambda directory: [backup, "-q", "-j", threads, "--data-dir", data, "--compression-level", 3,
                                   "--archive", directory / "mox.tar.zst"])
    script = 'tar -C "$0" -cf - . | zstd -q -3 -T"$2" -o "$1/tree.tar.zst" && sync "$1/tree.tar.zst"'
    theirs = Side(lambda directory: ["sh", "-c", script, data, directory, threads])
    bench.report_ratio(f"backup-archive-{place.name}", bench.pair(place, ours, theirs), 1.2)
    place.done_with(source)


FIGURES = {"backup-archive": archive}
