"""Training of the junk filter with mox-retrain against bogofilter (Debian package bogofilter), which trains the same
messages from two mboxes, ham and spam, in two runs; and what one message costs to classify."""

import shutil
import sys
from pathlib import Path

from measure import BenchError, Side, execute

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import make_corpus

LIMIT = 1 / 3  # of bogofilter's time
MIB = 1024 * 1024


def labelled_mail(bench):
    """(ham.mbox, spam.mbox) of together bench.messages messages; made once. Every third message is junk."""
    ham, spam = (bench.data / f"junk-{kind}-{bench.messages}.mbox" for kind in ("ham", "spam"))
    if ham.exists() and spam.exists():
        return ham, spam
    kinds = make_corpus.read_labelled_corpus()
    if kinds is None:
        raise BenchError("no labelled mail: ham.mbox and spam.mbox in $MOX_CORPUS")
    counts = {spam: bench.messages // 3, ham: bench.messages - bench.messages // 3}
    for path, entries, flag in ((ham, kinds[0], b"$NotJunk"), (spam, kinds[1], b"$Junk")):
        temporary = path.with_name(path.name + ".tmp")
        with open(temporary, "wb") as out:
            for i in range(counts[path]):
                entry = make_corpus.renew(entries[i % len(entries)], i // len(entries))
                line = entry.index(b"\n") + 1
                entry = entry[:line] + b"X-Keywords: " + flag + b"\n" + entry[line:]
                out.write(entry if entry.endswith(b"\n\n") else entry.rstrip(b"\n") + b"\n\n")
        temporary.rename(path)
    return ham, spam


def imported(bench, place):
    """A data directory with that mail, flagged, in account test0."""
    ham, spam = labelled_mail(bench)
    data = place.fresh("junk") / "data"
    execute([bench.program("mox-gentestdata"), "-q", data])
    for mailbox, mbox in (("Archive", ham), ("Junk", spam)):
        execute([bench.program("mox-import"), "-q", "--data-dir", data, "mbox", "test0", mailbox, mbox])
    return data


def training_time(bench, place):
    if shutil.which("bogofilter") is None:
        bench.say("bogofilter is not installed: training is not measured against it")
        return
    ham, spam = labelled_mail(bench)
    data = imported(bench, place)
    both = 'bogofilter -C -d "$1" -n -M -I "$2" && bogofilter -C -d "$1" -s -M -I "$3"'
    pair = bench.pair(
        place,
        Side(lambda directory: [bench.program("mox-retrain"), "-q", "--data-dir", data, "test0"]),
        Side(lambda directory: ["sh", "-c", both, "sh", directory, ham, spam]),
        runs=min(bench.runs, 5),
    )
    bench.report_ratio(f"junk-training-{place.name}", pair, LIMIT)
    bench.report(f"junk-training-speed-{place.name}", bench.messages / pair.ours, "messages/s")


def training_memory(bench, place):
    data = imported(bench, place)
    side = Side(lambda directory: [bench.program("mox-retrain"), "-q", "--data-dir", data, "--jobs", 2, "test0"])
    bench.report(f"junk-training-memory-{place.name}", bench.peak_rss(place, side) / MIB, "MiB", 256)


def classifying(bench, place):
    """One message by a filter of 500,000 words, opening the filter included."""
    directory = place.fresh("classify")
    runs = [execute([bench.program("junk_classify"), directory / f"{i}.db", 500_000]) for i in range(min(bench.runs, 5))]
    bench.report(f"junk-classify-{place.name}", min(float(run.output.split()[-1]) for run in runs), "ms", 5)


FIGURES = {"junk-training": training_time, "junk-memory": training_memory, "junk-classify": classifying}
