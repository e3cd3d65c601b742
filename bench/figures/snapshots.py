"""A snapshot on the same file system against `cp -al` of the tree plus `cp` of its databases."""

from measure import Side
from sources import imported_mail

COPY = """cp -al "$1" "$2/copy" && cd "$1" && find . -name '*.db' | while read -r f; do
    rm "$2/copy/$f"; cp "$f" "$2/copy/$f"
done"""


def backup_link_live(bench, place):
    source = place.fresh("source")
    data = imported_mail(bench, source)
    backup = bench.program("mox-backup")
    ours = Side(lambda directory: [backup, "-q", "--data-dir", data, "--link-live", directory / "snapshot"])
    theirs = Side(lambda directory: ["sh", "-c", COPY, "sh", data, directory])
    bench.report_ratio(f"backup-link-live-{place.name}", bench.pair(place, ours, theirs), 1.5)
    place.done_with(source)


FIGURES = {"backup-link-live": backup_link_live}
