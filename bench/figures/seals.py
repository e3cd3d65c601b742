"""What the seals of message and placement rows cost: so many of each inserted in one transaction, with the seals and
without, otherwise alike; and what part that is of the least that an import of as many messages does."""

from measure import Side


def insert(bench, kind):
    program = bench.program("seal_bench")
    return Side(lambda directory: [program, directory / "index.db", kind, bench.messages], prints_ms=True)


def seal_cost(bench, place):
    pair = bench.pair(place, insert(bench, "sealed"), insert(bench, "plain"))
    bench.report_ratio(f"seal-cost-insert-{place.name}", pair)
    bench.report(f"seal-cost-{place.name}", pair.difference * 1000, "ms", rows=bench.messages)


def seal_cost_share(bench, place):
    """Of the floor and the insert without seals, one after the other: an import that does its work on one core."""
    corpus = bench.corpus()
    floor = bench.program("floor_import")
    sealed = bench.pair(place, insert(bench, "sealed"), insert(bench, "plain"))
    files = bench.pair(place, Side(lambda directory: [floor, corpus, directory]), insert(bench, "plain"))
    least = files.ours + sealed.theirs
    bench.report(
        f"seal-cost-share-{place.name}", sealed.difference / least, "ratio", 0.03,
        seals_s=sealed.difference, floor_s=files.ours, insert_s=sealed.theirs,
    )


FIGURES = {"seal-cost": seal_cost, "seal-cost-share": seal_cost_share}
