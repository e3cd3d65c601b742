"""What IMAP answers from a mailbox of real messages: in milliseconds, without sockets, and over sockets in comparison
(imap_comparison.py)."""

from imap_comparison import compare_with_dovecot
from measure import execute
from sources import imported_mail

OPERATIONS = {
    "select": "select",
    "flags": "fetch (FLAGS)",
    "envelope": "fetch (ENVELOPE)",
    "bodystructure": "fetch (BODYSTRUCTURE)",
    "header-fields": "fetch (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM DATE)])",
    "bodies": "fetch (BODY.PEEK[])",
    "single-flags": "single (FLAGS)",
    "single-bodies": "single (BODY.PEEK[])",
    "search-flag": "search FLAGGED",
    "search-keyword": "search KEYWORD todo",
    "search-subject": "search SUBJECT meeting",
    "search-text": "search TEXT zebrafish",
    "sort-date": "sort (DATE)",
    "thread": "thread",
}


def imap_operations(bench, place):
    source = place.fresh("source")
    data = imported_mail(bench, source)
    command = [bench.program("imap_bench"), data, "test0", "Bench", *OPERATIONS.values()]
    times = {name: [] for name in OPERATIONS}
    for _ in range(bench.runs):
        for name, line in zip(OPERATIONS, execute(command).output.splitlines()):
            times[name].append(float(line.split()[0]))
    for name in OPERATIONS:
        bench.report(f"imap-{name}-{place.name}", min(times[name]), "ms")
    place.done_with(source)


def imap(bench, place):
    imap_operations(bench, place)
    compare_with_dovecot(bench, place)


FIGURES = {"imap": imap}
