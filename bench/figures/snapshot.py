"""A snapshot of a directory with many messages against what cp needs to put the same files there, neither the manifest
nor the hashes nor the sync of a snapshot included."""

from measure import Side, execute


def make_source(bench, place):
    source = place.fresh("source") / "data"
    execute([bench.program("snapshot_bench"), "make", source, bench.messages])
    return source


def take(bench, source, *options):
    program = bench.program("snapshot_bench")
    return Side(lambda directory: [program, "take", source, directory / "snapshot", *options])


def link_live(bench, place):
    """On one file system, message files as links: cp -al of the tree and cp of its databases."""
    source = make_source(bench, place)
    script = 'cp -al "$0" "$1/tree" && mkdir "$1/databases" && find "$0" -name "*.db" -exec cp {} "$1/databases" \\;'
    cp = Side(lambda directory: ["sh", "-c", script, source, directory])
    bench.report_ratio(f"snapshot-link-live-{place.name}", bench.pair(place, take(bench, source, "link"), cp), 1.5)


def full_copy(bench, place):
    """A copy of everything to another file system. To the disk cp has to wait for it as well, as a snapshot does."""
    others = [other for other in bench.places if other is not place]
    if not others:
        return bench.say("  needs both places")
    source = make_source(bench, others[0])
    script = 'cp -a "$0" "$1/tree"' + (' && sync -f "$1"' if place.name == "disk" else "")
    cp = Side(lambda directory: ["sh", "-c", script, source, directory])
    bench.report_ratio(f"snapshot-copy-to-{place.name}", bench.pair(place, take(bench, source), cp), 1.1)


FIGURES = {"snapshot-link-live": link_live, "snapshot-copy": full_copy}
