"""Backups back to back beside writers: how long deliveries wait, against the same writers without backups; and the proof
that every snapshot of a longer run verifies and holds states that existed. tests/load has the program."""

import json
import os
import shutil
import statistics

from measure import BenchError, execute

RUN_SECONDS = 8  # of one run for the waiting times


def run_load(bench, place, *options):
    """One run. When something was wrong, its directory is kept where figures keep their data."""
    directory = place.fresh("load")
    try:
        output = execute([bench.program("mox_load"), directory / "load", *options]).output
    except BenchError as error:
        kept = bench.data / f"failed-load-{os.getpid()}-{directory.name}"
        shutil.move(directory, kept)
        raise BenchError(f"{error}; kept: {kept}") from error
    place.done_with(directory)
    return json.loads(output)


def waiting(bench, place):
    """The median of the runs' 99th percentiles on each side, in turns; and the longest of all waits."""
    runs = {"without": [], "with": []}
    for _ in range(min(bench.runs, 3)):
        for label, options in (("without", ["--no-backups"]), ("with", ["--no-verify"])):
            runs[label].append(run_load(bench, place, "--seconds", RUN_SECONDS, *options))
            bench.say(f"  {place.name} {label} backups: p99 {runs[label][-1]['p99_ms']} ms, max {runs[label][-1]['max_ms']} ms")
    p99 = {label: statistics.median(run["p99_ms"] for run in of) for label, of in runs.items()}
    longest = {label: max(run["max_ms"] for run in of) for label, of in runs.items()}
    numbers = {
        "snapshots": sum(run["snapshots"] for run in runs["with"]),
        "deliveries_with": sum(run["deliveries"] for run in runs["with"]),
        "deliveries_without": sum(run["deliveries"] for run in runs["without"]),
    }
    bench.report(f"load-p99-{place.name}", p99["with"] / p99["without"], "ratio", 3,
                 with_ms=p99["with"], without_ms=p99["without"], **numbers)
    bench.report(f"load-longest-wait-{place.name}", longest["with"], "ms", 1000, without_ms=longest["without"])


def proof(bench, place):
    """Fails when a snapshot is not what it should be. In fresh folders, then as a series."""
    kinds = {"fresh": []}
    if "--keep-last" in execute([bench.program("mox-backup"), "--help"]).output:
        kinds["series"] = ["--series", "--keep-last 3"]
    for kind, options in kinds.items():
        run = run_load(bench, place, "--seconds", bench.seconds, "--check-enough", *options)
        bench.report(f"load-proof-{kind}-{place.name}", run["snapshots"], "snapshots",
                     **{key: run[key] for key in ("states", "deliveries", "expunged", "erased", "max_ms")})


FIGURES = {"load-waiting": waiting, "load-proof": proof}
