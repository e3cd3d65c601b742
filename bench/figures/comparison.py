"""A backup of a directory of many real messages with mox-backup, and with restic and borg where they are installed (Debian
packages restic and borgbackup): the first run, and one in which nothing has changed. restic encrypts always, borg is run
without encryption, which is its fastest."""

import shutil
import subprocess
import time

from measure import Side, execute
from sources import imported_mail

RUNS = 3
LIMIT = 1.0  # we are faster


def environment(directory):
    return {
        "RESTIC_REPOSITORY": str(directory / "repository"), "RESTIC_PASSWORD": "bench",
        "RESTIC_CACHE_DIR": str(directory / "cache"),
        "BORG_REPO": str(directory / "repository"), "BORG_BASE_DIR": str(directory / "base"),
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
    }


def with_environment(directory, *command):
    """One command with the variables of that directory."""
    return ["env", *(f"{name}={value}" for name, value in environment(directory).items()), *map(str, command)]


THEIRS = {
    "restic": (["restic", "-q", "init"], lambda data, number: ["restic", "-q", "backup", data]),
    "borg": (["borg", "init", "-e", "none"], lambda data, number: ["borg", "create", f"::run{number}", data]),
}


def their_run(name, data, number):
    return lambda directory: with_environment(directory, *THEIRS[name][1](data, number))


def prepare_theirs(name, data, runs_before):
    def prepare(directory):
        execute(with_environment(directory, *THEIRS[name][0]))
        for number in range(runs_before):
            execute(their_run(name, data, number)(directory))
    return prepare


def our_run(bench, data):
    return lambda directory: [bench.program("mox-backup"), "-q", "--data-dir", data, directory / "snapshot"]


def our_next_run(bench, data):
    return lambda directory: [bench.program("mox-backup"), "-q", "--data-dir", data, "--keep-last", 2, directory / "series"]


def disk_usage(directory):
    return int(subprocess.run(["du", "-s", "--block-size=1", directory], capture_output=True, text=True, check=True).stdout.split()[0])


def bytes_written(place, side):
    directory = place.fresh("bytes")
    if side.prepare:
        side.prepare(directory)
    before = disk_usage(directory)
    execute(side.command(directory))
    grown = disk_usage(directory) - before
    place.done_with(directory)
    return grown


def compare(bench, place):
    source = imported_mail(bench, place.fresh("source"))
    ours = {"first": Side(our_run(bench, source))}
    if "--keep-last" in execute([bench.program("mox-backup"), "--help"]).output:
        def first_of_series(directory):
            execute(our_next_run(bench, source)(directory))
            time.sleep(1.1)  # snapshots are named by the second

        ours["unchanged"] = Side(our_next_run(bench, source), prepare=first_of_series)
    else:
        bench.say("  mox-backup keeps no series: first runs only")
    for name in THEIRS:
        if not shutil.which(name):
            bench.say(f"  {name} is not installed")
            continue
        for kind, side in ours.items():
            theirs = Side(their_run(name, source, 1), prepare=prepare_theirs(name, source, 1 if kind == "unchanged" else 0))
            pair = bench.pair(place, side, theirs, min(bench.runs, RUNS))
            bench.report(
                f"compare-{name}-{kind}-{place.name}", pair.ratio, "ratio", LIMIT, ours_s=pair.ours, theirs_s=pair.theirs,
                ours_mib=bytes_written(place, side) / 2**20, theirs_mib=bytes_written(place, theirs) / 2**20,
            )
    place.done_with(source.parent)


FIGURES = {"comparison": compare}
