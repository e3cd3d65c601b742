"""How figures are measured: ratios within one run, interleaved pairs, the minimum of several, on disk and on tmpfs.

Every run gets a fresh directory. Nothing is deleted on the disk before the very end: ext4 avoids inodes that were
deleted in the last minutes, and creating files then takes several times as long. On tmpfs a run's directory goes
away after the run, because it is memory.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

ROOT = Path(__file__).resolve().parent.parent


class BenchError(Exception):
    pass


@dataclass
class Side:
    """One side of a comparison.

    command(directory) gives the argument list that is timed; prepare(directory) fills the fresh directory before and is
    not timed. With prints_ms the command measures itself and its last word of output is the time in milliseconds.
    """

    command: Callable[[Path], list]
    prepare: Optional[Callable[[Path], None]] = None
    prints_ms: bool = False
    environment: dict = field(default_factory=dict)


@dataclass
class Run:
    seconds: float
    peak_rss: int  # bytes; at least that of this driver at the start of the command, some 20 MB
    output: str


@dataclass
class Pair:
    ours: float  # seconds, the minimum
    theirs: float
    all_ours: list
    all_theirs: list

    @property
    def ratio(self):
        return self.ours / self.theirs

    @property
    def difference(self):
        return self.ours - self.theirs


def execute(argv, cwd=None, environment=None):
    """Runs a command, which must succeed; time and peak memory are those of that process (and of children it waits
    for, each by itself)."""
    argv = [str(part) for part in argv]
    started = time.monotonic()
    process = subprocess.Popen(
        argv, cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        raise BenchError(f"{' '.join(argv)}: exit code {process.returncode}")
    return Run(seconds, usage.ru_maxrss * 1024, output.decode(errors="replace"))


class Place:
    """A directory on a disk or on tmpfs, below which every run has a directory of its own."""

    def __init__(self, name, path, keep_runs):
        self.name, self.path, self.keep_runs = name, path, keep_runs
        self._numbers = itertools.count(1)

    def fresh(self, label="run"):
        directory = self.path / f"{next(self._numbers):04}-{label}"
        directory.mkdir(parents=True)
        return directory

    def done_with(self, directory):
        if not self.keep_runs:
            shutil.rmtree(directory)


class Bench:
    def __init__(self, build, data, places, runs, messages, seconds=60):
        self.build, self.data, self.places, self.runs, self.messages = build, data, places, runs, messages
        self.seconds = seconds  # of a proof under load
        self.results = []

    def program(self, name):
        """A program of bench/, or a tool."""
        for folder in ("bench", "bin"):
            path = self.build / folder / name
            if path.exists():
                return path
        raise BenchError(f"{name} is not built in {self.build}")

    def corpus(self, messages=None):
        """An mbox of that many real messages; made once."""
        count = messages or self.messages
        path = self.data / f"corpus-{count}.mbox"
        if not path.exists():
            self.say(f"making {path}")
            execute([sys.executable, ROOT / "bench" / "make_corpus.py", path, count])
        return path

    def run_side(self, place, side, label="run"):
        """One timed run in a fresh directory. Returns (seconds, Run)."""
        directory = place.fresh(label)
        if side.prepare:
            side.prepare(directory)
        os.sync()  # what preparation and earlier runs wrote is not this run's business
        run = execute(side.command(directory), environment=side.environment)
        seconds = float(run.output.split()[-1]) / 1000 if side.prints_ms else run.seconds
        place.done_with(directory)
        return seconds, run

    def pair(self, place, ours, theirs, runs=None):
        """Times both sides in turns, who comes first changing, and takes the minimum of each."""
        times = {"ours": [], "theirs": []}
        sides = [("ours", ours), ("theirs", theirs)]
        for i in range(runs or self.runs):
            for label, side in sides if i % 2 == 0 else reversed(sides):
                times[label].append(self.run_side(place, side, label)[0])
                self.say(f"  {place.name} {label} {times[label][-1]:.3f} s")
        return Pair(min(times["ours"]), min(times["theirs"]), times["ours"], times["theirs"])

    def peak_rss(self, place, side):
        """Peak resident memory of one run, in bytes."""
        return self.run_side(place, side, "memory")[1].peak_rss

    def report(self, name, value, unit, limit=None, **more):
        """One figure: at most `limit`; None: for information."""
        result = {
            "name": name,
            "value": round(value, 4),
            "unit": unit,
            "limit": limit,
            "ok": limit is None or value <= limit,
            **{key: round(x, 4) if isinstance(x, float) else x for key, x in more.items()},
        }
        self.results.append(result)
        print(json.dumps(result), flush=True)

    def report_ratio(self, name, pair, limit=None):
        self.report(name, pair.ratio, "ratio", limit, ours_s=pair.ours, theirs_s=pair.theirs, runs=len(pair.all_ours))

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)
