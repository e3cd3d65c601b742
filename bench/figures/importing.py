"""Import of real mail against the floor: a program that writes the same bytes into as many files in the same folders,
hashes them and syncs once, and does nothing else, on one thread."""

from measure import Side
from sources import import_side

MIB = 1024 * 1024


def import_time(bench, place):
    corpus = bench.corpus()
    floor = bench.program("floor_import")
    pair = bench.pair(place, import_side(bench, corpus), Side(lambda directory: [floor, corpus, directory / "floor"]))
    bench.report_ratio(f"import-mbox-{place.name}", pair, 2.5)


def import_memory(bench, place):
    """The largest message of the corpus has less than 1 MiB."""
    for messages in (bench.messages, 4 * bench.messages):
        peak = bench.peak_rss(place, import_side(bench, bench.corpus(messages)))
        bench.report(f"import-memory-{messages}-{place.name}", peak / MIB, "MiB", 64 + 1.5)


FIGURES = {"import-time": import_time, "import-memory": import_memory}
