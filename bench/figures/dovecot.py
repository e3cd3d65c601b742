"""Import and export of real mail against doveadm (Debian packages dovecot-core and dovecot-imapd, where they are
installed), which takes the same mbox into an mdbox and writes the same mail as an mbox and as a maildir."""

import os
import shutil

from measure import Side, execute
from sources import imported_mail

RUNS = 3
USER = "nobody"  # doveadm refuses to work as root

CONFIGURATION = """base_dir = {home}/run
log_path = /dev/stderr
info_log_path = /dev/null
mail_location = {location}
mail_uid = {user}
mail_gid = nogroup
first_valid_uid = 0
first_valid_gid = 0
ssl = no
protocols = imap
"""


def reachable(directory):
    """The user may look into it: place directories are made for their owner alone."""
    for part in (directory, *directory.parents):
        if not part.stat().st_mode & 0o001:
            part.chmod(part.stat().st_mode | 0o011)


def home_of(directory, location):
    """directory/home with a configuration whose mail is at `location` in it."""
    home = directory / "home"
    (home / "run").mkdir(parents=True)
    (home / "dovecot.conf").write_text(CONFIGURATION.format(home=home, location=location.format(home=home), user=USER))
    if os.geteuid() == 0:
        reachable(directory)
        for path in (home, home / "run"):
            shutil.chown(path, USER, "nogroup")
    return home


def doveadm(home, *words):
    return ["env", f"HOME={home}", f"USER={USER}", "doveadm", "-c", home / "dovecot.conf", *words]


def their_import(corpus):
    def prepare(directory):
        home_of(directory, "mdbox:{home}/mdbox")
        (directory / "source").mkdir()
        (directory / "source" / "Bench").symlink_to(corpus.resolve())

    return Side(
        lambda directory: doveadm(directory / "home", "import", f"mbox:{directory / 'source'}:INDEX=MEMORY", "", "all"),
        prepare=prepare,
    )


def our_import(bench, corpus, options=(), mailbox="Bench"):
    def prepare(directory):
        execute([bench.program("mox-gentestdata"), "-q", directory / "data"])

    return Side(
        lambda directory: [bench.program("mox-import"), "-q", "--data-dir", directory / "data", "mbox", "test0", mailbox, corpus],
        prepare=prepare,
    )


def installed(bench):
    if shutil.which("doveadm"):
        return True
    bench.say("  doveadm is not installed")
    return False


def dovecot_import(bench, place):
    if not installed(bench):
        return
    corpus, runs = bench.corpus(), min(bench.runs, RUNS)
    theirs = their_import(corpus)
    pair = bench.pair(place, our_import(bench, corpus), theirs, runs)
    bench.report_ratio(f"import-dovecot-{place.name}", pair, 1.0)
    # In the mailbox for junk everything is trained.
    trained = our_import(bench, corpus, mailbox="Junk")
    add_filter = trained.prepare

    def prepare(directory):
        add_filter(directory)
        execute([bench.program("mox-retrain"), "-q", "--data-dir", directory / "data", "test0"])

    trained.prepare = prepare
    bench.report_ratio(f"import-trained-dovecot-{place.name}", bench.pair(place, trained, theirs, runs), 1.5)


def dovecot_export(bench, place):
    """The same mail, which doveadm has in an mdbox; it imports it from there into what it writes."""
    if not installed(bench):
        return
    source = place.fresh("source")
    data = imported_mail(bench, source)
    side = their_import(bench.corpus())
    side.prepare(source)
    execute(side.command(source))
    mdbox = f"mdbox:{source / 'home' / 'mdbox'}"
    for format, location in (("mbox", "mbox:{home}/mail:INDEX=MEMORY"), ("maildir", "maildir:{home}/mail")):
        theirs = Side(
            lambda directory: doveadm(directory / "home", "import", mdbox, "", "all"),
            prepare=lambda directory, location=location: home_of(directory, location),
        )
        ours = Side(
            lambda directory, format=format: [
                bench.program("mox-export"), "-q", "--data-dir", data, format, "test0", "Bench", directory / "out"
            ]
        )
        bench.report_ratio(f"export-{format}-dovecot-{place.name}", bench.pair(place, ours, theirs, min(bench.runs, RUNS)), 1.0)
    place.done_with(source)


FIGURES = {"import-dovecot": dovecot_import, "export-dovecot": dovecot_export}
