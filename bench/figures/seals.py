"""What the seals of message and placement rows cost: 50,000 of each inserted in one transaction, with the seals and
without, and beside them the least that an import of as many messages does."""

from measure import Side

ROWS = 50_000


def seal_cost(bench, place):
    program = bench.program("seal_bench")
    pair = bench.pair(
        place,
        Side(lambda directory: [program, directory / "index.db", "sealed", ROWS], prints_ms=True),
        Side(lambda directory: [program, directory / "index.db", "plain", ROWS], prints_ms=True),
    )
    bench.report_ratio(f"seal-cost-insert-{place.name}", pair)
    bench.report(f"seal-cost-{place.name}", pair.difference * 1000, "ms", rows=ROWS)


FIGURES = {"seal-cost": seal_cost}
