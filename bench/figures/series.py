"""Snapshots in a series: a second one with nothing changed against `cp -al` of the first one, and what it writes."""

from measure import Side, execute
from sources import imported_mail


def first_snapshot(bench, place):
    """A data directory beside a series with one snapshot of it. On one file system, so that links are possible."""
    source = place.fresh("source")
    data, series = imported_mail(bench, source), source / "backups"
    execute([bench.program("mox-backup"), "-q", "--data-dir", data, "--keep-last", "100", series])
    return data, series


def second_snapshot(bench, place):
    """mox-backup makes fresh databases, hashes them, and syncs; cp does none of that."""
    data, series = first_snapshot(bench, place)
    (first,) = [entry for entry in series.iterdir() if entry.name.startswith("2")]
    backup = bench.program("mox-backup")
    ours = Side(lambda directory: [backup, "-q", "--data-dir", data, "--keep-last", "100", series])
    theirs = Side(lambda directory: ["cp", "-al", first, directory / "copy"])
    bench.report_ratio(f"backup-unchanged-{place.name}", bench.pair(place, ours, theirs), 1.2)
    place.done_with(series.parent)


FIGURES = {"backup-unchanged": second_snapshot}
