#!/usr/bin/env python3
"""Measures the figures of bench/figures and prints one JSON object for each, then a table.

A figure file is either NAME.py, with a dictionary FIGURES of names and functions taking (bench, place), which call
bench.report() for every figure (see measure.py), or an executable NAME.sh, which prints JSON objects with name, value,
unit and limit; it finds a fresh directory in $MOX_BENCH_DIR, the build in $MOX_BUILD, the number of runs in
$MOX_BENCH_RUNS and the place (disk, tmpfs) in $MOX_BENCH_PLACE.
"""

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import ROOT, Bench, BenchError, Place, execute


def script_figure(path):
    def run(bench, place):
        environment = {
            "MOX_BENCH_DIR": str(place.fresh(path.stem)),
            "MOX_BUILD": str(bench.build),
            "MOX_BENCH_RUNS": str(bench.runs),
            "MOX_BENCH_PLACE": place.name,
        }
        for line in execute([path], environment=environment).output.splitlines():
            if line.startswith("{"):
                figure = json.loads(line)
                figure.pop("ok", None)
                bench.report(**figure)

    return run


def load_figures(folder):
    figures = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".sh":
            figures[path.stem] = script_figure(path)
        elif path.suffix == ".py":
            spec = importlib.util.spec_from_file_location(path.stem, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            figures.update(module.FIGURES)
    return figures


def print_table(results):
    if not results:
        return
    rows = [("figure", "value", "unit", "limit", "")]
    for result in results:
        limit = "-" if result["limit"] is None else f"{result['limit']:g}"
        rows.append((result["name"], f"{result['value']:.3f}", result["unit"], limit, "ok" if result["ok"] else "MISSED"))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    print()
    for row in rows:
        print(f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip())


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description="Measures the figures of bench/figures.")
    parser.add_argument("--check", action="store_true", help="exit 1 when a figure misses its limit")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--place", choices=["disk", "tmpfs"], action="append", help="only there; both by default")
    parser.add_argument("--runs", type=int, default=9, help="of each side of a pair; the minimum counts (default 9)")
    parser.add_argument("--messages", type=int, default=50_000, help="of the corpus (default 50000)")
    parser.add_argument("--seconds", type=float, default=60, help="of each proof under load (default 60)")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="build to measure")
    parser.add_argument("--disk", type=Path, default=ROOT / "build" / "bench", help="folder on the disk to measure")
    parser.add_argument("--tmpfs", type=Path, default=Path("/dev/shm"), help="folder on the tmpfs to measure")
    parser.add_argument("--figures", type=Path, default=ROOT / "bench" / "figures", help="folder of figure files")
    arguments = parser.parse_args()
    figures = load_figures(arguments.figures)
    for name in arguments.only or []:
        if name not in figures:
            parser.error(f"no figure '{name}'; there are: {', '.join(figures)}")
    return arguments, figures


def main():
    arguments, figures = parse_arguments()
    if arguments.list:
        print("\n".join(figures))
        return 0
    arguments.disk.mkdir(parents=True, exist_ok=True)
    folders = {}
    failed = False
    try:
        for name in arguments.place or ["disk", "tmpfs"]:
            parent = arguments.disk if name == "disk" else arguments.tmpfs
            folders[name] = Path(tempfile.mkdtemp(prefix="mox-bench-", dir=parent))
        places = [Place(name, path, keep_runs=name == "disk") for name, path in folders.items()]
        bench = Bench(arguments.build.resolve(), arguments.disk, places, arguments.runs, arguments.messages,
                      arguments.seconds)
        for name in arguments.only or figures:
            for place in places:
                bench.say(f"{name} on {place.name}")
                try:
                    figures[name](bench, place)
                except BenchError as error:
                    bench.say(f"{name} on {place.name}: {error}")
                    failed = True
        print_table(bench.results)
    finally:
        for path in folders.values():
            shutil.rmtree(path, ignore_errors=True)
    missed = any(not result["ok"] for result in bench.results)
    return 1 if failed or (arguments.check and missed) else 0


if __name__ == "__main__":
    sys.exit(main())
