"""What IMAP answers from a mailbox of real messages, in milliseconds, without sockets. `reference_ms`: Dovecot,
where it was measured, on 50,000 messages, sockets included."""

from measure import execute
from sources import imported_mail

OPERATIONS = {
    "select": ("select", 8),
    "flags": ("fetch (FLAGS)", None),
    "envelope": ("fetch (ENVELOPE)", 8000),
    "bodystructure": ("fetch (BODYSTRUCTURE)", None),
    "header-fields": ("fetch (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM DATE)])", None),
    "bodies": ("fetch (BODY.PEEK[])", None),
    "single-flags": ("single (FLAGS)", None),
    "single-bodies": ("single (BODY.PEEK[])", None),
    "search-flag": ("search FLAGGED", None),
    "search-keyword": ("search KEYWORD unheard-of", None),
    "search-subject": ("search SUBJECT meeting", None),
    "search-text": ("search TEXT zebrafish", 4500),
    "sort-date": ("sort (DATE)", None),
    "thread": ("thread", None),
}


def imap_operations(bench, place):
    source = place.fresh("source")
    data = imported_mail(bench, source)
    command = [bench.program("imap_bench"), data, "test0", "Bench", *(text for text, _ in OPERATIONS.values())]
    times = {name: [] for name in OPERATIONS}
    for _ in range(bench.runs):
        for name, line in zip(OPERATIONS, execute(command).output.splitlines()):
            times[name].append(float(line.split()[0]))
    for name, (_, reference) in OPERATIONS.items():
        more = {} if reference is None else {"reference_ms": reference}
        bench.report(f"imap-{name}-{place.name}", min(times[name]), "ms", **more)
    place.done_with(source)


FIGURES = {"imap": imap_operations}
