"""Import of real mail against the floor: a program that writes the same bytes into as many files in the same folders,
hashes them and syncs once, and does nothing else, on one thread. Import of one conversation of many messages, and of an
mbox that is much larger than memory."""

import shutil
import sys

from measure import ROOT, Side, execute

MIB = 1024 * 1024
CONVERSATION = 200_000
SHAPES = ("references", "star", "chain", "star-shuffled", "chain-shuffled")
LARGE_MESSAGES = 1_900_000  # 10 GB


def import_side(bench, corpus):
    def prepare(directory):
        execute([bench.program("mox-gentestdata"), "-q", directory / "data"])

    return Side(
        lambda directory: [bench.program("mox-import"), "-q", "--data-dir", directory / "data", "mbox", "test0", "Bench", corpus],
        prepare=prepare,
    )


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


def conversation(bench, directory, count, shape):
    path = directory / f"{shape}-{count}.mbox"
    execute([sys.executable, ROOT / "bench" / "make_conversation.py", path, count, shape])
    return path


def import_conversation(bench, place):
    """Time per message at 200,000 messages against that at 20,000."""
    for shape in SHAPES:
        source = place.fresh("conversation")
        large = import_side(bench, conversation(bench, source, CONVERSATION, shape))
        small = import_side(bench, conversation(bench, source, CONVERSATION // 10, shape))
        pair = bench.pair(place, large, small, min(bench.runs, 3))
        bench.report(f"import-{shape}-{place.name}", pair.ratio / 10, "ratio", 1.3, large_s=pair.ours, small_s=pair.theirs)
        peak = bench.peak_rss(place, large)
        bench.report(f"import-{shape}-memory-{place.name}", peak / MIB, "MiB", 160)
        shutil.rmtree(source)


def import_large(bench, place):
    """On the disk only, and nothing of it is kept."""
    if place.name != "disk":
        return
    small, small_s = bench.corpus(), []
    large = place.fresh("large")
    corpus = large / "corpus.mbox"
    execute([sys.executable, ROOT / "bench" / "make_corpus.py", corpus, LARGE_MESSAGES])
    for _ in range(3):
        small_s.append(bench.run_side(place, import_side(bench, small))[0])
    directory = place.fresh("import")
    side = import_side(bench, corpus)
    side.prepare(directory)
    run = execute(side.command(directory))
    shutil.rmtree(directory)
    rate, small_rate = corpus.stat().st_size / run.seconds, small.stat().st_size / min(small_s)
    shutil.rmtree(large)
    bench.report("import-large-slower", small_rate / rate, "ratio", 1 / 0.85, large_mib_s=rate / MIB, small_mib_s=small_rate / MIB)
    bench.report("import-large-memory", run.peak_rss / MIB, "MiB", 64)


FIGURES = {
    "import-time": import_time,
    "import-memory": import_memory,
    "import-conversation": import_conversation,
    "import-large": import_large,
}
