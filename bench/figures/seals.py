"""What the seals of message and placement rows cost: so many of each inserted in one transaction, with the seals and
without, otherwise alike; and what part that is of an import of as many messages: its final transaction computes them, while nothing else is done."""

from measure import Side
from sources import import_side


def insert(bench, kind):
    program = bench.program("seal_bench")
    return Side(lambda directory: [program, directory / "index.db", kind, bench.messages], prints_ms=True)


def seal_cost(bench, place):
    pair = bench.pair(place, insert(bench, "sealed"), insert(bench, "plain"))
    bench.report_ratio(f"seal-cost-insert-{place.name}", pair)
    bench.report(f"seal-cost-{place.name}", pair.difference * 1000, "ms", rows=bench.messages)


def seal_cost_share(bench, place):
    sealed = bench.pair(place, insert(bench, "sealed"), insert(bench, "plain"), runs=2 * bench.runs)
    whole = min(bench.run_side(place, import_side(bench, bench.corpus()), "import")[0] for _ in range(bench.runs))
    bench.report(
        f"seal-cost-share-{place.name}", sealed.difference / whole, "ratio", 0.03,
        seals_s=sealed.difference, insert_s=sealed.theirs, import_s=whole,
    )


FIGURES = {"seal-cost": seal_cost, "seal-cost-share": seal_cost_share}
