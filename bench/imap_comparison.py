"""IMAP over sockets: ours against Dovecot, by the same client, in turns. Dovecot has a cache of contents, which its first
answers fill; `first` figures are against these, all others against what it answers from then on."""

from imap_servers import LOAD_CLIENTS, LOAD_USER, Dovecot, Mox, dovecot_is_there, status_bytes

RUNS = 5
LOAD_SECONDS = 5
MIB = 1 << 20

READING = {
    "select": "select",
    "flags": "FETCH 1:* (FLAGS)",
    "envelope": "FETCH 1:* (ENVELOPE)",
    "bodystructure": "FETCH 1:* (BODYSTRUCTURE)",
    "header-fields": "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM DATE)])",
    "bodies": "FETCH 1:* (BODY.PEEK[])",
    "single-flags": "single (FLAGS)",
    "single-envelopes": "single (ENVELOPE)",
    "single-bodies": "single (BODY.PEEK[])",
    "search-flag": "SEARCH FLAGGED",
    "search-keyword": "SEARCH KEYWORD bench",
    "search-no-keyword": "SEARCH KEYWORD unheard-of",
    "search-subject": "SEARCH SUBJECT meeting",
    "search-text": "SEARCH TEXT zebrafish",
}
WRITING = {
    "store": "STORE 1:* +FLAGS (\\Draft)",
    "store-back": "STORE 1:* -FLAGS (\\Draft)",
    "store-silent": "STORE 1:* +FLAGS.SILENT (\\Answered)",
    "copy": "COPY 1:* Copies",
    "append": "append 1000 Appended",
}
# What Dovecot has to parse messages for, and how many times as fast we are to be then.
FIRST = {"envelope": 20, "bodystructure": 5, "header-fields": 1, "search-subject": 1}


def read_all(server):
    return dict(zip(READING, server.client(*READING.values())))


def write_all(server):
    rows = server.client("CREATE Copies", "CREATE Appended", *WRITING.values(), "DELETE Appended", "DELETE Copies",
                         "STORE 1:* -FLAGS.SILENT (\\Answered)")
    return dict(zip(WRITING, rows[2:]))


def read_first(server):
    """Each as if it were the first since the import; then all once more, so that it remembers."""
    rows = {}
    for name in FIRST:
        server.forget()
        (rows[f"{name}-first"],) = server.client(READING[name])
    server.client(*(READING[name] for name in FIRST))
    return rows


def select_cold(server):
    server.client("select")  # Dovecot looks through a maildir that was changed since
    server.restart()
    return {"select-cold": server.client("select")[0]}


def append_durably(server):
    """As ours always is: an answer means that the message is found after a loss of power."""
    if server.name == "dovecot":
        server.configure("always")
        server.restart()
    row = server.client("CREATE Durable", "append 1000 Durable", "DELETE Durable")[1]
    if server.name == "dovecot":
        server.configure()
        server.restart()
    return {"append-durably": row}


def load(server):
    return {"load": server.client(f"load {LOAD_CLIENTS} {LOAD_SECONDS}", user=LOAD_USER, mailbox="INBOX")[0]}


class Comparison:
    def __init__(self, bench, place):
        self.bench, self.place = bench, place
        self.times = {}  # (name, server): milliseconds
        self.found = {}  # name: what the servers found or answered, to be the same

    def measure(self, server, parts):
        for part in parts:
            for name, (milliseconds, _, answers, found) in part(server).items():
                self.times.setdefault((name, server.name), []).append(milliseconds)
                self.bench.say(f"  {self.place.name} {server.name} {name} {milliseconds:.1f} ms")
                self.found.setdefault(name, {})[server.name] = found

    def report(self, name, limit=1.0, theirs=None):
        ours_ms, theirs_ms = min(self.times[name, "mox"]), min(self.times[theirs or name, "dovecot"])
        label = name if theirs is None else f"{name}-first"
        found = self.found[name]
        more = {"found": found["mox"], "found_theirs": found["dovecot"]} if any(found.values()) else {}
        if name == "load":
            more = {"ours_per_second": 1000 / ours_ms, "theirs_per_second": 1000 / theirs_ms}
        self.bench.report(f"imap-dovecot-{label}-{self.place.name}", ours_ms / theirs_ms, "ratio", limit, ours_ms=ours_ms,
                          theirs_ms=theirs_ms, runs=len(self.times[name, "mox"]), **more)


def measured_memory(bench, place, mox, at_start):
    now, peak = status_bytes(mox.process.pid, "VmRSS"), status_bytes(mox.process.pid, "VmHWM")
    bench.report(f"imap-memory-{place.name}", peak / MIB, "MiB", 64, at_start_mib=at_start / MIB, now_mib=now / MIB)


def run_all(bench, place, mox, dovecot):
    comparison = Comparison(bench, place)
    at_start = status_bytes(mox.process.pid, "VmRSS")
    one_in_a_hundred = ",".join(str(number) for number in range(7, bench.messages, 100))
    for server in (mox, dovecot):
        server.client(f"STORE {one_in_a_hundred} +FLAGS.SILENT (bench)")
    for number in range(min(bench.runs, RUNS)):
        servers = (mox, dovecot) if number % 2 == 0 else (dovecot, mox)
        comparison.measure(dovecot, [read_first])
        for server in servers:
            comparison.measure(server, [read_all])
        if number == 0:
            measured_memory(bench, place, mox, at_start)
        for server in servers:
            comparison.measure(server, [write_all])
        for server in servers:
            comparison.measure(server, [append_durably, load, select_cold])
    for name in (*READING, *WRITING, "append-durably", "select-cold", "load"):
        comparison.report(name)
    for name, times in FIRST.items():
        comparison.report(name, 1 / times, theirs=f"{name}-first")


def compare_with_dovecot(bench, place):
    if not dovecot_is_there(bench):
        return
    servers = []
    try:
        for kind in (Mox, Dovecot):
            servers.append(kind(bench, place.fresh(kind.name)))
            servers[-1].set_up()
        run_all(bench, place, *servers)
    finally:
        for server in servers:
            server.stop()
            place.done_with(server.directory)
